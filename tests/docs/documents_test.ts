import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { verbNames } from "../../lib/sdk_guide/signatures.ts";
import { DOCUMENTS, withParts } from "../../scripts/generators/docs/documents.ts";

for (const [path, parts] of Object.entries(DOCUMENTS)) {
  Deno.test(`what ${path} says of the program is up to date`, async () => {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    assert.equal(text, await withParts(text, parts), "run deno task generate docs");
  });
}

Deno.test("the README names every verb of scripts", async () => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  assert.deepEqual(verbNames().filter((name) => !readme.includes(`\`${name}\``)), []);
});
