/** What becomes of a script's completion value. */
import assert from "node:assert/strict";
import type { Broker } from "../../lib/broker/types.ts";
import { testEvaluator } from "../support/evaluator.ts";

/** No script here makes a call. */
const NO_CLUSTER: Broker = {
  namespace: () => Promise.resolve("default"),
  isRead: () => true,
  async *call() {},
};

async function results(scripts: readonly string[], limits = {}) {
  await using evaluator = testEvaluator(NO_CLUSTER, limits);
  const evaluations = [];
  for (const script of scripts) evaluations.push(await evaluator.run(script));
  return evaluations.map((one) => one.ok ? one.result : one.failure);
}

Deno.test("result: every kind of value has its text", async () => {
  const cases = [
    ["null", "json", "null"],
    ["await 0; null", "json", "null"],
    ["'a b'", "string", "a b"],
    ["''", "string", ""],
    ["0", "json", "0"],
    ["false", "json", "false"],
    ["[1, undefined, () => 1, NaN]", "json", "[1,null,null,null]"],
    ["({a: undefined, b: null})", "json", '{"b":null}'],
    ["new Date(0)", "string", "1970-01-01T00:00:00.000Z"],
    ["new Map([['a', 1], ['b', new Set([2])]])", "json", '{"a":1,"b":[2]}'],
    ["new Map([[1, 2]])", "json", "[[1,2]]"],
    ["10n", "json", "10"],
    ["12345678901234567890n", "json", "12345678901234567890"],
    ["new Uint8Array([104, 105, 33, 10])", "string", "aGkhCg=="],
    ["new TypeError('no')", "json", '{"name":"TypeError","message":"no"}'],
    ["const a = {b: []}; a.b.push(a); a", "json", '{"b":["[Circular $]"]}'],
    ["const o = {}; [o, o]", "json", "[{},{}]"],
    ["({toJSON() { return 'x' }})", "string", "x"],
    ["/x/g", "string", "/x/g"],
    ["new String('s')", "string", "s"],
    ["atob(btoa('h\u00e9!')) + atob('aGk=')", "string", "h\u00e9!hi"],
    ["'h\u00e9'.doRaw()", "string", "aMOp"],
    ["const $result = 1; await 0; $result + 1", "json", "2"],
  ] as const;
  const got = await results(cases.map(([script]) => script));
  for (const [at, [script, type, text]] of cases.entries()) {
    assert.deepEqual(got[at], { type, text }, script);
  }
});

Deno.test("result: no value says why there is none", async () => {
  const cases = [
    ["undefined", /the last expression is undefined/],
    ["var x = 1", /ends in a declaration: write x on a line/],
    ["const {a} = {a: 1};", /ends in a declaration/],
    ["function main() { return 1 }", /function that it does not call: write main\(\)/],
    ["async function main() { return 1 }", /does not call: write await main\(\)/],
    ["() => 1", /a function that is not called: write \(…\)\(\)/],
    ["async () => 1", /a function that is not called: write \(…\)\(\)/],
    ["const rows = () => 1; rows", /a function that is not called: write rows\(\)/],
    ["for (const x of []) x", /ends in a loop/],
    ["[1].forEach(x => x)", /forEach gives nothing/],
    ["const f = () => {}; f()", /f\(\) gave nothing/],
    ["const f = async () => {}; await f()", /f\(\) gave nothing/],
    ["const o = {}; o.length", /reads length, which is not there/],
    ["console.log(1)", /what is printed is no answer/],
    ["if (true) return", /write what is wanted as the last expression/],
    ["Symbol('x')", /no value; the last expression is a symbol/],
    ["[1].find((n) => n > 1)", /no value; find\(\) found nothing\)/],
    ["const a = []; a?.at(-1)", /no value; at\(\) found nothing\)/],
    ["const o = {}; o?.length", /reads length, which is not there/],
  ] as const;
  const got = await results(cases.map(([script]) => script));
  for (const [at, [script, cause]] of cases.entries()) {
    const result = got[at]!;
    assert.ok("text" in result, JSON.stringify(result));
    assert.equal(result.type, "empty", script);
    assert.match(result.text, /^\(no value; .*\)$/, script);
    assert.match(result.text, cause, script);
  }
});

Deno.test("result: what is too long is shortened by structure, and says how much there was", async () => {
  const scripts = [
    "Array.from({length: 5000}, (_, i) => ({name: 'pod-' + i, labels: {app: 'web'}}))",
    "'x'.repeat(5000) + 'end'",
    "({log: 'y'.repeat(9000), n: 1})",
    "Object.fromEntries(Array.from({length: 3000}, (_, i) => ['key' + i, i]))",
    "let deep = 'z'.repeat(3000); for (let i = 0; i < 50; i++) deep = [deep, deep.length]; deep",
  ];
  const limit = 2000;
  for (const [at, result] of (await results(scripts, { resultCharacters: limit })).entries()) {
    assert.ok("text" in result, JSON.stringify(result));
    assert.ok(result.text.length <= limit, `${result.text.length}: ${scripts[at]}`);
    assert.ok(result.text.length > 200, result.text);
    assert.ok((result.wholeCharacters ?? 0) > limit);
    assert.match(result.text, /left out/);
    if (result.type === "json") JSON.parse(result.text);
  }
});

Deno.test("result: about as much as fits is kept", async () => {
  const scripts = [
    "Array.from({length: 20000}, (_, i) => ['pod-' + i, i % 7])",
    "({items: Array.from({length: 20000}, (_, i) => ({name: 'pod-' + i, n: i % 7}))})",
    "Object.fromEntries(Array.from({length: 9000}, (_, i) => ['key' + i, i]))",
    "({log: 'y'.repeat(90000), n: 1})",
    "Array.from({length: 900}, (_, i) => ({i, message: 'z'.repeat(700 + i)}))",
    "Array.from({length: 40}, (_, i) => Array.from({length: 400}, (_, n) => 'item-' + n))",
    "Array.from({length: 40000}, () => 'a line of a log\\n'.repeat(20))",
  ];
  const limit = 50_000;
  for (const [at, result] of (await results(scripts, { resultCharacters: limit })).entries()) {
    assert.ok("text" in result, JSON.stringify(result));
    assert.ok(result.text.length <= limit, `${result.text.length}: ${scripts[at]}`);
    assert.ok(result.text.length > limit * 0.9, `${result.text.length}: ${scripts[at]}`);
    assert.match(result.text, /left out/);
  }
});

Deno.test("result: a long text of lines is shortened by lines", async () => {
  const script = "Array.from({length: 5000}, (_, i) => 'pod-' + i + '  Running').join('\\n')";
  const [result] = await results([script], { resultCharacters: 2000 });
  assert.ok(result && "text" in result);
  const { text } = result;
  assert.ok(text.length <= 2000);
  const lines = text.split("\n");
  const shown = lines.filter((line) => /^pod-\d+ {2}Running$/.test(line)).length;
  assert.equal(shown, lines.length - 1);
  assert.ok(lines.includes(`…[${5000 - shown} lines left out]…`), text);
  assert.equal(lines.at(-1), "pod-4999  Running");
});

Deno.test("result: what is thrown is told as it is, in both ways of writing", async () => {
  const thrown = "{ a: 1 }";
  const hostile = `Object.defineProperty({}, "stack", { get() { return Symbol("x") }, set() {} })`;
  for (const before of ["", "await 0; "]) {
    const [plain, odd] = await results([`${before}throw ${thrown}`, `${before}throw ${hostile}`]);
    assert.equal(plain && "message" in plain && plain.message, '{"a":1}');
    // Nothing looked for its stack, from the outside least of all.
    assert.equal(odd && "message" in odd && odd.message, "{}");
  }
});

Deno.test("console: a large value is shortened, a full console says so", async () => {
  await using evaluator = testEvaluator(NO_CLUSTER);
  const list = "Array.from({length: 5000}, (_, i) => ({name: 'pod-' + i}))";
  const printed = await evaluator.run(
    `console.log("pods", ${list}); console.log("x".repeat(9000)); 1`,
  );
  const [first, second] = printed.console.map(({ text }) => text);
  assert.ok(first && first.length > 3_000 && first.length < 8_100, `${first?.length}`);
  assert.match(first, /^pods \[\{"name":"pod-0"\}.*of 5000 left out/);
  assert.equal(second?.length, 9_000);
  const full = await evaluator.run(`console.log("x".repeat(70000)); 1`);
  assert.match(full.console.at(-1)?.text ?? "", /the console is full/);
});
