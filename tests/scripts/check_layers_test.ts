import assert from "node:assert/strict";
import { readImports } from "../../scripts/check_layers.ts";

/** A folder with these files, gone when it is disposed of. */
async function folder(files: Readonly<Record<string, string>>) {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("readImports() tells types from values, with the line", async () => {
  await using root = await folder({
    "a.ts": [
      'import type { B } from "./b.ts";',
      'import { c } from "./c.ts";',
      'export type { D } from "./d.ts";',
      'const e = await import("./e.ts");',
      'import { type B as B2, b } from "./f.ts";',
    ].join("\n"),
    ...Object.fromEntries("bcdef".split("").map((name) => [`${name}.ts`, "export {};"])),
  });
  const local = await readImports(["a.ts", "b.ts"], root.path);
  assert.deepEqual(local, [
    { from: "a.ts", to: "b.ts", line: 1, typeOnly: true },
    { from: "a.ts", to: "c.ts", line: 2, typeOnly: false },
    { from: "a.ts", to: "d.ts", line: 3, typeOnly: true },
    { from: "a.ts", to: "e.ts", line: 4, typeOnly: false },
    { from: "a.ts", to: "f.ts", line: 5, typeOnly: false },
  ]);
});

Deno.test("readImports() counts types and values of one file as values", async () => {
  await using root = await folder({
    "a.ts": 'import type { B } from "./b.ts";\nimport { b } from "./b.ts";',
    "b.ts": "export {};",
  });
  const local = await readImports(["a.ts"], root.path);
  assert.deepEqual(local.map(({ typeOnly }) => typeOnly), [false]);
});

Deno.test("readImports() leaves packages out, and fetches none", async () => {
  await using root = await folder({
    "a.ts": 'import "no-such-package";\nimport "npm:no-such-package@9.9.9";\nimport "node:fs";',
  });
  assert.deepEqual(await readImports(["a.ts"], root.path), []);
});

Deno.test("readImports() throws for a file that does not parse", async () => {
  await using root = await folder({ "a.ts": "import {" });
  await assert.rejects(readImports(["a.ts"], root.path), /Cannot read "a.ts"/);
});
