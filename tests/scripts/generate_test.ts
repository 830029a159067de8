import assert from "node:assert/strict";
import type { Generated } from "../../scripts/files.ts";
import { outdated } from "../../scripts/generate.ts";

Deno.test("outdated() gives the files that differ or are missing, and no others", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/same.generated.ts`, "same");
    await Deno.writeTextFile(`${root}/other.generated.ts`, "old");
    const made: Generated[] = ["same", "other", "new"].map((text) => ({
      path: `${text}.generated.ts`,
      text,
    }));
    const changed = await outdated(made.map((each) => () => Promise.resolve(each)), root);
    assert.deepEqual(changed, made.slice(1));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
