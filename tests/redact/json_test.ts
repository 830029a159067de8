/** The one pass over text against the plain walk over values: they must say the same. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { parseStandard } from "../../lib/std/json/keys.ts";

const redactor = createRedactor(new Uint8Array(32));
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const objects = { of: "test", form: "one" } as const;

const pass = (text: string, secrets = false) =>
  decoder.decode(redactor.json(encoder.encode(text), { secrets, objects }));

const SECRETS = [
  "hunter2",
  "correct horse battery",
  "Zm9vYmFyYmF6cXV4cXV1eA==",
  'a"quote\\slash',
  "pässwörd\u{1F511}",
  "12345678",
  "q7XbZ2mPw9LrT4vKs8YdN3cF",
];
const KEYS = [
  "kind",
  "data",
  "stringData",
  "name",
  "key",
  "value",
  "env",
  "args",
  "command",
  "password",
  "apiToken",
  "secretName",
  "annotations",
  "metadata",
  "items",
  "auth",
  "tokens",
  "plain",
  "ümlaut",
  "__proto__",
  "spec.password",
];
const VALUES = [
  "Secret",
  "ConfigMap",
  "DB_PASSWORD",
  "TOKEN_TTL",
  "--password",
  "-p",
  "mysql",
  "true",
  "",
  "info",
  "2026-01-02T10:00:00Z",
  "registry.example.com/shop/web:1.0.0",
  "http://user:hunter2@host/",
  "export API_KEY=abcd1234",
  "naïve ☃ text",
  'tab\tand "quotes"',
  '{"kind":"Secret","data":{"a":"c2hvcA=="}}',
  '[{"name":"DB_PASSWORD","value":"x1y2"}]',
  "{broken: json}",
];

/** A document: half of its values are of its leaves. */
const { document: DOCUMENT } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 5, depthSize: "max" },
    { arbitrary: fc.nat(100_000), weight: 1 },
    { arbitrary: fc.constantFrom(true, false, null), weight: 1 },
    { arbitrary: fc.constantFrom(...SECRETS), weight: 3 },
    { arbitrary: fc.constantFrom(...VALUES), weight: 5 },
    { arbitrary: fc.array(tie("document"), { maxLength: 4 }), weight: 3 },
    {
      arbitrary: fc.array(fc.tuple(fc.constantFrom(...KEYS), tie("document")), {
        minLength: 1,
        maxLength: 5,
      }).map(Object.fromEntries),
      weight: 7,
    },
  ),
}));

/** Numbers from 0 up to 1, one after the other. */
const NUMBERS = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

/** JSON with escapes and white space that nobody would write. */
function strange(value: unknown, next: () => number): string {
  const space = () => next() < 0.2 ? " \n\t".slice(0, 1 + Math.floor(next() * 3)) : "";
  const text = (given: string) =>
    `"${
      Array.from(JSON.stringify(given).slice(1, -1).matchAll(/\\u....|\\.|[\s\S]/gu), ([one]) =>
        one.length === 1 && next() < 0.1
          ? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`
          : one).join("")
    }"`;
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    return `[${space()}${value.map((one) => strange(one, next)).join(`${space()},${space()}`)}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${space()}${
    Object.entries(value).map(([key, one]) =>
      `${text(key)}${space()}:${space()}${strange(one, next)}`
    ).join(`,${space()}`)
  }${space()}}`;
}

Deno.test("redactJson() says what the walk over parsed values says, however the text is written", () => {
  let hidden = 0;
  fc.assert(
    fc.property(DOCUMENT, fc.boolean(), NUMBERS, (document, secrets, numbers) => {
      const value = parseStandard(JSON.stringify(document)) as unknown;
      const expected = redactor.value(value, { secrets, objects });
      if (expected !== value) hidden += 1;
      const next = () => numbers.next().value as number;
      for (const text of [JSON.stringify(value), strange(value, next)]) {
        assert.deepEqual(parseStandard(pass(text, secrets)), expected, text);
      }
      const item = { ...Object(document), metadata: { name: "x" } };
      const list = { items: [item, { metadata: { name: "z" }, document }] };
      const place = { secrets, objects: { of: "test", form: "items" } } as const;
      const listed = decoder.decode(redactor.json(encoder.encode(strange(list, next)), place));
      assert.deepEqual(parseStandard(listed), redactor.value(list, place));
    }),
    { numRuns: 1_000, seed: 1 },
  );
  assert.ok(hidden > 300);
});

Deno.test("redactJson() gives the same bytes where nothing is hidden", () => {
  const body = encoder.encode('{"kind":"Pod", "metadata":{"name":"web-0"},"x":1.50}');
  assert.equal(redactor.json(body, { secrets: false }), body);
});

Deno.test("redactJson() is not led astray by keys that are given twice", () => {
  for (
    const text of [
      '{"kind":"Secret","kind":"ConfigMap","data":{"a":"c2hvcA=="}}',
      '{"kind":"ConfigMap","data":{"a":"c2hvcA=="},"kind":"Secret"}',
      '{"name":"DB_PASSWORD","name":"X","value":"c2hvcA=="}',
      '{"value":"c2hvcA==","value":"c2hvcA==","name":"DB_PASSWORD"}',
      '{"password":"c2hvcA==","password":"c2hvcA=="}',
      '{"kind":"Secret","data":{"a":"c2hvcA=="},"data":{"a":"c2hvcA=="}}',
      '{"\\u0070assword":"c2hvcA=="}',
      '{"kind":"S\\u0065cret","d\\u0061ta":{"a":"c2hvcA=="}}',
    ]
  ) assert.ok(!pass(text).includes("c2hvcA=="), `${text}\n${pass(text)}`);
});

Deno.test("redactJson() judges what it has met before by where it stands now", () => {
  // Each of these is a key, a string, a name and an argument, in an order that leaves marks of all.
  const words = [
    "password",
    "DB_PASSWORD",
    "--password",
    "-p",
    "mysql",
    "value",
    "name",
    "https://a",
  ];
  const places = (word: string, at: number) => [
    { plain: word },
    { [word]: `Sesame-${at}-open` },
    { name: word, value: `Sesame-${at}-open` },
    { args: [word, `Sesame-${at}-open`] },
    { password: `${word}-4711` },
    { plain: [word, word] },
  ];
  const all = words.flatMap(places);
  for (const each of [...all, ...all.toReversed()]) {
    const text = JSON.stringify(each);
    const walked = redactor.value(JSON.parse(text), { secrets: false, objects });
    assert.equal(pass(text), JSON.stringify(walked));
  }
});

Deno.test("redactJson() is right where it meets more words than it keeps", () => {
  const fields = Array.from({ length: 20_000 }, (_, at) => [`key-${at}`, `https://host-${at}/x`]);
  const text = JSON.stringify({ ...Object.fromEntries(fields), password: "Sesame-4711-open" });
  for (let time = 0; time < 2; time++) {
    const hidden = pass(text).replace(/\[redacted:\w+\]/, "Sesame-4711-open");
    assert.notEqual(pass(text), text);
    assert.equal(hidden, text);
  }
});

Deno.test("redactJson() takes what is no JSON as a text", () => {
  for (
    const text of [
      '{"password":"hunter2"',
      "password=hunter2",
      '{"a":[}',
      '{"password":"hunter2"}}',
    ]
  ) {
    assert.ok(!pass(text).includes("hunter2"), pass(text));
  }
});

Deno.test("redactor: what a Secret holds is hidden, whatever it looks like, wherever a copy of it is", () => {
  const secret = { apiVersion: "v1", kind: "Secret", data: { a: "eA==", plain: "c2hvcA==" } };
  const copies = [
    secret,
    { items: [secret] },
    {
      metadata: {
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(secret) },
      },
    },
    {
      data: {
        "manifest.yaml":
          "kind: Secret\nmetadata:\n  name: x\ndata:\n  a: eA==\n  plain: c2hvcA==\n",
      },
    },
    { status: { message: `applying ${JSON.stringify(secret)} failed` } },
  ];
  for (const copy of copies) {
    const shown = pass(JSON.stringify(copy));
    assert.doesNotMatch(shown, /eA==|c2hvcA==/, shown);
  }
  const list = pass(
    JSON.stringify({ items: [{ metadata: { name: "x" }, data: { a: "eA==" } }] }),
    true,
  );
  assert.doesNotMatch(list, /eA==/);
  assert.match(list, /"name":"x"/);
});

const GENERATED = "q7XbZ2mPw9LrT4vKs8YdN3cF";

Deno.test("redactor: equal values that nobody could guess have equal tokens, in base64 too", () => {
  const token = (text: string) => /\[redacted:[0-9a-f]{12}\]/.exec(pass(text))?.[0];
  const first = token(`{"kind":"Secret","data":{"a":"${btoa(GENERATED)}"}}`);
  assert.ok(first);
  assert.equal(token(`{"stringData":{"b":"${GENERATED}"}}`), first);
  assert.equal(token(`{"env":[{"name":"DB_PASSWORD","value":"${GENERATED}"}]}`), first);
  assert.equal(token(`{"message":"login with password=${GENERATED}"}`), first);
  assert.equal(
    decoder.decode(redactor.bytes(encoder.encode(`password=${GENERATED}`))),
    `password=${first}`,
  );
  assert.notEqual(token(`{"stringData":{"b":"${GENERATED}4"}}`), first);
  // Of other processes.
  assert.notEqual(createRedactor().text(`password=${GENERATED}`), `password=${first}`);
});

/** Answers of all kinds that show the same object. */
function answersOf(object: object): readonly unknown[] {
  const json = (value: unknown, form: "one" | "items" | "event") =>
    JSON.parse(decoder.decode(
      redactor.json(encoder.encode(JSON.stringify(value)), {
        secrets: true,
        objects: { of: "test", form },
      }),
    ));
  const columnDefinitions = [{ name: "Name" }];
  return [
    json(object, "one"),
    json({ kind: "List", metadata: {}, items: [{ metadata: { name: "other" } }, object] }, "items")
      .items[1],
    json({ type: "ADDED", object }, "event").object,
    json({ kind: "Table", columnDefinitions, rows: [{ cells: ["x"], object }] }, "items")
      .rows[0].object,
    json(
      {
        type: "ADDED",
        object: { kind: "Table", columnDefinitions, rows: [{ cells: [], object }] },
      },
      "event",
    ).object.rows[0].object,
    redactor.value(object, { secrets: true, objects: { of: "test", form: "one" } }),
  ];
}

const PIN_OBJECT = {
  metadata: {
    name: "pins",
    uid: "11f8",
    annotations: {
      last: '{"stringData":{"pin":"493817"}}',
      note: "password=493817 password=493817",
    },
  },
  data: { pin: btoa("493817"), other: btoa("493817") },
  env: [{ name: "PIN_PASSWORD", value: "493817" }, { name: "PIN_PASSWORD", value: "493817" }],
  args: ["--password", "493817", "--password", "493817"],
};

Deno.test("redactor: a value that could be guessed has one token at its place, in every answer", () => {
  const [first, ...others] = answersOf(PIN_OBJECT);
  assert.doesNotMatch(JSON.stringify(first), /493817|NDkzODE3/);
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("redactor: a value that could be guessed has another token at every other place", () => {
  const shown = [
    ...answersOf(PIN_OBJECT).slice(0, 1),
    ...answersOf({ ...PIN_OBJECT, metadata: { ...PIN_OBJECT.metadata, uid: "22a0" } }).slice(0, 1),
    redactor.value(PIN_OBJECT, { secrets: true, objects: { of: "another", form: "one" } }),
  ];
  const tokens = JSON.stringify(shown).match(/\[redacted:\w+\]/g) ?? [];
  assert.equal(tokens.length, 3 * 9);
  assert.equal(new Set(tokens).size, tokens.length);
});

Deno.test("redactor: what an object holds cannot pass for another object", () => {
  const inner = { kind: "Secret", ...PIN_OBJECT };
  const [real] = answersOf(PIN_OBJECT) as [typeof PIN_OBJECT];
  for (
    const forged of [
      { items: [inner] },
      { object: inner },
      { spec: { kind: "Table", columnDefinitions: [], rows: [{ cells: [], object: inner }] } },
      { items: [inner], metadata: { name: "guess", uid: "33c2" } },
    ]
  ) {
    for (const form of ["one", "event"] as const) {
      if (form === "event" && "object" in forged) continue;
      const shown = JSON.stringify(
        redactor.value(forged, { secrets: false, objects: { of: "test", form } }),
      );
      assert.match(shown, /redacted/);
      assert.ok(!shown.includes(real.data.pin), `${form} ${shown}`);
    }
  }
});

Deno.test("redactor: guesses do not take a value's place as it is moved in a list", () => {
  const tokensOf = (args: readonly string[]) =>
    (redactor.value({ ...PIN_OBJECT, args: args.flatMap((value) => ["--password", value]) }, {
      secrets: true,
      objects: { of: "test", form: "one" },
    }) as typeof PIN_OBJECT).args.filter((_, at) => at % 2 === 1);
  const moved = [["493817"], ["x", "493817"], ["x", "y", "493817"]].flatMap(tokensOf);
  assert.ok(!tokensOf(["493817", "493817", "493817"]).some((token) => moved.includes(token)));
});

Deno.test("redactor: managed fields show no key or set value that the object hides", () => {
  const managed = (fieldsV1: unknown) => ({
    metadata: { name: "x", managedFields: [{ manager: "m", fieldsType: "FieldsV1", fieldsV1 }] },
  });
  const hiding = managed({
    "f:spec": {
      "f:users": { 'k:{"password":"hunter2"}': { ".": {}, "f:password": {} } },
      "f:env": {
        'k:{"name":"DB_PASSWORD","value":"hunter2"}': {},
        'k:{"value":"hunter2"}': { "f:name": {} },
      },
      "f:passwords": { 'v:"hunter2"': {}, "v:4711": {} },
      "f:args": { 'v:"--password"': {}, 'v:"hunter2"': {}, 'v:"--token=hunter2"': {} },
      "f:urls": { 'v:"http://u:hunter2@host/"': {} },
      "f:stringData": { 'k:{"id":"hunter2"}': {}, 'v:"hunter2"': {} },
    },
  });
  const plain = managed({
    "f:metadata": { "f:labels": { ".": {}, "f:app": {} }, "f:finalizers": { 'v:"a/b"': {} } },
    "f:spec": {
      "f:containers": {
        'k:{"name":"web"}': {
          "f:env": { 'k:{"name":"DB_PASSWORD"}': { "f:valueFrom": {} } },
          "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': {} },
        },
      },
    },
  });
  for (const form of ["one", "items"] as const) {
    const answer = (object: unknown) => form === "one" ? object : { items: [object] };
    const place = { secrets: false, objects: { of: "test", form } };
    const read = (object: unknown) =>
      decoder.decode(redactor.json(encoder.encode(JSON.stringify(answer(object))), place));
    assert.doesNotMatch(read(hiding), /hunter2|4711/);
    assert.match(read(hiding), /"k:\{\\"password\\":\\"\[redacted:/);
    assert.deepEqual(parseStandard(read(hiding)), redactor.value(answer(hiding), place));
    assert.equal(read(plain), JSON.stringify(answer(plain)));
  }
});

Deno.test("redactor: what is no credential stays readable", () => {
  const pod = {
    kind: "Pod",
    spec: {
      containers: [{
        name: "web",
        image: "registry.example.com/web@sha256:" + "0a".repeat(32),
        args: ["--port=8080", "--token-ttl=24h", "--v", "2"],
        env: [
          { name: "TOKEN_TTL", value: "300" },
          { name: "SECRET_NAME", value: "db-credentials" },
          { name: "PASSWORD_FILE", value: "/run/secrets/db" },
          { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
        ],
      }],
    },
  };
  assert.equal(pass(JSON.stringify(pod)), JSON.stringify(pod));
});

Deno.test("redactor: a flag hides the argument behind it, a program's own option its password", () => {
  const shown = pass(JSON.stringify({
    containers: [
      {
        command: ["redis-cli"],
        args: ["-a", "pass word"],
      },
      { args: ["--password", "hunter2", "--user", "shop"] },
      {
        command: ["sh", "-c", "mysql -uroot -phunter2 shop"],
      },
    ],
  }));
  assert.doesNotMatch(shown, /hunter2|pass word/);
  assert.match(shown, /"--user","shop"/);
});

Deno.test("redactor: a column named as a credential is hidden in a table", () => {
  const shown = pass(JSON.stringify({
    kind: "Table",
    columnDefinitions: [{ name: "Name" }, { name: "Password" }],
    rows: [{ cells: ["x", "hunter2"] }],
  }));
  assert.doesNotMatch(shown, /hunter2/);
  assert.match(shown, /"x"/);
});

Deno.test("certificates of a Secret are shown, what stands beside one is not", () => {
  const certificate = `-----BEGIN CERTIFICATE-----\n${
    btoa("a".repeat(90))
  }\n-----END CERTIFICATE-----\n`;
  const shown = (text: string) => {
    const secret = { kind: "Secret", data: { "tls.crt": btoa(text) }, stringData: { ca: text } };
    const body = new TextEncoder().encode(JSON.stringify(secret));
    const read = JSON.parse(new TextDecoder().decode(redactor.json(body, { secrets: true })));
    return [read.data["tls.crt"] === btoa(text), read.stringData.ca === text];
  };
  assert.deepEqual(shown(certificate), [true, true]);
  assert.deepEqual(shown(certificate + certificate), [true, true]);
  for (
    const text of [
      `${certificate}hunter2`,
      `# hunter2\n${certificate}`,
      certificate.replaceAll("CERTIFICATE", "PRIVATE KEY"),
      `${certificate}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      "-----BEGIN CERTIFICATE-----\npass word: x!\n-----END CERTIFICATE-----\n",
    ]
  ) assert.deepEqual(shown(text), [false, false], text);
});

function unlessTooComplex(redacted: () => string): string {
  try {
    return redacted();
  } catch (error) {
    assert.match(String(error), /too complex to look through/);
    return "";
  }
}

Deno.test("redactJson() hides all the same where something beside it is nested without end", () => {
  const secret = btoa("Zebra7melon");
  for (const depth of [150, 1_000, 3_500, 120_000]) {
    for (const [open, close] of [["[", "]"], ['{"a":', "}"], ['{"password":', "}"]] as const) {
      const deep = open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth);
      const list = (annotations: string, more = "") =>
        `{"kind":"SecretList","items":[{"metadata":{"name":"a","annotations":{"note":${annotations}}}},` +
        `{"metadata":{"name":"b"},"data":{"foo":"${secret}"}${more}}]}`;
      for (const text of [list(JSON.stringify(deep)), list('"x"', `,"x":${deep}`)]) {
        // What would take too long is refused instead.
        const shown = unlessTooComplex(() => pass(text, true));
        assert.ok(!shown.includes(secret), `${depth} of ${open}`);
      }
    }
  }
});

Deno.test("what should be JSON of Secrets and is not is not shown", () => {
  const text = `{"kind":"SecretList","items":[{"data":{"foo":"${btoa("Zebra7melon")}"}}]} x`;
  assert.throws(
    () => createRedactor().json(new TextEncoder().encode(text), { secrets: true }),
    /cannot be searched for credentials/,
  );
});
