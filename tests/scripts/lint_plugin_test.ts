import assert from "node:assert/strict";
import plugin from "../../scripts/lint_plugin.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The names of the rules that the source breaks, in its order. */
function broken(source: string, file = "scripts/x.ts"): string[] {
  return Deno.lint.runPlugin(plugin, ROOT + file, source)
    .map((diagnostic) => diagnostic.id.replace("kubecode/", ""));
}

Deno.test("no-enum refuses an enum and takes a union", () => {
  assert.deepEqual(broken("enum A { B }\nconsole.log(A);"), ["no-enum"]);
  assert.deepEqual(broken("/** a */\nexport type A = 'b' | 'c';"), []);
});

Deno.test("no-default-export refuses both ways of writing one", () => {
  assert.deepEqual(broken("export default 1;"), ["no-default-export"]);
  assert.deepEqual(broken("const a = 1;\nexport { a as default };"), ["no-default-export"]);
});

Deno.test("no-barrel refuses a file that only re-exports", () => {
  assert.deepEqual(broken('export * from "./a.ts";\nexport { b } from "./b.ts";'), ["no-barrel"]);
  assert.deepEqual(broken('import { b } from "./b.ts";\nexport { b };'), ["no-barrel"]);
});

Deno.test("no-barrel takes a re-export beside code of one's own", () => {
  assert.deepEqual(broken('export { b } from "./b.ts";\n/** a */\nexport const a = 1;'), []);
});

Deno.test("import-specifier refuses jsr:, http: and https:", () => {
  for (const specifier of ["jsr:@std/assert@1.0.0", "http://a.test/b.ts", "https://a.test/b.ts"]) {
    assert.deepEqual(broken(`import "${specifier}";`), ["import-specifier"], specifier);
  }
});

Deno.test("import-specifier wants packages by their names in the import map", () => {
  for (const specifier of ["npm:zod", "npm:zod@4.6.7", "npm:/zod@4.6.7/v4", "npm:@a/b@1.2.3"]) {
    assert.deepEqual(broken(`import "${specifier}";`), ["import-specifier"], specifier);
  }
  for (const specifier of ["zod", "@a/b/c/d.js", "node:fs", "./a.ts"]) {
    assert.deepEqual(broken(`import "${specifier}";`), [], specifier);
  }
});

Deno.test("import-specifier sees re-exports, type imports and import()", () => {
  assert.deepEqual(broken('const a = 1;\nexport * from "npm:zod";\nexport { a };'), [
    "import-specifier",
  ]);
  assert.deepEqual(broken('import type { z } from "npm:zod";'), ["import-specifier"]);
  assert.deepEqual(broken('await import("npm:zod");'), ["import-specifier"]);
});

Deno.test("no-stdout refuses what writes to standard output, in lib/ only", () => {
  for (const method of ["log", "info", "debug", "table"]) {
    assert.deepEqual(broken(`console.${method}("a");`, "lib/a/b.ts"), ["no-stdout"], method);
    assert.deepEqual(broken(`console.${method}("a");`, "scripts/b.ts"), [], method);
  }
  for (const source of ['console.error("a");', 'console.warn("a");', 'console.push("a");']) {
    assert.deepEqual(broken(source, "lib/a/b.ts"), [], source);
  }
});

Deno.test("no-exit refuses Deno.exit and process.exit, in lib/ only", () => {
  assert.deepEqual(broken("Deno.exit(1);", "lib/a.ts"), ["no-exit"]);
  assert.deepEqual(broken("process.exit(1);", "lib/a.ts"), ["no-exit"]);
  assert.deepEqual(broken("Deno.exit(1);", "main.ts"), []);
});

Deno.test("exports-documented wants a JSDoc on each kind of export", () => {
  const kinds = [
    "const a = 1;",
    "function a() {}",
    "async function a() {}",
    "class A {}",
    "interface A { b: 1 }",
    "type A = 1;",
  ];
  for (const kind of kinds) {
    assert.deepEqual(broken(`// no doc\nexport ${kind}`), ["exports-documented"], kind);
    assert.deepEqual(broken(`/** Doc. */\nexport ${kind}`), [], kind);
  }
});

Deno.test("exports-documented does not take another symbol's JSDoc", () => {
  assert.deepEqual(broken("/** File. */\nconst a = 1;\nexport const b = a;"), [
    "exports-documented",
  ]);
});

Deno.test("exports-documented looks past line comments and characters outside ASCII", () => {
  const source = '/** Doc … ⇄ 🙂 */\n// deno-lint-ignore x\nexport const a = "…";';
  assert.deepEqual(broken(`const z = "🙂 …";\n${source}`), []);
});

Deno.test("exports-documented wants one JSDoc for all overloads", () => {
  const overloads = "export function a(b: string): void;\nexport function a(b: number): void;\n" +
    "export function a(_: unknown) {}";
  assert.deepEqual(broken(overloads), ["exports-documented"]);
  assert.deepEqual(broken(`/** Doc. */\n${overloads}`), []);
});

Deno.test("exports-documented takes one JSDoc for a block of constants without a blank line", () => {
  const block = "/** Docs. */\nexport const a = 1;\nexport const b = 2;";
  assert.deepEqual(broken(`${block}\nexport const c = 3;`), []);
  assert.deepEqual(broken(`${block}\n\nexport const c = 3;`), ["exports-documented"]);
  assert.deepEqual(broken(`${block}\nexport function c() {}`), ["exports-documented"]);
});

Deno.test("realm-regexp refuses what looks up RegExp.prototype, in what the realm is bundled of only", () => {
  const bad = [
    '/x/.test("y")',
    '"y".match(re)',
    '"y".replace(/x/g, "z")',
    '"y".split(by)',
    "re.exec(y)",
  ];
  for (const code of bad) {
    assert.deepEqual(broken(`${code};`, "lib/eval/realm/a/b.ts"), ["realm-regexp"], code);
    assert.deepEqual(broken(`${code};`, "lib/names/b.ts"), ["realm-regexp"], code);
    assert.deepEqual(broken(`${code};`, "lib/eval/parent/b.ts"), []);
  }
  assert.deepEqual(
    broken('"a.b".split(".").join("c").replaceAll("c", "d");', "lib/names/b.ts"),
    [],
  );
});

Deno.test("function-length refuses more than 80 lines, in lib/ only", () => {
  const lines = (count: number) => Array.from({ length: count }, () => "  f();").join("\n");
  for (const [head, tail] of [["function f() {", "}"], ["const f = () => {", "};"]]) {
    const long = `${head}\n${lines(79)}\n${tail}`;
    assert.deepEqual(broken(long, "lib/a/b.ts"), ["function-length"]);
    assert.deepEqual(broken(`${head}\n${lines(78)}\n${tail}`, "lib/a/b.ts"), []);
    assert.deepEqual(broken(long, "scripts/b.ts"), []);
  }
});

Deno.test("script-line refuses long lines of scripts, in tests/ only", () => {
  const list = 'k8s.coreV1().pods("shop").list().items.map((pod) => pod.metadata.name);';
  const long = `const script = \`${list} ${list}\`;`;
  assert.deepEqual(broken(long, "tests/a/b_test.ts"), ["script-line"]);
  assert.deepEqual(broken(long, "lib/a/b.ts"), []);
  assert.deepEqual(broken(`const script = \`${list}\n${list}\`;`, "tests/a/b_test.ts"), []);
  assert.deepEqual(broken(`const text = \`${"a".repeat(200)}\`;`, "tests/a/b_test.ts"), []);
});
