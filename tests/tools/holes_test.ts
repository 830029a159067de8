/** Ways round a policy, tried by every tool that could take them, by MCP resources and by a script. */
import assert from "node:assert/strict";
import type { Broker } from "../../lib/broker/types.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { clusterResources } from "../../lib/tools/mcp_resources/cluster_resources.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { HOLES, SERVED, toolCallsOf } from "../support/holes.ts";
import { createRecorder } from "../support/recorder.ts";
import { toolCaller } from "../support/tools.ts";

const signal = new AbortController().signal;

for (const [hole, policy, call] of HOLES) {
  Deno.test(`hole, by tools and MCP resources: ${hole}`, async () => {
    const recorder = createRecorder(SERVED);
    const brokers = recorder.brokers(() => policy);
    let tried = 0;
    for (const [set, tool, input] of toolCallsOf(call)) {
      const { text, isError } = await toolCaller(set, { brokers, signal })(tool, input);
      assert.equal(isError, true, `${tool} ${JSON.stringify(input)}: ${text}`);
      tried += 1;
    }
    assert.ok(tried > 0);
    if (call.verb !== "get" && call.verb !== "list") return assert.deepEqual(recorder.sent, []);
    const { group, resource, namespace = "shop", name, subresource } = call;
    const path = [group || "core", "v1", resource, name, subresource]
      .filter((part) => part !== undefined).join("/");
    const broker = brokers.as({ tool: "resources/read", session: "test" });
    const resources = clusterResources({ advertise: true });
    for (
      const uri of [`k8s://namespace/${namespace}/${path}`, `k8s://namespaced/${namespace}/${path}`]
    ) {
      if (call.options) continue;
      await assert.rejects(resources.read(uri, broker, signal), uri);
    }
    assert.deepEqual(recorder.sent, []);
  });
}

Deno.test("holes, by a script", async () => {
  const recorder = createRecorder(SERVED);
  const origin = { tool: "evaluate_script", session: "test" };
  let policy = makePolicy();
  const broker: Broker = {
    namespace: () => Promise.resolve("default"),
    isRead: () => false,
    call: (call, body, signal) =>
      recorder.brokers(() => policy).as(origin).call(call, body, signal),
  };
  await using evaluator = testEvaluator(broker);
  for (const [hole, against, call] of HOLES) {
    policy = against;
    const { verb, group = "", resource, namespace = "shop", name, subresource, options } = call;
    const method = verb === "deletecollection" ? "deleteCollection" : verb;
    const all = verb === "deletecollection" ? { all: true } : undefined;
    const words = [name, subresource && verb === "create" ? {} : undefined, all, options]
      .filter((word) => word !== undefined).map((word) => JSON.stringify(word)).join(", ");
    const failure = await evaluator.failure(`
      const of = k8s.dynamicClient().resource(${JSON.stringify({ group, version: "v1", resource })})
        .namespace(${JSON.stringify(namespace)});
      ${
      subresource ? `of.subresource(${JSON.stringify(subresource)})` : "of"
    }.${method}(${words})`);
    assert.match(failure.name, /^(PolicyError|InputError|ResolveError|TypeError)$/, hole);
  }
  assert.deepEqual(recorder.sent, []);
});
