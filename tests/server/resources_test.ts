/** Resources and tool sets over the protocol, by the SDK's own clients. */
import assert from "node:assert/strict";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { createBrokers } from "../../lib/broker/broker.ts";
import type { Brokers } from "../../lib/broker/types.ts";
import { ApiError } from "../../lib/errors.ts";
import { createServer } from "../../lib/server/server.ts";
import { clusterResources } from "../../lib/tools/mcp_resources/cluster_resources.ts";
import { connect, DEMO, LOGGER } from "../support/clusters.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";

async function withClient(brokers: Brokers, use: (client: Client) => Promise<void>): Promise<void> {
  const server = createServer({
    name: "kubecode",
    version: "1",
    tools: [],
    resources: { resources: clusterResources({ advertise: true }), brokers },
    instructions: "",
    logger: LOGGER,
  })();
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far);
  const client = new Client({ name: "test", version: "0" });
  await client.connect(near);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

Deno.test("createServer() serves resources, templates and completion", async () => {
  await using cluster = await connect(DEMO);
  await withClient(cluster.brokers, async (client) => {
    assert.deepEqual(client.getServerCapabilities(), { tools: {}, resources: {}, completions: {} });
    const { resources } = await client.listResources();
    assert.ok(resources.some(({ uri }) => uri === "k8s://cluster/core/v1/nodes"));
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.equal(resourceTemplates.length, 2);
    const { contents: [content] } = await client.readResource({
      uri: "k8s://cluster//v1/namespaces/shop",
    });
    assert.equal(content?.mimeType, "application/json");
    assert.equal(JSON.parse((content as { text: string }).text).metadata.name, "shop");
    const { completion } = await client.complete({
      ref: { type: "ref/resource", uri: resourceTemplates[1]!.uriTemplate },
      argument: { name: "resource", value: "deploy" },
      context: { arguments: { group: "apps", version: "v1" } },
    });
    assert.deepEqual(completion.values, ["deployments"]);
    await assert.rejects(client.readResource({ uri: "k8s://cluster//v1/nodes/.." }), /no name/);
    await assert.rejects(
      client.readResource({ uri: "k8s://cluster//v1/namespaces/no" }),
      /not found/,
    );
  });
});

Deno.test("createServer() tells why a cluster's resources cannot be listed", async () => {
  const brokers = createBrokers({
    connect: () =>
      Promise.reject(
        new ApiError("Cannot reach the API server", { status: 0, reason: "Unreachable" }),
      ),
    policy: () => makePolicy(),
    logger: LOGGER,
  });
  await withClient(brokers, async (client) => {
    assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 2);
    await assert.rejects(client.listResources(), /Cannot reach the API server/);
  });
});
