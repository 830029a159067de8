import assert from "node:assert/strict";
import vm from "node:vm";
import { rewrite, ScriptSyntaxError } from "../../lib/eval/script/rewrite.ts";

/** Programs whose completion value the rewrite must keep exactly as V8 has it. */
const PROGRAMS = [
  "1",
  "1; 2",
  "var a = 1",
  "1; var a = 2",
  "'use strict'; 3",
  "(1, 2)",
  "({a: 1}).a",
  "if (true) 1; else 2",
  "if (false) 1; else 2",
  "1; if (false) 2",
  "if (true) { 1; { 2 } }",
  "if (1) { if (0) 5 } else 6",
  "if (0) 1; else if (1) 2; else 3",
  "for (var i = 0; i < 3; i++) i",
  "for (var i = 0; i < 3; i++) { i; if (i == 1) break; }",
  "for (const k of [1, 2, 3]) k * 2",
  "for (const k in {a: 1, b: 2}) k",
  "9; for (const k of []) k",
  "var i = 0; while (i < 3) i++",
  "var i = 0; do i++; while (i < 3)",
  "var i = 0; do { i++ } while (i < 3)\n",
  "switch (2) { case 1: 'a'; break; case 2: 'b'; default: 'c' }",
  "switch (5) { case 1: 'a' }",
  "try { 1 } finally { 2 }",
  "try { throw 1 } catch (e) { e + 1 }",
  "try { 1; throw 2 } catch { } ",
  "outer: for (;;) { 4; break outer }",
  "outer: { 7; break outer }",
  "{ 1; { 2 } }",
  "{}",
  "3; {}",
  "function f() { return 1 }",
  "4; function f() { return 1 }",
  "class A {}",
  "let x = 5; x",
  "a = 1\nb = 2",
  "1\n;[2]",
  "`x${1}`",
  "x => x; 5",
  "'a' in {a: 1} ? 'yes' : 'no'",
  "with ({q: 3}) q",
  "if (1) { 1 }\n2",
  "if (1) { 1 } 2",
  "for (;;) { if (1) { 8; break } }",
  "undefined",
  "5; ;",
];

Deno.test("rewrite() keeps the completion value of every kind of program, as V8 has it", () => {
  for (const program of PROGRAMS) {
    const wanted: unknown = vm.runInNewContext(program);
    // A return at the end that is never reached makes the program a function's body.
    const { code, synchronous } = rewrite(`${program}\n;if (0) return`);
    assert.ok(synchronous && code !== program);
    const last = rewrite(`if (0) return;\n${program}`);
    const got: unknown = vm.runInNewContext(last.code);
    // As text: values of two realms have different prototypes.
    assert.equal(`${typeof got} ${String(got)}`, `${typeof wanted} ${String(wanted)}`, program);
  }
});

Deno.test("rewrite() leaves a synchronous program as it is", () => {
  const script = "const pods = 1;\npods";
  assert.deepEqual(rewrite(script), {
    code: script,
    synchronous: true,
    lineOffset: 0,
    insertions: [],
    largeIntegers: [],
    noValue: "the last expression is undefined",
  });
});

Deno.test("rewrite() takes await, async, Promise, .then and for await for asynchronous", () => {
  for (
    const script of [
      "await 1",
      "(async () => 1)()",
      "const all = Promise.all([])",
      "f().then(x => x)",
      "for await (const x of []) x",
      "function g() { return new Promise(() => {}) }",
    ]
  ) assert.equal(rewrite(script).synchronous, false, script);
  for (const script of ["'await'", "/await/", "({then: 1})", "x['then']", "// Promise\n1"]) {
    assert.equal(rewrite(script).synchronous, true, script);
  }
});

Deno.test("rewrite() allows return at the top level and gives its value", () => {
  assert.equal(vm.runInNewContext(rewrite("if (true) return 5; 6").code), 5);
  assert.equal(rewrite("[1].map(function () { return 1 })").code.includes("$result"), false);
});

Deno.test("rewrite() keeps a script strict that says so, and no other", async () => {
  const strict = "(function () { return this === undefined })()";
  for (
    const [script, wanted] of [
      [`"use strict"; await 0; ${strict}`, true],
      [`'use strict'\nif (1) return ${strict}`, true],
      [`/* c */ "use strict"; "x"; await 0; ${strict}`, true],
      [`await 0; "use strict"; ${strict}`, false],
      [`("use strict"); await 0; ${strict}`, false],
    ] as const
  ) {
    assert.equal(await vm.runInNewContext(rewrite(script).code), wanted, script);
  }
});

Deno.test("rewrite() keeps the top-level this, and assignments that declare nothing", () => {
  assert.equal(vm.runInNewContext(rewrite("if (0) return; q = 3; this.q").code), 3);
});

Deno.test("rewrite() tells where a script does not parse, 1-based", () => {
  assert.throws(() => rewrite("1;\n  let = ;"), (error: ScriptSyntaxError) => {
    assert.ok(error instanceof ScriptSyntaxError);
    assert.deepEqual([error.line, error.column], [2, 9]);
    assert.doesNotMatch(error.message, /\(\d+:\d+\)/);
    return true;
  });
});

Deno.test("rewrite() refuses import in every disguise, and tells where", () => {
  for (
    const script of [
      "import('x')",
      "import ('x')",
      "import\n('x')",
      "import/**/('x')",
      "import /* ( */ // (\n ('x')",
      "import <!-- x\n('x')",
      "import\n--> x\n('x')",
      "import//\u2028('x')",
      "import//\r('x')",
      "import.meta",
      "import . source('x')",
      "`${import('x')}`",
      "// import('x')",
      "import x from 'y'",
      "import 'y'",
      "export const x = 1",
    ]
  ) assert.throws(() => rewrite(script), ScriptSyntaxError, script);
  assert.throws(() => rewrite("1;\n 2; import('x')"), (error: ScriptSyntaxError) => {
    assert.deepEqual([error.line, error.column], [2, 5]);
    return true;
  });
  assert.equal(rewrite("const important = 1; important").synchronous, true);
});

Deno.test("rewrite() looks through many comments in time that grows with their length", () => {
  const script = `import ${"/**/ ".repeat(20_000)} x`;
  assert.throws(() => rewrite(script), ScriptSyntaxError);
});

Deno.test("rewrite() reports a script nested too deeply instead of failing", () => {
  assert.throws(() => rewrite("[".repeat(100_000)), ScriptSyntaxError);
});

Deno.test("rewrite() says what it inserted where, so that columns can be mapped back", () => {
  const { insertions, code } = rewrite("await 0;\nfoo.bar");
  assert.ok(code.includes("$result=(foo.bar)"));
  assert.deepEqual(insertions.filter(({ line }) => line === 2), [
    { line: 2, column: 0, length: "$result=(".length },
    { line: 2, column: 7, length: 1 },
  ]);
});

Deno.test("rewrite() takes an object at the end without its parentheses for one", () => {
  const run = (script: string) =>
    vm.runInNewContext(rewrite(script).code, { pods: 2, nodes: 3, f: () => 1 });
  const cases: readonly (readonly [script: string, value: unknown])[] = [
    ["{a: 1}", { a: 1 }],
    ["const x = 1\n{a: x, b: 2}", { a: 1, b: 2 }],
    ["f()\n{ 'a-b': 1, c: [x => x].length };  // the end", { "a-b": 1, c: 1 }],
    ["{pods, nodes}", { pods: 2, nodes: 3 }],
    ["if (pods) f(); else f(2); {pods, n: {nodes}}", { pods: 2, n: { nodes: 3 } }],
    ["{...{a: 1}, b: 2}", { a: 1, b: 2 }],
    // Blocks stay blocks.
    ["{pods}", 2],
    ["{ a: for (;;) { 7; break a } }", 7],
    ["{}", undefined],
    ["{ f(); }", 1],
    ["a: 5", 5],
  ];
  for (const [script, value] of cases) {
    assert.deepEqual(
      JSON.parse(JSON.stringify([run(script)])),
      JSON.parse(JSON.stringify([value])),
      script,
    );
  }
  for (
    const script of [
      "if (a)\n{b: 1, c: 2}",
      "return\n{a: 1, b: 2}",
      "for (;;) {a: 1, b: 2}",
      "() =>\n{a: 1, b: 2}",
      "{a: 1, b: }",
    ]
  ) {
    assert.throws(() => rewrite(script), ScriptSyntaxError, script);
  }
});

Deno.test("rewrite() keeps positions where it puts parentheses", () => {
  const { insertions } = rewrite("const x = 1\n  {a: x, b: y}");
  assert.deepEqual(insertions, [{ line: 2, column: 2, length: 2 }, {
    line: 2,
    column: 14,
    length: 1,
  }]);
});
