/** The transports over HTTP, spoken to by the SDKs' own clients, from source and as a binary. */
import assert from "node:assert/strict";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { descendants, until, VARIANTS } from "../e2e/program.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";
import { connectTo, modern, runScript, startHttp } from "./served.ts";

const INFO = { name: "test", version: "0" };
const PODS = `k8s.coreV1().namespaces().list().items.map(n => n.metadata.name)`;

for (const variant of VARIANTS) {
  const test = (fact: string, run: () => Promise<void>) =>
    Deno.test(needs(variant, `http, ${variant.name}: ${fact}`), run);

  for (const [mode, revision] of [["auto", "2026-07-28"], ["legacy", "2025-11-25"]] as const) {
    test(`serves a client of the 2.x SDK at ${revision}`, async () => {
      await using served = await startHttp(variant);
      const client = await connectTo(served.url, mode);
      try {
        assert.equal(client.getNegotiatedProtocolVersion(), revision);
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map(({ name }) => name),
          ["evaluate_script", "search_api", "get_k8s_entity", "scan_k8s_collection"],
        );
        assert.match(await runScript(client, PODS), /shop/);
      } finally {
        await client.close();
      }
      assert.equal(await served.stop(), 0);
    });
  }

  test("serves a client of the 1.x SDK", async () => {
    await using served = await startHttp(variant);
    const client = new ClientV1(INFO);
    await client.connect(new StreamableHTTPClientTransport(served.url));
    const answer = await client.callTool({ name: "evaluate_script", arguments: { script: "6*7" } });
    assert.deepEqual(answer.content, [{ type: "text", text: "42" }]);
    await client.close();
  });

  test("serves an old client over SSE, and /mcp beside it", async () => {
    await using served = await startHttp(variant, ["--transport", "all"]);
    const client = new ClientV1(INFO);
    await client.connect(new SSEClientTransport(new URL("/sse", served.url)));
    const answer = await client.callTool({ name: "evaluate_script", arguments: { script: PODS } });
    assert.match(JSON.stringify(answer.content), /shop/);
    await client.close();
    const other = await connectTo(served.url);
    assert.equal(await runScript(other, "6 * 7"), "42");
    await other.close();
  });

  for (const revision of ["2026-07-28", "2025-11-25"]) {
    test(`a closed stream ends its script and its child, at ${revision}`, async () => {
      await using served = await startHttp(variant);
      const request = modern("tools/call", {
        name: "evaluate_script",
        arguments: { script: "while (true) {}", timeout: 60_000 },
        _meta: { progressToken: 1 },
      });
      if (revision !== "2026-07-28") {
        request.headers = { ...request.headers, "mcp-protocol-version": revision };
        const body = JSON.parse(String(request.body));
        body.params._meta = { progressToken: 1 };
        request.body = JSON.stringify(body);
      }
      const gone = new AbortController();
      const response = await fetch(served.url, { ...request, signal: gone.signal });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      assert.match((await reader.read()).value ?? "", /notifications\/progress/);
      const before = descendants(served.pid);
      assert.notEqual(before.length, 0);
      gone.abort();
      await reader.cancel().catch(() => {});
      await until(() => descendants(served.pid).every((pid) => !before.includes(pid)));
    });
  }

  test("SIGTERM in the middle of a script leaves no process", async () => {
    const served = await startHttp(variant, ["--drain-timeout=500ms"]);
    const endless = modern("tools/call", {
      name: "evaluate_script",
      arguments: { script: "while (true) {}", timeout: 60_000 },
    });
    const answer = fetch(served.url, endless).then((response) => response.text()).catch(() => "");
    await until(() => descendants(served.pid).length > 0);
    const children = descendants(served.pid);
    assert.equal(await served.stop(), 0);
    await answer;
    for (const pid of children) {
      assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
    }
  });

  test("an earlier revision's client is asked in a session, where there is something to ask", async () => {
    await using served = await startHttp(variant, ["--approve"]);
    const client = new ClientV1(INFO, { capabilities: { elicitation: {} } });
    const questions: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }: { params: { message: string } }) => {
      questions.push(params.message);
      return { action: "accept" as const, content: { approve: true } };
    });
    const transport = new StreamableHTTPClientTransport(served.url);
    await client.connect(transport);
    assert.ok(transport.sessionId);
    const script = js`
      k8s.appsV1().deployments("shop").patch("catalog", "merge", {spec: {replicas: 4}});
      k8s.appsV1().deployments("shop").get("catalog").spec.replicas;
    `;
    const { content } = await client.callTool({ name: "evaluate_script", arguments: { script } });
    assert.match(JSON.stringify(content), /4/);
    assert.equal(questions.length, 1);
    assert.match(questions[0]!, /replicas/);
    await transport.terminateSession();
    await client.close();
    const other = await connectTo(served.url, "legacy");
    const answer = await runScript(other, script.replace("4", "5"));
    assert.match(answer, /cannot ask for it/);
    await other.close();
  });
}
