import assert from "node:assert/strict";
import { generate, type Generator } from "../../scripts/generate.ts";

Deno.test("generate() writes what differs or is missing, and leaves the rest alone", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/same.generated.ts`, "same");
    await Deno.writeTextFile(`${root}/other.generated.ts`, "old");
    const before = await Deno.stat(`${root}/same.generated.ts`);
    const generators: Generator[] = ["same", "other", "missing"].map((text) => () =>
      Promise.resolve({ path: `${text}.generated.ts`, text })
    );
    const written = await generate(generators, root);
    assert.deepEqual(written, ["other.generated.ts", "missing.generated.ts"]);
    for (const text of ["same", "other", "missing"]) {
      assert.equal(await Deno.readTextFile(`${root}/${text}.generated.ts`), text);
    }
    assert.equal((await Deno.stat(`${root}/same.generated.ts`)).ino, before.ino);
    assert.equal([...Deno.readDirSync(root)].length, 3, "no draft is left behind");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
