import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { valuesTable } from "../../scripts/generators/values_table.ts";
import { withTables } from "../../scripts/generators/readme_tables.ts";

Deno.test("the README's tables are up to date", async () => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  assert.equal(readme, withTables(readme), "run deno task generate readme");
});

Deno.test("the table of the chart's values is up to date", async () => {
  const values = await valuesTable();
  const text = await Deno.readTextFile(`${ROOT}/docs/operations.md`);
  assert.equal(text, withTables(text, { values: () => values }), "run deno task generate readme");
});
