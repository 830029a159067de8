import assert from "node:assert/strict";
import { TOOL_NAMES, type ToolSetName } from "../../lib/policy/rules/known_tools.ts";
import { describeTool } from "../../lib/server/server.ts";
import { ALL_SETS, describedTools } from "../support/all_tools.ts";

const made = (sets: readonly ToolSetName[], readOnly: boolean) =>
  describedTools(sets, {
    readOnly,
    contexts: false,
    version: "1",
    maxReplicas: 100,
  });
const listed = (sets: readonly ToolSetName[], readOnly: boolean) =>
  made(sets, readOnly).filter((tool) => tool.listed !== false);

Deno.test("the default tool sets cost at most 3,500 tokens in tools/list", () => {
  for (const readOnly of [true, false]) {
    const tools = listed(["code", "resources"], readOnly).map(describeTool);
    const bytes = new TextEncoder().encode(JSON.stringify({ tools })).length;
    assert.ok(bytes / 4 <= 3_500, `tools/list takes ${bytes} bytes`);
  }
});

Deno.test("read-only lists no tool that writes, and still has it", () => {
  for (const tool of listed(ALL_SETS, true)) {
    assert.equal(tool.annotations.readOnlyHint, true, tool.name);
    assert.equal(tool.annotations.destructiveHint, false, tool.name);
  }
  assert.deepEqual(
    made(ALL_SETS, true).map(({ name }) => name),
    made(ALL_SETS, false).map(({ name }) => name),
  );
  assert.deepEqual(
    listed(["resources"], false).map(({ name }) => name),
    [
      "get_k8s_entity",
      "scan_k8s_collection",
      "deploy_k8s_entity",
      "interact_k8s_endpoint",
      "delete_k8s_entity",
    ],
  );
  assert.deepEqual(
    listed(["guarded"], false).map(({ name }) => name),
    ["k8s_list", "k8s_get", "k8s_list_events", "k8s_pod_logs", "k8s_delete", "k8s_patch", "ping"],
  );
});

Deno.test("rules can name every tool", () => {
  const names = made(ALL_SETS, false).map(({ name }) => name);
  assert.deepEqual(names, TOOL_NAMES.slice(0, names.length));
});

Deno.test("tools that write say so", () => {
  for (const tool of listed(["resources", "guarded"], false)) {
    assert.equal(tool.annotations.readOnlyHint, !tool.writes, tool.name);
    assert.equal(tool.annotations.destructiveHint, tool.writes === true, tool.name);
    if (tool.name !== "ping") assert.equal(tool.rate, tool.writes ? "write" : "read", tool.name);
  }
});
