/** TypeScript scripts: what is stripped runs, and positions stay those of the script as sent. */
import assert from "node:assert/strict";
import vm from "node:vm";
import { rewriteTyped, ScriptSyntaxError } from "../../lib/eval/script/typescript.ts";
import { connect, DEMO, TARGETS } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";

/** Snippets, and the value that each comes to. */
const SNIPPETS: readonly (readonly [script: string, value: unknown])[] = [
  ["const x: number = 1; x as any", 1],
  ["const x = {a: 1} satisfies object; x!.a", 1],
  ["let x!: number; x = 2; x", 2],
  ["interface A { b: string; f(): void }\nconst a: A = {b: 'c', f() {}}; a.b", "c"],
  ["type T<K extends string = 'a'> = { [P in K]?: P }; const t: T = {a: 'a'}; t.a", "a"],
  ["type A = 1\ntype B = A | 2; 3", 3],
  ["declare const d: number; typeof d", "undefined"],
  ["declare function f(a: string): void; typeof f", "undefined"],
  ["function f(a: string): string; function f(a: any) { return a + 1 } f('x')", "x1"],
  ["function f(this: any, a?: number, ...rest: number[]) { return rest.length } f(1, 2, 3)", 2],
  ["function f<T extends object>(x: T): x is T { return true } f({})", true],
  ["const f = <T,>(x: T): T => x; f(4)", 4],
  ["const f = (a: string, b = 1 as number): { c: string } => ({ c: a + b }); f('x').c", "x1"],
  ["const f = (\n  a: number,\n): {\n  b: number;\n} => ({ b: a }); f(5).b", 5],
  ["[1, 2].map((n: number) => n * 2).reduce<number>((a, b) => a + b, 0)", 6],
  ["new Set<string>(['a', 'a']).size", 1],
  ["[1].reduce<Record<string, number>>((all, n) => ({ ...all, [n]: n }), {})[1]", 1],
  ["const m = new Map<string, number>(); m.set('a', 1); m.size", 1],
  [
    `abstract class A {
  abstract f(): number;
  protected readonly a: number = 1;
  private static s?: string;
  g(): number { return this.f() + this.a }
}
class B extends A implements Object { override f() { return 2 } }
new B().g()`,
    3,
  ],
  [
    "class A { [key: string]: unknown; x!: number; declare y: string; z = 1 }\nObject.keys(new A()).length",
    2,
  ],
  ["let v = true ? (1) : (z): number => 1; v", 1],
  ["try { throw new Error('x') } catch (e: unknown) { (e as Error).message }", "x"],
  ["for (const k of Object.keys({a: 1}) as string[]) k", "a"],
  ["const a = 1, b = 2; a < b", true],
  ["let a = 1\ntype X = number\n;[a] = [2]; a", 2],
  ["let a = 1\ntype X = number;\n[a] = [2]; a", 2],
  ["let a = 1\ninterface X { b: string; [key: string]: any }\n;(a); a", 1],
  ["let f = (a: { b?: number; [key: string]: any }): { c: 1; (): void } | 1 => 1; f({})", 1],
  ["let x: number = 7\nif (x as any) return x", 7],
  ["const [a, b]: [number, string] = [1, 'q']; const { c }: { c: number } = { c: 3 }; b + c", "q3"],
  ["let x: typeof globalThis | undefined; let y: keyof any; let z: unique symbol; 1", 1],
  ["const tag = `a${1 as number}b${(2)!}`; tag", "a1b2"],
  ["const é: Füü<'日本😀'> = '€' as string; é", "€"],
  ["let s = ' as any : string'; s", " as any : string"],
  ["/: string as any/.source + 'x' as string", ": string as anyx"],
];

Deno.test("rewriteTyped() strips the types of a script, and its value is the right one", async () => {
  for (const [script, wanted] of SNIPPETS) {
    const { code, synchronous } = await rewriteTyped(script);
    assert.ok(synchronous, script);
    assert.equal(vm.runInNewContext(code), wanted, script);
  }
});

Deno.test("rewriteTyped() leaves JavaScript to the letter as it is", async () => {
  const scripts = [
    "const pods = 1;\npods",
    "1 < 2",
    "'x<string>(1)'",
    "/* new Set<string>(1) */ 1",
  ];
  for (const script of scripts) assert.equal((await rewriteTyped(script)).code, script);
});

Deno.test("rewriteTyped() keeps each character of code where it was", async () => {
  const script =
    "const a: Record<string, Füü<'日本😀'>> = {};\r\n\tlet b = (x: number): /* c */ string => `${x}` as string; b(1)";
  const { code } = await rewriteTyped(script);
  assert.equal(code.length, script.length);
  for (let at = 0; at < code.length; at++) {
    if (/\S/.test(code[at]!)) assert.equal(code[at], script[at], `at ${at}`);
    if (/[\r\n]/.test(script[at]!)) assert.equal(code[at], script[at], `at ${at}`);
  }
});

Deno.test("rewriteTyped() takes a type's Promise for no sign of an asynchronous script", async () => {
  assert.ok((await rewriteTyped("let p: Promise<void>; 1")).synchronous);
  assert.ok(!(await rewriteTyped("const n: number = await 1; n")).synchronous);
});

/** Scripts that fail, with the place and words of the error. */
const FAILURES: readonly (readonly [script: string, line: number, column: number, said: RegExp])[] =
  [
    // JavaScript's own faults, told by its own parser.
    ["foo(a b)", 1, 7, /^Unexpected token$/],
    ["1;\n  let = ;", 2, 9, /^Unexpected token$/],
    ["const x = 'abc", 1, 11, /^Unterminated string/],
    ["const a = 1; const a = 2", 1, 20, /already been declared/],
    ["import x from 'y'", 1, 1, /import/],
    ["@d class A {}", 1, 1, /'@'/],
    // The same in TypeScript, where only the other parser gets so far.
    ["const a: string = 'x'; foo(a b)", 1, 30, /Expected ','/],
    ["let x: string;\n\tfoo(a b)", 2, 8, /Expected ','/],
    ["let 日: string = '本é😀'; foo(a b)", 1, 31, /Expected ','/],
    ["let x: string;\u2028foo(a b)", 2, 7, /Expected ','/],
    ["a\r\nlet x: number = 3\r\nfoo(a b)", 3, 7, /Expected ','/],
    ["let x: string = f(1, 2", 1, 23, /^Unexpected end of the script$/],
    ["const x: = 3", 1, 10, /^Unexpected token `=`/],
    ["const a = 1; const a: number = 2", 1, 20, /already been declared/],
    ["let x: number = 1; let x = 2", 1, 24, /already been declared/],
    ["}; foo(); { let a: b", 1, 1, /^Unexpected token$/],
    ["class A { @d x: number }", 1, 11, /'@'/],
    // TypeScript that is more than annotations.
    ["enum A { B }\nconst a = 1; const a = 2", 2, 20, /already been declared/],
    ["enum A { B }\nlet x = f(a b)", 2, 13, /Expected/],
    ["enum A { B }\nlet 日 = '😀'; let a = import('x')", 2, 23, /import is not available/],
    ["enum A { B }\nimport x = require('y'); x", 2, 1, /import/],
    // Modules in every disguise.
    ["import type { X } from 'y'; 1", 1, 1, /import/],
    ["let a: string = 'x';\nimport type { X } from 'y'", 2, 1, /import/],
    ["let a: string; import x = require('y')", 1, 16, /import/],
    ["let a: string; export const b = 1", 1, 16, /export/],
    ["let a: number = import('x')", 1, 17, /import is not available/],
    ["let a: number;\n import<string>('x')", 2, 2, /import/],
    ["let a: number; import!('x')", 1, 16, /import/],
    ["let a: number; import /* */ <//\n T> ('x')", 1, 16, /import/],
    ["let a: import('x').Y; 1", 1, 8, /import is not available/],
  ];

Deno.test("rewriteTyped() tells where a script fails, and the more helpful of two errors", async () => {
  for (const [script, line, column, said] of FAILURES) {
    await assert.rejects(rewriteTyped(script), (error: ScriptSyntaxError) => {
      assert.ok(error instanceof ScriptSyntaxError, `${script}: ${error}`);
      assert.deepEqual([error.line, error.column], [line, column], `${script}: ${error}`);
      assert.match(error.message, said, script);
      return true;
    });
  }
});

Deno.test("rewriteTyped() says what to do about an import, and about what is more than types", async () => {
  const hint = (script: string) =>
    rewriteTyped(script).then(() => "", (error: ScriptSyntaxError) => error.hint ?? "");
  assert.match(await hint("import type { X } from 'y'; 1"), /leave the import out/);
  assert.match(await hint("let a: X; import { X } from 'y'; 1"), /leave the import out/);
});

/** TypeScript that is more than types, and the value that each comes to. */
const MADE: readonly (readonly [script: string, value: unknown])[] = [
  ["enum A { X, Y = 5, Z }\n[A.X, A.Z, A[5]].join()", "0,6,Y"],
  ["const enum A { X = 'x' }\nA.X", "x"],
  ["enum A { X = 1 }\nenum A { Y = 2 }\nA.X + A.Y", 3],
  ["namespace N { export const a = 1; export namespace M { export const b = 2 } }\nN.a + N.M.b", 3],
  [
    "class P { constructor(private readonly x: number, public y = 2) {} sum() { return this.x + this.y } }\nnew P(1).sum()",
    3,
  ],
  ["enum A { X = 7 }\nif (A.X) return A.X", 7],
  ["enum A { X = 7 }\nlet a: A = A.X; for (const b of [1]) a + b", 8],
  ["const x = <any>{a: 4}; x.a", 4],
  ['"use strict"; enum A { X } (function () { return this === undefined })()', true],
];

Deno.test("rewriteTyped() makes code of what is more than types", async () => {
  for (const [script, value] of MADE) {
    assert.equal(vm.runInNewContext((await rewriteTyped(script)).code), value, script);
    const { code } = await rewriteTyped(`await 0;${script}`);
    const wanted = script.startsWith('"use strict"') ? false : value;
    assert.equal(await vm.runInNewContext(code), wanted, script);
  }
});

Deno.test("typescript: an error in code that was made has its line and column in the script", async () => {
  await using cluster = await connect(DEMO);
  await using evaluator = testEvaluator(cluster.broker);
  for (const head of ["", "await 0;"]) {
    const script = `enum A { X }\nnamespace N { export const a = 1 }
class P {\n  constructor(private x: any) {\n    const 日 = "😀"; x.nope.more;\n  }\n}\n${head}   new P({})`;
    const failure = await evaluator.failure(script);
    assert.deepEqual([failure.name, failure.line, failure.column], ["TypeError", 5, 28], head);
    assert.match(failure.source ?? "", /x\.nope\.more/);
  }
  const failure = await evaluator.failure("enum A { X }\n\n  k8s.coreV1().pods('a').get()");
  assert.deepEqual([failure.name, failure.line, failure.column], ["InputError", 3, 26]);
});

/** Scripts that are all size and depth; each must end by itself, as an error of syntax. */
const HOSTILE: readonly string[] = [
  `let a: ${"[".repeat(100_000)}`,
  `let a: b;${"(".repeat(200_000)}`,
  `let a: ${"Array<".repeat(40_000)}`,
  `let a: b = ${"`${".repeat(60_000)}`,
  `let a: b = ${"x => ".repeat(40_000)}1 +`,
  `let a: ${"x".repeat(250_000)}; '`,
  `let a: b; /*${" ".repeat(250_000)}`,
  `let a: b; ${"{".repeat(200_000)}`,
  `enum A { B } ${"(".repeat(200_000)}`,
  `enum A { B } let a = ${"{a:".repeat(60_000)}`,
];

for (const target of TARGETS) {
  const on = (fact: string) => needs(target, `typescript, ${target.name}: ${fact}`);
  Deno.test(on("scripts in both ways of writing give the same"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.broker);
    const script = (aw: "" | "await ") =>
      `interface Named { metadata: { name: string } }
type Names = Record<string, number>;
const list = ${aw}k8s.coreV1().namespaces().list({limit: 500} as const);
const count = (all: Names, { metadata: { name } }: Named): Names => ({ ...all, [name]: name!.length });
(list.items as Named[]).reduce<Names>(count, {})["default"] as number`;
    assert.equal(await evaluator.value(script("")), 7);
    assert.equal(await evaluator.value(script("await ")), 7);
  });
}

Deno.test("typescript: an error while a script runs has its line and column", async () => {
  await using cluster = await connect(DEMO);
  await using evaluator = testEvaluator(cluster.broker);
  for (const head of ["", "await 0;"]) {
    const failure = await evaluator.failure(
      `const a: { b?: any } = {};${head}\n  const f = (x: string): string => x; (a as any).b.c`,
    );
    assert.deepEqual([failure.name, failure.line, failure.column], ["TypeError", 2, 52], head);
  }
  const failure = await evaluator.failure("let a: string;\nfoo(a b)");
  assert.deepEqual([failure.kind, failure.line, failure.column], ["syntax", 2, 7]);
  assert.equal(failure.source, "foo(a b)");
});

const deep = "typescript: a script that is all size and depth ends as an error of syntax";
Deno.test(needs(["time"], deep), async () => {
  await using cluster = await connect(DEMO);
  await using evaluator = testEvaluator(cluster.broker);
  for (const script of HOSTILE) {
    const failure = await evaluator.failure(script);
    assert.equal(failure.kind, "syntax", `${script.slice(0, 20)}: ${JSON.stringify(failure)}`);
  }
  const whole = `const a: number = 1;\n${"{ let c: number = 1; }\n".repeat(11_000)}a as any`;
  assert.equal(await evaluator.value(whole), 1);
});
