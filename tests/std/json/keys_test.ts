/** Keys of JSON with escapes, which V8's own parser takes for others. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseExact } from "../../../lib/std/json/exact.ts";
import { hasEscapedKey, parseStandard } from "../../../lib/std/json/keys.ts";

/** What V8 has read: each but the first is the beginning of how the next one is written. */
const KEYS = ["\\", "\n", '"', '\\"', '"\\', "\\\\", "p\\u0061s", "password", "a", "items"];
const text = fc.oneof(
  fc.constantFrom(...KEYS),
  fc.string({ unit: fc.constantFrom(...'\\"\nau:') }),
);
const { value: documents } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(text, fc.integer(), fc.constantFrom(null, true, "__proto__")),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  ),
}));

Deno.test("parseStandard() reads keys as they are written, whatever was read before", () => {
  const last = (text: string) => Object.keys(Object(parseStandard(text))).at(-1);
  for (const before of ['{"a":0,"\\\\":0}', '{"a":0,"p\\\\u0061s":0}', '{"a":0,"\\\\\\"":0}']) {
    JSON.parse(before);
    JSON.parse(before);
    assert.equal(last('{"a":0,"\\n":0}'), "\n");
    assert.equal(last('{"a":0,"\\"":0}'), '"');
    assert.equal(last('{"a":0,"\\"\\\\":0}'), '"\\');
    assert.equal(last('{"a":0,"p\\u0061ssword" : 0}'), "password");
  }
  fc.assert(fc.property(documents, fc.constantFrom(undefined, 2), (document, indent) => {
    const written = JSON.stringify(document, null, indent);
    assert.equal(JSON.stringify(parseStandard(written), null, indent), written);
    assert.equal(
      JSON.stringify(parseStandard(written, (_: string, value: unknown) => value), null, indent),
      written,
    );
    const large = `{"serial":9007199254740993,"document":${written}}`;
    const { document: read } = parseExact(large) as { document: unknown };
    assert.equal(JSON.stringify(read, null, indent), written);
  }));
});

Deno.test("parseStandard() is JSON.parse in all else", () => {
  const same = (text: string, value: unknown) =>
    assert.equal(JSON.stringify(parseStandard(text)), JSON.stringify(value));
  same('{"a":1,"b":2,"\\u0061":3}', { a: 3, b: 2 });
  same('{"\\u0061":1,"b":2,"a":3}', { a: 3, b: 2 });
  same('{"b":1,"\\u0031":2}', { 1: 2, b: 1 });
  same('{"\\u0031":1,"1":2}', { 1: 2 });
  same('{"1":1,"\\u0031":2,"a":4,"1":3}', { 1: 3, a: 4 });
  same('{"\\n":1,"b":2,"\\u000a":3,"key\\u0030":4}', { "\n": 3, b: 2, key0: 4 });
  same('{"\\u005f_proto__":[1],"a":2}', JSON.parse('{"__proto__":[1],"a":2}'));
  same('{"c":1,"\\n":2,"toString":3,"\\u0062":4,"a":5}', {
    c: 1,
    "\n": 2,
    toString: 3,
    b: 4,
    a: 5,
  });
  same('["\\n",{"key0":"\\"key\\"","\\t":"key"}]', ["\n", { key0: '"key"', "\t": "key" }]);
  same('"\\":"', '":');
  for (const broken of ['{"\\n":}', '{"\\n":1', '{"\\x":1}', "\\", '{"a\\', '"\\":']) {
    const told = (parse: (text: string) => unknown) => {
      try {
        return `read ${parse(broken)}`;
      } catch (error) {
        return String(error);
      }
    };
    assert.equal(told(parseStandard), told(JSON.parse));
    assert.match(told(parseStandard), /SyntaxError/);
  }
  const seen: unknown[] = [];
  const revived = parseStandard(
    '{"\\n":{"\\t":1},"b":[2]}',
    function (this: unknown, key: string, value) {
      seen.push(key);
      return typeof value === "number" ? value + 1 : value;
    } as (key: string, value: unknown) => unknown,
  );
  assert.deepEqual(seen, ["\t", "\n", "0", "b", ""]);
  assert.deepEqual(revived, { "\n": { "\t": 2 }, b: [3] });
  const withoutTwo = (_: string, value: unknown) => value === 2 ? undefined : value;
  assert.deepEqual(parseStandard('{"a":1,"\\u0061":2,"\\n":1,"\\u000a":2}', withoutTwo), {});
});

Deno.test("parseStandard() reads what is nested deep, and looks over a text once", () => {
  const depth = 100_000;
  let value = parseStandard(`${'{"\\n":'.repeat(depth)}1${"}".repeat(depth)}`);
  let levels = 0;
  for (; typeof value === "object"; levels++) value = (value as Record<string, unknown>)["\n"];
  assert.equal(levels, depth);
  // Whatever it is full of, in a time and a memory that grow with its length.
  const full = ["key", "key0", "key000000000"].map((part) => part.repeat(1_000_000 / part.length));
  for (let times = 3; times < 300_000; times *= 2) full.push(`${"key".repeat(times)}ke`);
  const many = parseStandard(`{"x":"${full.join("")}","y":[${'{"\\n":1},'.repeat(100_000)}0]}`);
  assert.equal((many as { y: unknown[] }).y.length, 100_001);
  const escapes = "\\\\".repeat(2_000_000);
  for (const text of [`["${escapes}"]`, escapes, `["${escapes}`]) assert.ok(!hasEscapedKey(text));
  assert.ok(hasEscapedKey(`{"${escapes}" : 1}`));
});
