import assert from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import { parseYaml, parseYamlDocuments, toYaml } from "../../lib/yaml/yaml.ts";

const read = (scalar: string) => (parseYaml(`v: ${scalar}\n`, "test") as { v: unknown }).v;

// Each pair is what sigs.k8s.io/yaml 1.6.0 (YAMLToJSON) answers.
const SCALARS: readonly (readonly [string, unknown])[] = [
  ["NO", false],
  ["nO", "nO"],
  ["y", true],
  ["On", true],
  ["OFF", false],
  ["tRue", "tRue"],
  ["~", null],
  ["Null", null],
  ["", null],
  ["1e3", 1000],
  ["1.e3", 1000],
  ["-1e-3", -0.001],
  [".5", 0.5],
  ["0x1F", 31],
  ["-0x1F", -31],
  ["0o17", 15],
  ["017", 15],
  ["08", 8],
  ["-0", 0],
  ["1_000", 1000],
  ["_1", "_1"],
  ["0b101", 5],
  ["0b2", "0b2"],
  ["1:30", "1:30"],
  ["2020-01-01", "2020-01-01"],
  ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
  ["1e400", "1e400"],
  ["0xfffffffffffffffff", "0xfffffffffffffffff"],
  ["!!str 123", "123"],
  ['!!int "123"', 123],
  ["!!binary aGVsbG8=", "hello"],
  ["!foo bar", "bar"],
  ["=", "="],
];

for (const [source, value] of SCALARS) {
  Deno.test(`parseYaml() reads ${JSON.stringify(source)} as go-yaml does`, () => {
    assert.deepEqual(read(source), value);
  });
}

Deno.test("parseYaml() keeps the digits of integers beyond 2^53, and toYaml() writes them", () => {
  const SERIALS = [
    ["9007199254740993", "9007199254740993"],
    ["+9_223_372_036_854_775_807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["0x20000000000001", "9007199254740993"],
    ["99999999999999999999999", "99999999999999999999999"],
  ] as const;
  for (const [source, digits] of SERIALS) {
    assert.equal(read(source), BigInt(digits), source);
    assert.equal(toYaml({ v: read(source) }), `v: ${digits}\n`);
  }
  assert.deepEqual(parseYaml("9007199254740993: a", "test"), { "9007199254740993": "a" });
  assert.equal(toYaml("9007199254740993"), '"9007199254740993"\n');
});

Deno.test("parseYaml() makes text of keys", () => {
  assert.deepEqual(parseYaml("1: a\nyes: b\n1e3: c\n", "t"), { 1: "a", true: "b", 1000: "c" });
  assert.throws(() => parseYaml("null: a\n", "t"), InputError);
});

Deno.test("parseYaml() takes __proto__ for a key like any other", () => {
  const value = parseYaml("__proto__: {polluted: yes}\n", "t") as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  assert.equal(value.polluted, undefined);
});

Deno.test("parseYaml() merges with <<", () => {
  assert.deepEqual(parseYaml("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "t"), {
    a: { b: 1 },
    c: { b: 1, d: 2 },
  });
});

Deno.test("parseYaml() shares nothing between the places of an alias", () => {
  const value = parseYaml("a: &x {at: 1}\nb: *x\n", "t") as Record<
    "a" | "b",
    { at: number }
  >;
  value.a.at = 2;
  assert.equal(value.b.at, 1);
});

Deno.test("parseYaml() reads an empty text as null and one document only", () => {
  assert.equal(parseYaml("# nothing\n", "t"), null);
  assert.throws(() => parseYaml("a: 1\n---\nb: 2\n", "two.yaml"), /"two\.yaml".* 2 YAML documents/);
  assert.deepEqual(parseYamlDocuments("---\na: 1\n---\n---\nb: 2\n", "t"), [{ a: 1 }, { b: 2 }]);
});

Deno.test("parseYaml() names file, line and column of a fault, and shows no excerpt", () => {
  assert.throws(() => parseYaml("user:\n\ttoken: s3cret\n", "/a/config"), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /^Cannot read "\/a\/config": line 2, column 1: /);
    assert.ok(!error.message.includes("s3cret"));
    return true;
  });
});

Deno.test("parseYaml() refuses a key given twice unless told that the last wins", () => {
  assert.throws(() => parseYaml("a: 1\na: 2\n", "t"), /line 2, column 1: duplicated mapping key/);
  assert.deepEqual(parseYaml("a: 1\na: 2\n", "t", { duplicateKeys: "last" }), { a: 2 });
});

Deno.test("parseYaml() refuses what JSON cannot say", () => {
  for (const source of [".inf", "-.INF", ".nan"]) {
    assert.throws(() => read(source), /JSON has not/, source);
  }
});

Deno.test("parseYaml() refuses alias bombs, of nodes and of text, and circles", () => {
  let nodes = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (let i = 1; i < 9; i++) {
    nodes += `a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`).join(", ")}]\n`;
  }
  assert.throws(() => parseYaml(nodes, "t"), /aliases expand to too much/);
  const text = `a: &a ${"x".repeat(100_000)}\nb: [${Array(1_000).fill("*a").join(", ")}]\n`;
  assert.throws(() => parseYaml(text, "t"), /aliases expand to too much/);
  assert.throws(() => parseYaml("&a [*a]\n", "t"), /an anchor contains itself/);
});

Deno.test("parseYaml() refuses nesting that would overflow the stack", () => {
  assert.throws(() => parseYaml("[".repeat(100_000), "t"), InputError);
});

Deno.test("toYaml() writes as kubectl does: sorted keys, lists not indented", () => {
  const text = toYaml({ kind: "Pod", apiVersion: "v1", spec: { args: ["a", "b"], n: undefined } });
  assert.equal(text, "apiVersion: v1\nkind: Pod\nspec:\n  args:\n  - a\n  - b\n");
});

Deno.test("toYaml() writes one value in one line, and several lines as a block", () => {
  const long = "word ".repeat(60).trim();
  assert.equal(toYaml({ long, lines: "a\nb\n" }), `lines: |\n  a\n  b\nlong: ${long}\n`);
});

Deno.test("toYaml() is read back as it was, whatever the string looks like", () => {
  const strings = [...SCALARS.map(([source]) => source), "- x", "a: b", "x #y", " lead", "'", '"'];
  const value = { strings, "yes": 1, "1": 2, nothing: null, list: [], map: {} };
  assert.deepEqual(parseYaml(toYaml(value), "t"), value);
});
