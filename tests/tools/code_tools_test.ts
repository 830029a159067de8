import assert from "node:assert/strict";
import { describeTool } from "../../lib/server/server.ts";
import { codeTools } from "../../lib/tools/code/code_tools.ts";

Deno.test("codeTools() costs at most 1,500 tokens in tools/list", () => {
  for (const readOnly of [true, false]) {
    const parts = {} as Parameters<typeof codeTools>[0];
    const tools = codeTools(parts, { readOnly, contexts: true }).map(describeTool);
    assert.deepEqual(tools.map(({ name }) => name), ["evaluate_script", "search_api"]);
    const bytes = new TextEncoder().encode(JSON.stringify({ tools })).length;
    assert.ok(bytes / 4 <= 1_500, `tools/list takes ${bytes} bytes`);
  }
});
