import assert from "node:assert/strict";
import {
  holdsNonFinite,
  mayHoldLargeIntegers,
  parseExact,
  stringifyExact,
} from "../../../lib/std/json/exact.ts";

Deno.test("parseExact() and stringifyExact() keep the digits of integers, and all else as JSON has it", () => {
  const KEPT = [
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "123456789012345678901234567890",
    '{"9007199254740993":[9007199254740992,9007199254740993,1]}',
    '{"text":"\\":9007199254740993","n":9007199254740993}',
    '{"__proto__":9007199254740993}',
    `[${"9".repeat(300)}]`,
    "9007199254740991",
    "[1,1.5,true,null,{}]",
  ];
  for (const text of KEPT) assert.equal(stringifyExact(parseExact(text)), text);
  assert.deepEqual(parseExact("[9007199254740991, 9007199254740993]"), [
    9007199254740991,
    9007199254740993n,
  ]);
  // What has a point or an exponent is a double, as it is to the API server.
  assert.deepEqual(parseExact("[1e20, 9007199254740993.0, 1234567890123456.5]"), [
    1e20,
    9007199254740992,
    1234567890123456.5,
  ]);
  assert.equal(stringifyExact({ a: [1n] }, 2), '{\n  "a": [\n    1\n  ]\n}');
  assert.throws(() => parseExact("[9007199254740993"), SyntaxError);
});

Deno.test("parseExact() and stringifyExact() keep documents of any shape", () => {
  let seed = 11;
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % below;
  };
  const digits = () =>
    `${next(2) ? "-" : ""}${1 + next(9)}${
      Array.from({ length: next(30) }, () => next(10)).join("")
    }`;
  const text = () =>
    JSON.stringify(['":', "[", ",", " ", "\\", "é", digits()][next(7)]! + digits());
  const space = () => ["", "", " ", "\n\t "][next(4)];
  const value = (depth: number): string => {
    const members = () => Array.from({ length: next(4) }, () => value(depth + 1));
    switch (next(depth > 4 ? 4 : 6)) {
      case 0:
      case 1:
        return digits();
      case 2:
        return text();
      case 3:
        return ["true", "null", "0.5", "[]"][next(4)]!;
      case 4:
        return `[${members().map((one) => space() + one + space()).join(",")}]`;
      default:
        return `{${
          members().map((one, at) => `"k${at}${digits()}"${space()}:${space()}${one}`).join(",")
        }}`;
    }
  };
  // Each number as it stands in the text, and nothing of the space around it.
  const compact = (json: string) => json.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
  for (let round = 0; round < 3_000; round++) {
    const json = value(0);
    assert.equal(stringifyExact(parseExact(json)), compact(json), json);
  }
});

Deno.test("parseExact() takes a document of any depth, and refuses what is no JSON", () => {
  const depth = 100_000;
  let inner = parseExact("[".repeat(depth) + "9007199254740993" + "]".repeat(depth));
  for (let level = 0; level < depth; level++) inner = (inner as readonly unknown[])[0];
  assert.equal(inner, 9007199254740993n);
  const digits = "1234567890123456789";
  for (
    const text of [
      ...[`{${digits}:1}`, `[0${digits}]`, `[-0${digits}]`, `[--${digits}]`, `[+${digits}]`],
      ...[`[.${digits}]`, `[${digits}.]`, `[1 ${digits}]`, `[1,${digits}-1]`, `"${digits}`],
    ]
  ) assert.throws(() => parseExact(text), SyntaxError, text);
});

Deno.test("mayHoldLargeIntegers() is not misled by digits in names and hashes", () => {
  const image = `"registry/app@sha256:${"1234567890".repeat(6)}abcd"`;
  for (const text of [`{"image":${image}}`, '["1234567890123456"]', "[0.12345678901234567]"]) {
    assert.equal(mayHoldLargeIntegers(text), false, text);
  }
  for (const text of ["1234567890123456", '{"a" : -1234567890123456}', "[1,\n1234567890123456]"]) {
    for (let shift = 0; shift < 20; shift++) {
      assert.equal(mayHoldLargeIntegers(" ".repeat(shift) + text), true, text);
    }
  }
});

Deno.test("holdsNonFinite() finds what JSON would write as null", () => {
  assert.ok(holdsNonFinite(parseExact('{"a":[null,{"b":1e400}]}')));
  assert.ok(holdsNonFinite({ a: NaN }));
  assert.ok(!holdsNonFinite({ a: [null, 1e308, 9007199254740993n, "Infinity"] }));
});
