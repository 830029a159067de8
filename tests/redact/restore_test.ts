/** Tokens on their way back, and the ways to make them say more than they do. */
import assert from "node:assert/strict";
import { InputError, PolicyError } from "../../lib/errors.ts";
import { exposedPath } from "../../lib/redact/writes/exposure.ts";
import { hideKnown } from "../../lib/redact/writes/known_values.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { hiddenStrings } from "../../lib/redact/writes/live.ts";
import {
  holdsEncodedTokens,
  holdsTokens,
  restore,
  restoreJsonPatch,
} from "../../lib/redact/writes/restore.ts";
import { parseExact, stringifyExact } from "../../lib/std/json/exact.ts";
import { writtenByJsonPatch } from "../../lib/redact/writes/json_patch_words.ts";
import { writtenBy } from "../../lib/redact/writes/own_words.ts";

const redactor = createRedactor();
const objects = { of: "test", form: "one" } as const;

const POD = {
  kind: "Pod",
  metadata: { name: "web", annotations: { note: "call https://u:hunter2@host/ then" } },
  spec: {
    containers: [
      {
        name: "a",
        args: ["--password", "hunter2"],
        env: [{ name: "DB_PASSWORD", value: "hunter2" }, { name: "LEVEL", value: "info" }],
      },
      { name: "b", env: [{ name: "API_TOKEN", value: "tok-1" }] },
    ],
  },
};

// deno-lint-ignore no-explicit-any -- changed at will below
type Changeable = any;

function live(raw: unknown = POD) {
  return { raw, shown: redactor.value(raw, { secrets: false, objects }) };
}

function changed(change: (pod: Changeable) => void): unknown {
  const shown = structuredClone(live().shown);
  change(shown);
  return shown;
}

Deno.test("restore() gives each field its own value back", () => {
  assert.deepEqual(restore(live().shown, live()), POD);
  const body = changed((pod) => {
    pod.spec.containers.reverse();
    pod.spec.containers[1].env.reverse();
    pod.metadata.labels = { app: "web" };
  }) as Changeable;
  const restored = restore(body, live()) as Changeable;
  assert.equal(restored.spec.containers[1].env[1].value, "hunter2");
  assert.equal(restored.spec.containers[0].env[0].value, "tok-1");
  assert.equal(restored.metadata.annotations.note, POD.metadata.annotations.note);
});

Deno.test("restore() refuses a token anywhere else, naming the place", () => {
  const token = (live().shown as Changeable).spec.containers[0].env[0].value as string;
  assert.match(token, /^\[redacted:/);
  const wrong: Record<string, (pod: Changeable) => void> = {
    "metadata.annotations.copy": (pod) => pod.metadata.annotations.copy = token,
    "metadata.labels.x": (pod) => pod.metadata.labels = { x: token },
    "env[name=LEVEL].value": (pod) => pod.spec.containers[0].env[1].value = token,
    "env[name=HARMLESS].value": (pod) => pod.spec.containers[0].env[0].name = "HARMLESS",
    "containers[name=c]": (pod) => pod.spec.containers[0].name = "c",
    "env[name=API_TOKEN].value": (pod) => pod.spec.containers[1].env[0].value = token,
    "args[0]": (pod) => pod.spec.containers[0].args = [token],
    "args[2]": (pod) => pod.spec.containers[0].args.push(token),
    "env[name=DB_PASSWORD].value": (pod) => pod.spec.containers[0].env[0].value = `x${token}`,
    "annotations.note": (pod) => pod.metadata.annotations.note += "!",
  };
  for (const [path, change] of Object.entries(wrong)) {
    assert.throws(
      () => restore(changed(change), live()),
      (error) => error instanceof PolicyError && error.message.includes(path),
      path,
    );
  }
  assert.throws(() => restore({ x: "[redacted:000000000000]" }, live()), PolicyError);
  assert.throws(() => restore({ [token]: 1 }, live()), PolicyError);
  assert.throws(() => restore(live().shown, undefined), PolicyError);
});

Deno.test("restoreJsonPatch() neither moves, copies nor asks for what is hidden", () => {
  const value = "/spec/containers/0/env/0/value";
  const token = (live().shown as Changeable).spec.containers[0].env[0].value as string;
  for (
    const operation of [
      { op: "copy", from: value, path: "/metadata/annotations/x" },
      { op: "move", from: value, path: "/metadata/annotations/x" },
      { op: "copy", from: "/spec/containers/0", path: "/spec/containers/-" },
      { op: "copy", from: "/spec", path: "/x" },
      { op: "copy", from: "", path: "/x" },
      { op: "copy", from: "/spec/containers/+0/env", path: "/x" },
      { op: "copy", from: "/spec/containers/00/env", path: "/x" },
      { op: "test", path: value, value: "hunter2" },
      { op: "test", path: "/spec/containers/0/env/0", value: { name: "DB_PASSWORD", value: "x" } },
      { op: "add", path: "/metadata/annotations/x", value: token },
      { op: "replace", path: "/spec/containers/1/env/0/value", value: token },
      { op: "add", path: `/metadata/annotations/${token}`, value: "x" },
    ]
  ) {
    assert.throws(
      () => restoreJsonPatch([operation], live()),
      PolicyError,
      JSON.stringify(operation),
    );
  }
  assert.deepEqual(
    restoreJsonPatch([
      { op: "test", path: value, value: token },
      { op: "replace", path: value, value: token },
      { op: "copy", from: "/metadata/name", path: "/metadata/annotations/x" },
    ], live()),
    [
      { op: "test", path: value, value: "hunter2" },
      { op: "replace", path: value, value: "hunter2" },
      { op: "copy", from: "/metadata/name", path: "/metadata/annotations/x" },
    ],
  );
});

Deno.test("exposedPath() finds a value that would lose what says that it is secret", () => {
  const expose = (change: (pod: Changeable) => void, body: unknown) => {
    const after = structuredClone(POD);
    change(after);
    return exposedPath(live(), redactor.value(after, { secrets: false, objects }), writtenBy(body));
  };
  assert.equal(
    expose((pod) => pod.spec.containers[0].env[0].name = "HARMLESS", {}),
    "spec.containers.0.env.0.value",
  );
  assert.equal(
    expose((pod) => pod.spec.containers[0].args[0] = "--x", {}),
    "spec.containers.0.args.1",
  );
  assert.equal(
    expose((pod) => pod.spec.containers[0].args.shift(), {}),
    "spec.containers.0.args.0",
  );
  // A guess that is written elsewhere is none of the object's own words there.
  assert.equal(
    expose((pod) => pod.spec.containers[0].env[0].name = "HARMLESS", {
      metadata: { annotations: { guess: "hunter2" } },
    }),
    "spec.containers.0.env.0.value",
  );
  assert.equal(
    expose((pod) => pod.metadata.labels = { note: "hunter2" }, {
      metadata: { labels: { note: "hunter2" } },
    }),
    undefined,
  );
  assert.equal(expose((pod) => pod.metadata.labels = { app: "web" }, {}), undefined);
  assert.equal(
    expose((pod) => pod.spec.containers[0].env[0].value = "new", {}),
    undefined,
  );
});

Deno.test("writtenByJsonPatch() knows what is left where it was written", () => {
  const raw = { spec: { env: [{ name: "A", value: "1" }, { name: "B", value: "2" }] } };
  const left = (patch: unknown, byIndex: string, text: string) =>
    writtenByJsonPatch(patch, raw)({ byIndex, byName: "" }, text);
  const add = { op: "add", path: "/spec/env/0", value: { name: "C", value: "guess" } };
  assert.ok(left([add], "/spec/env/0/value", "guess"));
  assert.ok(!left([add], "/spec/env/0/value", "1"));
  assert.ok(!left([add, { op: "remove", path: "/spec/env/0" }], "/spec/env/0/value", "guess"));
  assert.ok(!left([add, { ...add, path: "/spec/env/0" }], "/spec/env/1/value", "guess"));
  assert.ok(left([{ ...add, path: "/spec/env/-" }], "/spec/env/2/value", "guess"));
  assert.ok(
    left(
      [{ ...add, path: "/spec/env/-" }, { ...add, path: "/spec/env/-" }],
      "/spec/env/3/value",
      "guess",
    ),
  );
  const note = { op: "add", path: "/metadata", value: { annotations: { note: "guess" } } };
  assert.ok(left([note], "/metadata/annotations/note", "guess"));
  assert.ok(
    !left(
      [note, { op: "remove", path: "/metadata/annotations" }],
      "/metadata/annotations/note",
      "guess",
    ),
  );
  assert.ok(
    !left(
      [note, { op: "move", from: "/metadata", path: "/spec/x" }],
      "/metadata/annotations/note",
      "guess",
    ),
  );
});

Deno.test("writtenByJsonPatch() reads a pointer as the API server does, which skips what leads it", () => {
  const made = { op: "add", path: "/data", value: { a: "x" } };
  const isLeft = (patch: object[]) =>
    writtenByJsonPatch(patch, { data: {} })({ byIndex: "/data/a", byName: "" }, "x");
  assert.equal(isLeft([made]), true);
  assert.equal(isLeft([made, { op: "remove", path: "y/data" }]), false);
  assert.equal(isLeft([made, { op: "move", from: "y/data/a", path: "/b" }]), false);
});

Deno.test("holdsTokens() refuses a body that is nested too deep to be looked through", () => {
  const nested = (depth: number) =>
    JSON.parse(`${'{"a":'.repeat(depth)}"[redacted:0123456789ab]"${"}".repeat(depth)}`);
  assert.equal(holdsTokens(nested(400)), true);
  assert.throws(() => holdsTokens(nested(20_000)), InputError);
  assert.throws(() => holdsTokens([[nested(20_000)]]), /nested more than 500 levels deep/);
});

Deno.test("a JSON patch tests nothing that an earlier operation has moved, nor by a strange index", () => {
  const test = { op: "test", path: "/spec/containers/0/env/0/value", value: "hunter2" };
  for (
    const patch of [
      [{ op: "remove", path: "/spec/containers/0/args/0" }, test],
      [{ op: "add", path: "/metadata/annotations", value: {} }, {
        ...test,
        path: "/metadata/name",
      }],
      [{ ...test, path: "/spec/containers/-1/env/0/value" }],
      [{ ...test, path: "/spec/containers/00/env/0/value" }],
    ]
  ) assert.throws(() => restoreJsonPatch(patch, live()), PolicyError, JSON.stringify(patch));
});

Deno.test("holdsEncodedTokens() finds a token in base64, wherever it begins", () => {
  for (const before of ["", "a", "ab", "abc"]) {
    assert.ok(holdsEncodedTokens(JSON.stringify({ a: btoa(`${before}[redacted:0123456789ab]x`) })));
  }
  assert.ok(!holdsEncodedTokens(JSON.stringify({ a: btoa("redacted: nothing") })));
});

Deno.test("hideKnown() takes an object's values out of the words of the API server", () => {
  const hidden = hiddenStrings(live());
  const text = hideKnown('Invalid value: "hunter2": aHVudGVyMg== is wrong; "tok-1"', hidden);
  assert.doesNotMatch(text, /hunter2|aHVudGVyMg==|tok-1/);
  assert.match(text, /^Invalid value: "\[redacted:/);
});

Deno.test("hideKnown() leaves out a text that quotes a value, however often it is quoted", () => {
  const secret = 'it\'s <Sesame> & "open"\n4711';
  const hidden = new Map([[secret, "[redacted:0123456789ab]"]]);
  const go = (text: string) =>
    JSON.stringify(text).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")
      .replaceAll("&", "\\u0026");
  const bytes = [...new TextEncoder().encode(secret)];
  const forms = [
    secret,
    go(secret),
    go(go(secret)),
    go(JSON.stringify({ data: secret })),
    `'${secret.replaceAll("'", "''")}'`,
    `'${secret.replaceAll("'", "'\\''")}'`,
    go(go(go(secret))),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll("%20", "+"),
    secret.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll('"', "&#34;"),
    bytes.join(" "),
    bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  ];
  for (const form of forms) {
    const said = hideKnown(`patch: Invalid value: ${form}: no`, hidden);
    assert.ok(!/Sesame|4711|53 ?6573|83 101/.test(said), said);
  }
  assert.equal(
    hideKnown("3 4 5 6 7 8 9, 5%, a+b, abcdef012345", hidden),
    "3 4 5 6 7 8 9, 5%, a+b, abcdef012345",
  );
  assert.equal(hideKnown("nothing of \\n it", hidden), "nothing of \\n it");
});

Deno.test("restore() gives integers beyond 2^53 back by their digits, hidden ones and those beside", () => {
  const text = '{"kind":"X","spec":{"password":12345678901234567,"serial":9007199254740993,' +
    '"note":"{\\"password\\":\\"hunter2\\",\\"id\\":9007199254740993}"}}';
  const raw = parseExact(text);
  const shown = redactor.value(raw, { secrets: false, objects });
  const written = stringifyExact(shown);
  assert.doesNotMatch(written, /12345678901234567|hunter2/);
  assert.match(written, /"serial":9007199254740993,/);
  assert.match(written, /id\\":9007199254740993/);
  const passed = redactor.json(new TextEncoder().encode(text), { secrets: false, objects });
  assert.equal(new TextDecoder().decode(passed), written);
  assert.equal(stringifyExact(restore(shown, { raw, shown })), text);
});

Deno.test("what is hidden of a text is all that stood there, however its end goes on", () => {
  const token = "[redacted:0123456789ab]";
  const hidden = (raw: string, shown: string) => [...hiddenStrings({ raw, shown }).keys()];
  assert.deepEqual(hidden("one\ntwo\nthree\n", `${token}\n`), ["one\ntwo\nthree"]);
  assert.deepEqual(hidden("a: x, b: y, c", `a: ${token}, c`), ["x, b: y"]);
  assert.deepEqual(hidden("a: x\nb: y\nc\n", `a: ${token}\nb: ${token}\n`), ["x", "y\nc"]);
  assert.deepEqual(hidden("x", token), ["x"]);
});

Deno.test("tokens in what kubectl has applied stand for the object's own fields", () => {
  const LAST = "kubectl.kubernetes.io/last-applied-configuration";
  const raw = {
    kind: "Secret",
    metadata: { name: "db", annotations: {} },
    data: { password: btoa("kestrel-harbour-42") },
  };
  const live = { raw, shown: redactor.value(raw, { secrets: true, objects }) };
  const shown = live.shown as typeof raw;
  const applied = JSON.stringify({ kind: "Secret", data: shown.data });
  const body = { metadata: { annotations: { [LAST]: applied } }, data: shown.data };
  assert.deepEqual(restore(body, live), {
    metadata: { annotations: { [LAST]: JSON.stringify({ kind: "Secret", data: raw.data }) } },
    data: raw.data,
  });
  const refused = [
    // Another field than the one that it was read from, another annotation, no JSON.
    {
      metadata: {
        annotations: { [LAST]: JSON.stringify({ data: { other: shown.data.password } }) },
      },
    },
    { metadata: { annotations: { note: applied } } },
    { metadata: { annotations: { [LAST]: `x ${shown.data.password}` } } },
    { data: { [`metadata.annotations.${LAST}`]: applied } },
  ];
  for (const one of refused) assert.throws(() => restore(one, live), PolicyError);
});
