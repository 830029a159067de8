import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { withTables } from "../../scripts/generators/readme_tables.ts";

Deno.test("the README's tables are up to date", async () => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  assert.equal(readme, withTables(readme), "run deno task generate readme");
});
