/** Two callers on one server: nothing that one of them has made serves the other. */
import assert from "node:assert/strict";
import { readSettings } from "../../lib/config/settings/settings.ts";
import { createFront } from "../../lib/http/front.ts";
import { listen } from "../../lib/http/listen.ts";
import { mcpRoute } from "../../lib/http/mcp.ts";
import { sseRoutes } from "../../lib/http/sse.ts";
import type { Identity } from "../../lib/identity/types.ts";
import { openEndpoints } from "../../lib/serve/endpoints.ts";
import { createShared } from "../../lib/shared.ts";
import { createSeal } from "../../lib/std/seal.ts";
import { descendants } from "../e2e/program.ts";
import { connectTo, modern, runScript } from "./served.ts";

/** Takes everybody at their word. */
const TRUSTING: Identity = {
  routes: [],
  authenticate(request) {
    const user = request.headers.get("x-user") ?? "";
    const groups = request.headers.get("x-groups")?.split(",") ?? [];
    const lifeMs = request.headers.get("x-life");
    const expiry = lifeMs === null ? {} : { expiresAt: Date.now() + Number(lifeMs) };
    return Promise.resolve({
      caller: { id: `test ${user}`, user, groups, how: "token", ...expiry },
    });
  },
};

interface Place {
  readonly url: URL;
  readonly audit: string;
}

async function withServer(
  use: (place: Place) => Promise<void>,
  { sealed = false, config = "", approve = true } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const audit = `${folder}/audit`;
  if (config !== "") await Deno.writeTextFile(`${folder}/config.yaml`, config);
  const shared = await createShared(readSettings({
    demo: "true",
    approve: String(approve),
    audit,
    config: config === "" ? "" : `${folder}/config.yaml`,
    logLevel: "silent",
  }));
  const seal = sealed ? createSeal([new Uint8Array(32).fill(1)]) : undefined;
  const endpoints = openEndpoints(shared, { seal });
  const front = createFront({
    routes: [mcpRoute(endpoints.use), ...sseRoutes(endpoints.use)],
    origins: { hosts: [], pages: [], isLocal: true },
    identity: TRUSTING,
    logger: shared.logger,
  });
  const listener = await listen({ host: "127.0.0.1", port: 0 }, front, shared.logger);
  try {
    await use({ url: new URL(`${listener.url}/mcp`), audit });
  } finally {
    await endpoints.close();
    await listener.close();
    await shared.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const as = (user: string) => ({ "x-user": user });

const SCALE = `k8s.appsV1().deployments("shop").patch("catalog", "merge", {spec: {replicas: 4}})`;

async function call(url: URL, user: string, script: string, more: Record<string, unknown> = {}) {
  const request = modern("tools/call", {
    name: "evaluate_script",
    arguments: { script },
    _meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } },
    ...more,
  }, as(user));
  const { result, error } = await (await fetch(url, request)).json();
  const text = (result?.content ?? []).map(({ text }: { text: string }) => text).join("\n");
  return { state: result?.requestState as string | undefined, text, code: error?.code };
}

for (const sealed of [false, true]) {
  Deno.test(`apart: nobody answers another's question, ${sealed ? "sealed" : "in memory"}`, async () => {
    await withServer(async ({ url }) => {
      const { state } = await call(url, "ann", SCALE);
      assert.ok(state);
      const yes = {
        requestState: state,
        inputResponses: { approve: { action: "accept", content: { approve: true } } },
      };
      assert.equal((await call(url, "bob", SCALE, yes)).code, -32602);
      assert.match((await call(url, "ann", SCALE, yes)).text, /"replicas":4/);
    }, { sealed });
  });

  Deno.test(`apart: tokens of redacted values, ${sealed ? "sealed" : "in memory"}`, async () => {
    await withServer(async ({ url }) => {
      const script = `k8s.coreV1().secrets("shop").list().items.map(s => s.data)`;
      const [ann, again, bob] = [
        await call(url, "ann", script),
        await call(url, "ann", script),
        await call(url, "bob", script),
      ];
      assert.match(ann.text, /\[redacted:/);
      assert.equal(again.text, ann.text);
      assert.notEqual(bob.text, ann.text);
    }, { sealed });
  });
}

Deno.test("apart: a session of Streamable HTTP is its caller's alone", async () => {
  await withServer(async ({ url }) => {
    const initialize = (user: string) =>
      fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...as(user),
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "initialize",
          params: {
            protocolVersion: "2025-11-25",
            capabilities: { elicitation: {} },
            clientInfo: { name: "t", version: "0" },
          },
        }),
      });
    const begun = await initialize("ann");
    await begun.body?.cancel();
    const session = begun.headers.get("mcp-session-id");
    assert.ok(session);
    const ping = async (user: string, method = "POST") => {
      const response = await fetch(url, {
        method,
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          "mcp-session-id": session,
          ...as(user),
        },
        ...(method === "POST"
          ? { body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" }) }
          : {}),
      });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await ping("bob"), 404);
    assert.equal(await ping("bob", "GET"), 404);
    assert.equal(await ping("bob", "DELETE"), 404);
    assert.equal(await ping("ann"), 200);
  });
});

Deno.test("apart: an SSE session is its caller's alone", async () => {
  await withServer(async ({ url }) => {
    const gone = new AbortController();
    const stream = await fetch(new URL("/sse", url), { headers: as("ann"), signal: gone.signal });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const path = /data: (\S+)/.exec((await reader.read()).value ?? "")?.[1];
    assert.ok(path);
    const post = async (user: string, more: Record<string, string> = {}) => {
      const response = await fetch(new URL(path, url), {
        method: "POST",
        headers: { "content-type": "application/json", ...as(user), ...more },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await post("bob"), 404);
    // The session was opened with the rights that she had.
    assert.equal(await post("ann", { "x-groups": "admins" }), 404);
    assert.equal(await post("ann"), 202);
    assert.match((await reader.read()).value ?? "", /"id":1/);
    gone.abort();
    await reader.cancel().catch(() => {});
  });
});

Deno.test("an SSE stream ends with the proof that it was opened with", async () => {
  await withServer(async ({ url }) => {
    const headers = { ...as("ann"), "x-life": "300" };
    const stream = await fetch(new URL("/sse", url), { headers });
    assert.match(await stream.text(), /event: endpoint/);
  });
});

Deno.test("apart: one caller cannot take all SSE sessions", async () => {
  await withServer(async ({ url }) => {
    const gone = new AbortController();
    const bodies: (ReadableStream | null)[] = [];
    const open = async (user: string) => {
      const response = await fetch(new URL("/sse", url), {
        headers: as(user),
        signal: gone.signal,
      });
      bodies.push(response.body);
      return [response.status, response.headers.get("retry-after")];
    };
    for (let sessions = 0; sessions < 64; sessions++) {
      assert.deepEqual(await open("ann"), [200, null]);
    }
    assert.deepEqual(await open("ann"), [503, "5"]);
    assert.deepEqual(await open("bob"), [200, null]);
    gone.abort();
    await Promise.allSettled(bodies.map((body) => body?.cancel()));
  });
});

Deno.test("apart: rate limits, and names in the audit", async () => {
  await withServer(async ({ url, audit }) => {
    for (let calls = 0; calls < 3; calls++) assert.equal((await call(url, "ann", "1")).text, "1");
    assert.match((await call(url, "ann", "1")).text, /more than 3 tool calls within a minute/);
    assert.equal((await call(url, "bob", "1")).text, "1");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const lines = (await Deno.readTextFile(audit)).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    const callers = lines.filter(({ kind }) => kind === "call").map(({ caller }) => caller);
    assert.deepEqual(callers, ["ann", "ann", "ann", "ann", "bob"]);
  }, { config: "rateLimits:\n  other: 3\n" });
});

Deno.test({
  name: "apart: children, the warm one too",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withServer(async ({ url }) => {
      const [ann, bob] = [
        await connectTo(url, "auto", { headers: as("ann") }),
        await connectTo(url, "auto", { headers: as("bob") }),
      ];
      const before = descendants(Deno.pid);
      const started = () => descendants(Deno.pid).filter((pid) => !before.includes(pid));
      await runScript(ann, "1");
      const hers = started();
      assert.notEqual(hers.length, 0);
      await runScript(bob, "1");
      const his = started().filter((pid) => !hers.includes(pid));
      assert.notEqual(his.length, 0, "bob's script ran in a child of ann's");
      await runScript(ann, "1");
      assert.ok(hers.some((pid) => started().includes(pid)), "ann's child is not used again");
      await ann.close();
      await bob.close();
      // What a person may be asked about shares its child with nothing.
    }, { approve: false });
  },
});
