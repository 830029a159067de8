/** The web's globals that the realm has of its own: they say what the runtime's say. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { structuredClone as ownClone } from "../../lib/eval/realm/web/structured_clone.ts";
import {
  TextDecoder as OwnDecoder,
  TextEncoder as OwnEncoder,
} from "../../lib/eval/realm/web/text_encoding.ts";
import { URL as OwnUrl } from "../../lib/eval/realm/web/url.ts";
import { URLSearchParams as OwnParams } from "../../lib/eval/realm/web/url_search_params.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { testEvaluator } from "../support/evaluator.ts";

const PARTS = [
  ...["href", "origin", "protocol", "username", "password", "host", "hostname", "port"],
  ...["pathname", "search", "hash"],
] as const;

type UrlClass = new (url: string, base?: string) => Record<(typeof PARTS)[number], string>;

function partsOf(Class: unknown, url: string, base?: string): string[] | string {
  try {
    const made = new (Class as UrlClass)(url, base);
    return PARTS.map((part) => made[part]);
  } catch (error) {
    return (error as Error).name;
  }
}

Deno.test("URL takes apart what the runtime's takes apart, in the same way", () => {
  const piece = fc.constantFrom(
    ...["http:", "https:", "HTTP:", "ws:", "mailto:", "k8s:", "git+ssh:", "/", "//", "..", "."],
    ...["%2e", "a", "b c", "%41", "%zz", "?", "??", "#", "@", ":", "user", "EXAMPLE.com", "x.y"],
    ...["10.0.0.1", "0x7f.1", "1.2.3", "256.1.1.1", "[::1]", "[2001:db8::0:1]", "[1::2::3]"],
    ...["[::ffff:1.2.3.4]", ":443", ":80", ":65536", ":8080", "&", "=", "+", "'", '"', "<", "`"],
    ...["{", "|", "~", "!", "$", ",", "\t", "localhost"],
  );
  // Where the runtime is behind the specification: hosts of dots, three slashes behind a base.
  const isOdd = (url: string) =>
    /^[^:]*:?\/*[.\t]*\.\.|^[\t]*\/[\t]*\/[\t]*\/| #|^\S*:\S* $/.test(url);
  const url = fc.array(piece, { minLength: 1, maxLength: 7 }).map((all) => all.join(""))
    .filter((url) => !isOdd(url));
  const base = fc.constantFrom(undefined, "http://base.example/dir/page?q#f", "k8s://h/x/y");
  fc.assert(
    fc.property(url, base, (url, base) => {
      assert.deepEqual(partsOf(OwnUrl, url, base), partsOf(URL, url, base));
    }),
    { numRuns: 3000, seed: 7 },
  );
  for (
    const url of [
      ...[
        "https://u:p@h:443/a/../b?x=1#y",
        "file:///etc/x",
        "data:text/plain,hi there",
        "http://[::1",
      ],
      ...["http://1.2.3.4.5/", "https://exa mple/", "//x", "", "http://a\\b/c", "HTTP://A.B:80?"],
    ]
  ) assert.deepEqual(partsOf(OwnUrl, url), partsOf(URL, url), url);
});

Deno.test("URL's parts can be set, and its parameters are its query", () => {
  const changed = (Class: typeof URL) => {
    const url = new Class("https://api.example:6443/apis?watch=1#top");
    url.searchParams.append("labelSelector", "app in (a, b)");
    const steps = [url.href];
    const { searchParams } = url;
    Object.assign(url, { port: "443", pathname: "/x y?z", hash: "#é", username: "me:" });
    steps.push(url.href);
    url.search = "?a=1&b=2&a=3";
    steps.push(searchParams.getAll("a").join(), `${searchParams.size}`);
    Object.assign(url, { protocol: "http", hostname: "h", host: "h2:81", search: "" });
    steps.push(url.href, `${searchParams}`, JSON.stringify({ url }));
    Object.assign(url, { port: "x", host: "a b", protocol: "mailto" });
    return [...steps, url.href, Class.canParse("nope"), Class.canParse("b", "http://a")];
  };
  assert.deepEqual(changed(OwnUrl as unknown as typeof URL), changed(URL));
});

Deno.test("URLSearchParams reads and writes as the runtime's", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "=",
    "&",
    "+",
    "%20",
    "%zz",
    "é",
    " ",
    "?",
    "*",
    "😀",
    "%F0%9F",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const [own, theirs] = [new OwnParams(pieces.join("")), new URLSearchParams(pieces.join(""))];
      assert.deepEqual([`${own}`, [...own]], [`${theirs}`, [...theirs]]);
    }),
    { numRuns: 2000, seed: 7 },
  );
  const used = (Class: typeof URLSearchParams) => {
    const params = new Class([["b", "1"], ["a", "2"], ["b", "3"]]);
    params.set("b", "4");
    params.append("c", "5 ~");
    params.delete("a");
    params.sort();
    const all: string[] = [];
    params.forEach((value, name) => all.push(`${name}:${value}`));
    return [
      `${params}`,
      params.get("x"),
      params.has("c"),
      [...params.keys()],
      all,
      `${new Class({ a: "1" })}`,
    ];
  };
  assert.deepEqual(used(OwnParams as unknown as typeof URLSearchParams), used(URLSearchParams));
});

Deno.test("TextEncoder and TextDecoder make of bytes and text what the runtime's make of them", () => {
  const odd = fc.constantFrom(
    ...[0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xc3, 0xa9, 0x41, 0xef, 0xbb, 0xbf],
    ...[0xf4, 0x90, 0xe0],
  );
  const bytes = fc.array(fc.oneof(odd, fc.nat(255)), { maxLength: 12 }).map((all) =>
    new Uint8Array(all)
  );
  type Decoder = typeof TextDecoder;
  const decoded = (Class: Decoder, bytes: Uint8Array<ArrayBuffer>, options: TextDecoderOptions) => {
    try {
      return new Class("utf-8", options).decode(bytes);
    } catch (error) {
      return (error as Error).name;
    }
  };
  const inPieces = (Class: Decoder, bytes: Uint8Array<ArrayBuffer>) => {
    const decoder = new Class();
    let text = "";
    for (let at = 0; at < bytes.length; at += 2) {
      text += decoder.decode(bytes.subarray(at, at + 2), { stream: true });
    }
    return text + decoder.decode();
  };
  const Own = OwnDecoder as unknown as Decoder;
  fc.assert(
    fc.property(bytes, (bytes) => {
      for (const options of [{}, { ignoreBOM: true }, { fatal: true }]) {
        assert.equal(decoded(Own, bytes, options), decoded(TextDecoder, bytes, options));
      }
      assert.equal(inPieces(Own, bytes), inPieces(TextDecoder, bytes));
    }),
    { numRuns: 3000, seed: 7 },
  );
  const text = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(fc.oneof(text, fc.constantFrom("\ud800", "a\udc00b")), (text) => {
      assert.deepEqual([...new OwnEncoder().encode(text)], [...new TextEncoder().encode(text)]);
      const [own, theirs] = [new Uint8Array(5), new Uint8Array(5)];
      const results = [
        new OwnEncoder().encodeInto(text, own),
        new TextEncoder().encodeInto(text, theirs),
      ];
      assert.deepEqual(results[0], results[1]);
      assert.deepEqual(own, theirs);
    }),
    { numRuns: 2000, seed: 7 },
  );
  const long = "aé😀".repeat(5000);
  assert.equal(new OwnDecoder().decode(new OwnEncoder().encode(long)), long);
});

Deno.test("structuredClone copies what the runtime's copies", () => {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
  const value: Record<string, unknown> = {
    list: [1, , "x", null, undefined, 10n, NaN],
    date: new Date(5),
    map: new Map<unknown, unknown>([["a", { b: 1 }], [{}, new Set([1])]]),
    buffer,
    views: [new Uint8Array(buffer, 2, 3), new Float64Array(buffer), new DataView(buffer, 1)],
    error: new RangeError("no", { cause: { a: 1 } }),
    expression: /x/gi,
    boxed: [Object("s"), Object(1), Object(false)],
    made: new (class Own {
      field = 1;
      method() {}
    })(),
    ["__proto__"]: { polluted: true },
  };
  value.self = value;
  const copy = ownClone(value) as typeof value;
  assert.deepEqual(copy, structuredClone(value));
  assert.notEqual(copy.list, value.list);
  assert.equal(copy.self, copy);
  assert.equal((copy.views as Uint8Array[])[0]!.buffer, copy.buffer);
  assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
  for (
    const none of [() => {}, Symbol("x"), Promise.resolve(1), new WeakMap(), { a: [() => {}] }]
  ) {
    assert.throws(() => ownClone(none), { name: "DataCloneError" });
  }
});

Deno.test("web globals: they are there in a script, and work together", async () => {
  await using evaluator = testEvaluator(CONFIG_MAPS);
  const cases: [string, unknown][] = [
    [
      `/^[\\da-f]{8}-[\\da-f]{4}-4[\\da-f]{3}-[89ab][\\da-f]{3}-[\\da-f]{12}$/.test(crypto.randomUUID())`,
      true,
    ],
    [`new Set(Array.from({length: 50}, () => crypto.randomUUID())).size`, 50],
    [`const a = crypto.getRandomValues(new Uint16Array(64)); [a.length, new Set(a).size > 32]`, [
      64,
      true,
    ]],
    [
      `try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { e.name }`,
      "QuotaExceededError",
    ],
    [`new TextDecoder().decode(new TextEncoder().encode("hé😀"))`, "hé😀"],
    [`new TextDecoder().decode([104, 105])`, "hi"],
    [`new URL("/api?x=1", "https://h:6443").href`, "https://h:6443/api?x=1"],
    [`structuredClone(k8s.coreV1().configMaps("shop").list()).items.length`, 2],
    [
      `const c = new AbortController(), seen = [];
c.signal.addEventListener("abort", e => seen.push(e.type, e.target === c.signal), {once: true});
c.signal.onabort = () => seen.push("on"); c.abort("why"); c.abort("again");
[seen, c.signal.reason, AbortSignal.any([c.signal]).aborted, AbortSignal.abort().reason.name]`,
      [
        ["on", "abort", true],
        "why",
        true,
        "AbortError",
      ],
    ],
    [
      `await new Promise(done => AbortSignal.timeout(1).addEventListener("abort", done)); 1`,
      1,
    ],
    [
      `[URL.name, String(new URL("http://x")), Object.prototype.toString.call(new AbortController().signal)]`,
      [
        "URL",
        "http://x/",
        "[object AbortSignal]",
      ],
    ],
    [
      `const URL = 1; function crypto() { return 2 } globalThis.TextEncoder = 3; [URL, crypto(), TextEncoder]`,
      [1, 2, 3],
    ],
    [
      `class Api extends URL { get group() { return this.pathname.split("/")[2] } }
new Api("https://h/apis/apps/v1").group`,
      "apps",
    ],
    [`new Intl.NumberFormat("de").format(1234.5)`, "1.234,5"],
  ];
  for (const [script, wanted] of cases) {
    assert.deepEqual(await evaluator.value(script), wanted, script);
  }
});
