/** The program as an MCP server, spoken to by the SDK's own clients and by hand. */
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { processTransport } from "../support/process_transport.ts";
import { needs } from "../support/needs.ts";
import {
  cleanEnvironment,
  descendants,
  requireBuilt,
  startServer,
  until,
  type Variant,
  VARIANTS,
} from "./program.ts";

const INFO = { name: "test", version: "0" };
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: INFO },
};

for (const variant of VARIANTS) {
  const test = (fact: string, run: () => Promise<void>) =>
    Deno.test(needs(variant, `mcp, ${variant.name}: ${fact}`), run);
  const parameters = () => {
    requireBuilt(variant);
    return {
      command: variant.command,
      args: [...variant.args, "--demo"],
      env: cleanEnvironment(),
    };
  };

  for (const [mode, revision] of [["auto", "2026-07-28"], ["legacy", "2025-11-25"]] as const) {
    test(`serves a client of the 2.x SDK at ${revision}`, async () => {
      const client = new Client(INFO, { versionNegotiation: { mode } });
      await client.connect(processTransport(parameters()));
      try {
        assert.equal(client.getNegotiatedProtocolVersion(), revision);
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map(({ name }) => name),
          ["evaluate_script", "search_api", "get_k8s_entity", "scan_k8s_collection"],
        );
        const answer = await client.callTool({
          name: "evaluate_script",
          arguments: { script: "k8s.coreV1().namespaces().list().items.map(n => n.metadata.name)" },
        });
        assert.match(JSON.stringify(answer.content), /shop/);
        const found = await client.callTool({
          name: "search_api",
          arguments: { query: "deployment.spec.strategy" },
        });
        assert.match(JSON.stringify(found.content), /rollingUpdate/);
      } finally {
        await client.close();
      }
    });
  }

  test("serves a client of the 1.x SDK", async () => {
    const client = new ClientV1(INFO);
    await client.connect(processTransport(parameters()));
    try {
      const answer = await client.callTool({
        name: "evaluate_script",
        arguments: { script: "6 * 7" },
      });
      assert.deepEqual(answer.content, [{ type: "text", text: "42" }]);
    } finally {
      await client.close();
    }
  });

  test("serves the tool sets that it is told, and the cluster's resources", async () => {
    {
      await using server = await startServer(variant, ["--demo"]);
      const deploy = {
        name: "deploy_k8s_entity",
        arguments: {
          scope: "namespaced",
          api_version: "v1",
          resource_kind: "configmaps",
          target_ns: "shop",
          payload_manifest: "metadata: {name: x}",
        },
      };
      const refused = await server.client.callTool(deploy);
      assert.equal(refused.isError, true);
      assert.match(JSON.stringify(refused.content), /--read-write/);
      const { contents: [namespace] } = await server.client.readResource({
        uri: "k8s://cluster//v1/namespaces/shop",
      });
      assert.match(JSON.stringify(namespace), /Namespace/);
      assert.ok((await server.client.listResources()).resources.length > 20);
    }
    {
      await using server = await startServer(variant, [
        "--demo",
        "--read-write=true",
        "--serve-resources=false",
      ]);
      const names = (await server.client.listTools()).tools.map(({ name }) => name);
      assert.ok(names.includes("delete_k8s_entity"));
      assert.deepEqual((await server.client.listResources()).resources, []);
    }
    await using server = await startServer(variant, ["--demo"], { KUBECODE_TOOLSETS: "guarded" });
    assert.deepEqual(
      (await server.client.listTools()).tools.map(({ name }) => name),
      ["k8s_list", "k8s_get", "k8s_list_events", "k8s_pod_logs", "ping"],
    );
    assert.equal(server.client.getServerCapabilities()?.resources, undefined);
    const { content } = await server.client.callTool({
      name: "k8s_get",
      arguments: { namespace: "shop", group: "", version: "v1", plural: "secrets", name: "x" },
    });
    assert.match(JSON.stringify(content), /BLOCKED: Access to kind 'Secret' is forbidden/);
  });

  test("a cancelled script ends, and its child with it", async () => {
    await using server = await startServer(variant, ["--demo"]);
    const cancel = new AbortController();
    const { promise: progressed, resolve } = Promise.withResolvers<unknown>();
    const running = server.client.callTool(
      { name: "evaluate_script", arguments: { script: "for(;;);" } },
      { signal: cancel.signal, onprogress: resolve },
    );
    running.catch(() => {});
    const update = await progressed as { progress: number; total?: number };
    // The script's own 30 s, and what it waited for its sandbox.
    assert.ok(update.total! >= 30 && update.total! < 150, `${update.total}`);
    const before = descendants(server.pid);
    cancel.abort("enough");
    await assert.rejects(running);
    assert.deepEqual(await server.script("1 + 1"), { text: "2", isError: false });
    if (Deno.build.os !== "linux") return console.log("skipped from here: it reads /proc");
    await until(() => descendants(server.pid).every((pid) => !before.includes(pid)));
  });

  test("closed standard input ends the server at once, and leaves no child", async () => {
    const child = spawnDemo(variant);
    const writer = child.stdin.getWriter();
    const send = (message: object) =>
      writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
    await send(INITIALIZE);
    const reader = child.stdout.getReader();
    await reader.read();
    await send({ jsonrpc: "2.0", method: "notifications/initialized" });
    const script = "for(;;);";
    await send({
      jsonrpc: "2.0",
      id: 2,
      method: "tools/call",
      params: { name: "evaluate_script", arguments: { script } },
    });
    const linux = Deno.build.os === "linux";
    if (linux) await until(() => descendants(child.pid).length > 0);
    const pids = linux ? descendants(child.pid) : [];
    await writer.close();
    const { code } = await child.status;
    await reader.cancel();
    assert.equal(code, 0);
    for (const pid of pids) await until(() => !alive(pid));
  });

  test("what is no JSON is answered, and the server goes on", async () => {
    const child = spawnDemo(variant);
    const writer = child.stdin.getWriter();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let buffered = "";
    const nextLine = async () => {
      while (!buffered.includes("\n")) {
        const { value, done } = await lines.read();
        assert.ok(!done, "the server ended");
        buffered += value;
      }
      const [line = "", ...rest] = buffered.split("\n");
      buffered = rest.join("\n");
      return JSON.parse(line);
    };
    const encoder = new TextEncoder();
    try {
      await writer.write(encoder.encode("this is no JSON\n"));
      assert.equal((await nextLine()).error.code, -32700);
      const chunk = encoder.encode("x".repeat(1 << 20));
      for (let at = 0; at < 50; at++) await writer.write(chunk);
      await writer.write(encoder.encode("\n"));
      assert.match((await nextLine()).error.message, /16/);
      await writer.write(encoder.encode(`${JSON.stringify(INITIALIZE)}\n`));
      assert.equal((await nextLine()).result.serverInfo.name, "kubecode");
    } finally {
      await writer.close();
      await child.status;
      await lines.cancel();
    }
  });

  test("a cluster that does not answer delays nothing but the script that needs it", async () => {
    // A listener that accepts and says nothing.
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const connection of listener) accepted.push(connection);
    })().catch(() => {});
    const file = await Deno.makeTempFile();
    const { port } = listener.addr;
    await Deno.writeTextFile(
      file,
      `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:${port}"}}]
contexts: [{name: silent, context: {cluster: c}}]
current-context: silent
`,
    );
    try {
      await using server = await startServer(variant, [
        "--kubeconfig",
        file,
        "--connect-timeout",
        "500ms",
      ]);
      assert.equal((await server.client.listTools()).tools.length, 4);
      assert.deepEqual(await server.script("1 + 1"), { text: "2", isError: false });
      const { text, isError } = await server.script("k8s.coreV1().pods('').list()");
      assert.equal(isError, true);
      assert.match(text, new RegExp(`127.0.0.1:${port}.*silent`));
      assert.deepEqual(await server.script("2 + 2"), { text: "4", isError: false });
    } finally {
      for (const connection of accepted) connection.close();
      listener.close();
      await accepting;
      await Deno.remove(file);
    }
  });
}

/** The server over the demo cluster, spoken to by hand. */
function spawnDemo(variant: Variant): Deno.ChildProcess {
  requireBuilt(variant);
  return new Deno.Command(variant.command, {
    args: [...variant.args, "--demo"],
    clearEnv: true,
    env: cleanEnvironment(),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
