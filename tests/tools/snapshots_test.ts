/**
 * What `tools/list` says of each tool, held against one file a tool in tests/tools/snapshots/: a
 * change of what a model reads is seen in review, and never made by accident.
 */
import assert from "node:assert/strict";
import { describeTool } from "../../lib/server/server.ts";
import type { ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import { ALL_SETS, describedTools } from "../support/all_tools.ts";

const FOLDER = new URL("snapshots/", import.meta.url);
const UPDATE = Deno.env.get("UPDATE_SNAPSHOTS") === "1";
const HOW_TO_UPDATE = "If the change is meant, write the files again and review them: " +
  "UPDATE_SNAPSHOTS=1 deno test -A tests/tools/snapshots_test.ts";

const MODES = [true, false].flatMap((readOnly) =>
  [false, true].map((contexts) => ({
    name: `${readOnly ? "read-only" : "read-write"}${contexts ? ", several contexts" : ""}`,
    options: { readOnly, contexts, version: "1", maxReplicas: 100 },
  }))
);

/** By tool: its description in each mode; modes in which it is the same stand together. */
function snapshots(): Map<string, string> {
  const tools = new Map<string, { set: ToolSetName; forms: Map<string, string[]> }>();
  for (const { name: mode, options } of MODES) {
    for (const set of ALL_SETS) {
      for (const tool of describedTools([set], options)) {
        const known = tools.get(tool.name) ?? { set, forms: new Map<string, string[]>() };
        const { rate, writes = false, asks = false, listed = true } = tool;
        const form = JSON.stringify({ listed, rate, writes, asks, ...describeTool(tool) });
        known.forms.set(form, [...known.forms.get(form) ?? [], mode]);
        tools.set(tool.name, known);
      }
    }
  }
  return new Map([...tools].map(([name, { set, forms }]) => {
    const all = [...forms].map(([form, modes]) => ({ modes, ...JSON.parse(form) }));
    return [`${name}.json`, `${JSON.stringify({ set, forms: all }, null, 2)}\n`];
  }));
}

Deno.test("each tool is described as its snapshot says", async () => {
  const expected = snapshots();
  if (UPDATE) {
    await Deno.remove(FOLDER, { recursive: true }).catch(() => undefined);
    await Deno.mkdir(FOLDER);
    for (const [file, text] of expected) await Deno.writeTextFile(new URL(file, FOLDER), text);
  }
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  assert.deepEqual(files, [...expected.keys()].sort(), HOW_TO_UPDATE);
  for (const [file, text] of expected) {
    const snapshot = await Deno.readTextFile(new URL(file, FOLDER));
    // Written anew, since the formatter is free to break lines otherwise.
    const same = `${JSON.stringify(JSON.parse(snapshot), null, 2)}\n`;
    assert.equal(text, same, `${file} differs. ${HOW_TO_UPDATE}`);
  }
});
