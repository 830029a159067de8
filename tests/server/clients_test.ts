/** The SDK's own clients against a real process. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { processTransport } from "../support/process_transport.ts";
import { serverTestFile } from "./paths.ts";

const SERVER = {
  command: Deno.execPath(),
  args: ["run", "--allow-all", "--quiet", serverTestFile("serve_fake.ts")],
};

const INFO = { name: "test", version: "0" };

async function withClient(
  mode: "legacy" | { pin: string } | "auto",
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client(INFO, { versionNegotiation: { mode } });
  await client.connect(processTransport(SERVER));
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

const MODES = [["legacy", "2025-11-25"], ["auto", "2026-07-28"]] as const;

for (const [mode, version] of MODES) {
  Deno.test(`client 2.x, mode ${mode}, works at revision ${version}`, async () => {
    await withClient(mode, async (client) => {
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map(({ name }) => name), ["evaluate_script"]);
      const script = "hello";
      const { content } = await client.callTool({
        name: "evaluate_script",
        arguments: { script, timeout: 5 },
      });
      assert.deepEqual(content, [{ type: "text", text: "hello 5" }]);
      const failed = await client.callTool({ name: "evaluate_script" });
      assert.equal(failed.isError, true);
      assert.match(JSON.stringify(failed.content), /script parameter required/);
    });
  });

  Deno.test(`client 2.x, mode ${mode}, gets progress and can cancel`, async () => {
    await withClient(mode, async (client) => {
      const cancel = new AbortController();
      const { promise: progressed, resolve } = Promise.withResolvers<{ total?: number }>();
      const waiting = client.callTool(
        { name: "evaluate_script", arguments: { script: "wait" } },
        { signal: cancel.signal, onprogress: resolve },
      );
      assert.equal((await progressed).total, 30);
      cancel.abort("enough");
      await assert.rejects(waiting);
      const { content } = await client.callTool({
        name: "evaluate_script",
        arguments: { script: "next" },
      });
      assert.deepEqual(content, [{ type: "text", text: "next 30000" }]);
    });
  });
}

Deno.test("prompts and resources that are asked for all the same are none, and no error", async () => {
  await withClient("legacy", async (client) => {
    for (
      const [method, field] of [
        ["prompts/list", "prompts"],
        ["resources/list", "resources"],
        ["resources/templates/list", "resourceTemplates"],
      ] as const
    ) {
      const answer = await client.request({ method }) as Record<string, unknown>;
      assert.deepEqual(answer[field], [], method);
    }
    await assert.rejects(
      client.request({ method: "prompts/get", params: { name: "x" } }),
      /Method not found/,
    );
  });
});

Deno.test("client 1.x works", async () => {
  const client = new ClientV1(INFO);
  await client.connect(processTransport(SERVER));
  try {
    assert.deepEqual(client.getServerCapabilities(), { tools: {} });
    assert.equal((await client.listTools()).tools.length, 1);
    const progress: number[] = [];
    const cancel = new AbortController();
    const waiting = client.callTool(
      { name: "evaluate_script", arguments: { script: "wait" } },
      undefined,
      {
        signal: cancel.signal,
        onprogress: (update: { progress: number }) => {
          progress.push(update.progress);
          cancel.abort("enough");
        },
      },
    );
    await assert.rejects(waiting);
    assert.equal(progress.length, 1);
    const failed = await client.callTool({
      name: "evaluate_script",
      arguments: { script: "fail" },
    });
    assert.equal(failed.isError, true);
    assert.match(JSON.stringify(failed.content), /script error: TypeError/);
  } finally {
    await client.close();
  }
});
