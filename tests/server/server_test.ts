import assert from "node:assert/strict";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { ApiError } from "../../lib/errors.ts";
import { createLogger } from "../../lib/log.ts";
import { createNotices } from "../../lib/std/notices.ts";
import { createServer, describeTool, type ServerOptions } from "../../lib/server/server.ts";
import { evaluateScriptTool } from "../../lib/tools/code/evaluate_script.ts";
import type { Tool } from "../../lib/tools/types.ts";
import { fakeEvaluator } from "./fake_evaluator.ts";

const ANNOTATIONS = {
  title: "Test",
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

function tool(name: string, run: Tool["run"], input: z.ZodType = z.object({})): Tool {
  return { name, description: name, input, annotations: ANNOTATIONS, rate: "other", run };
}

async function withClient(
  options: Partial<ServerOptions>,
  use: (client: Client, log: readonly string[]) => Promise<void>,
): Promise<void> {
  const log: string[] = [];
  const server = createServer({
    name: "kubecode",
    version: "1.2.3",
    tools: [],
    instructions: "Be brief.",
    logger: createLogger("debug", (line) => log.push(line)),
    ...options,
  })();
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far);
  const client = new Client({ name: "test", version: "0" });
  await client.connect(near);
  try {
    await use(client, log);
  } finally {
    await client.close();
  }
}

Deno.test("createServer() introduces itself", async () => {
  await withClient({}, (client) => {
    assert.deepEqual(client.getServerVersion(), { name: "kubecode", version: "1.2.3" });
    assert.deepEqual(client.getServerCapabilities(), { tools: {} });
    assert.equal(client.getInstructions(), "Be brief.");
    return Promise.resolve();
  });
});

Deno.test("createServer() answers ping", async () => {
  await withClient({}, async (client) => {
    assert.deepEqual(await client.ping(), {});
  });
});

Deno.test("createServer() names every fault of the arguments", async () => {
  const input = z.object({ namespace: z.string(), limit: z.int() });
  const tools = [tool("list", () => Promise.resolve({ text: [] }), input)];
  await withClient({ tools }, async (client) => {
    const { isError, content } = await client.callTool({ name: "list", arguments: { limit: "x" } });
    assert.equal(isError, true);
    const [block] = content;
    assert.ok(block?.type === "text");
    assert.match(
      block.text,
      /^Cannot run "list": namespace: is required; limit: must be .*number, not string/,
    );
  });
});

Deno.test("createServer() shows an error of the family with its hint", async () => {
  const tools = [
    tool("get", () =>
      Promise.reject(
        new ApiError('Cannot get "web": not found', {
          status: 404,
          reason: "NotFound",
          hint: "List the pods.",
          cause: new Error("inner"),
        }),
      )),
  ];
  await withClient({ tools }, async (client) => {
    assert.deepEqual(await client.callTool({ name: "get" }), {
      content: [{ type: "text", text: 'Cannot get "web": not found\nList the pods.' }],
      isError: true,
    });
  });
});

Deno.test("createServer() logs an unexpected error and shows nothing of it", async () => {
  const tools = [tool("get", () => Promise.reject(new TypeError("token abc is bad")))];
  await withClient({ tools }, async (client, log) => {
    const result = await client.callTool({ name: "get" });
    assert.equal(result.isError, true);
    assert.doesNotMatch(JSON.stringify(result), /abc|at /);
    assert.match(log.join("\n"), /error tool failed unexpectedly tool=get .*token abc is bad/);
  });
});

Deno.test("createServer() survives a tool that throws before it returns a promise", async () => {
  const tools = [
    tool("get", () => {
      throw null;
    }),
  ];
  await withClient({ tools }, async (client) => {
    assert.equal((await client.callTool({ name: "get" })).isError, true);
  });
});

Deno.test("createServer() answers a protocol error for a tool that does not exist", async () => {
  await withClient(
    { tools: [tool("get", () => Promise.resolve({ text: [] }))] },
    async (client) => {
      await assert.rejects(client.callTool({ name: "delete" }), /no such tool; there is get/);
    },
  );
});

Deno.test("createServer() names the tools that are listed, and no others", async () => {
  const [get, hidden] = ["get", "change"].map((name) =>
    tool(name, () => Promise.resolve({ text: [] }))
  );
  await withClient({ tools: [get!, { ...hidden!, listed: false }] }, async (client) => {
    await assert.rejects(client.callTool({ name: "delete" }), /there is get$/);
  });
});

Deno.test("createServer() refuses calls beyond the number that may run", async () => {
  const { promise, resolve } = Promise.withResolvers<{ text: string[] }>();
  const tools = [tool("wait", () => promise)];
  await withClient({ tools, maxCalls: 2 }, async (client) => {
    const waiting = [client.callTool({ name: "wait" }), client.callTool({ name: "wait" })];
    const refused = await client.callTool({ name: "wait" });
    assert.equal(refused.isError, true);
    assert.match(JSON.stringify(refused.content), /2 calls of this client are running already/);
    resolve({ text: ["done"] });
    assert.deepEqual((await Promise.all(waiting)).map(({ isError }) => isError), [
      undefined,
      undefined,
    ]);
    assert.equal((await client.callTool({ name: "wait" })).isError, undefined);
  });
});

Deno.test("createServer() sends no progress after the result", async () => {
  let report: (() => void) | undefined;
  const tools = [
    tool("work", (_, { onProgress }) => {
      report = () => onProgress?.({ progress: 1 });
      return Promise.resolve({ text: ["done"] });
    }),
  ];
  await withClient({ tools, progressIntervalMs: 0 }, async (client) => {
    const progress: unknown[] = [];
    await client.callTool({ name: "work" }, { onprogress: (update) => progress.push(update) });
    assert.ok(report);
    report();
    await client.ping();
    assert.deepEqual(progress, []);
  });
});

Deno.test("describeTool() gives what a client needs, in few bytes", () => {
  const listed = describeTool(evaluateScriptTool(fakeEvaluator()));
  assert.deepEqual(listed.inputSchema, {
    type: "object",
    properties: {
      script: { type: "string", description: "The program; top-level return and await work." },
      timeout: { type: "integer", description: "Milliseconds; default 30000, max 300000" },
      dry_run: { type: "boolean", description: "List the changes without making them." },
    },
    required: ["script"],
  });
  const bytes = new TextEncoder().encode(JSON.stringify({ tools: [listed] })).length;
  assert.ok(bytes / 4 <= 700, `tools/list takes ${bytes} bytes`);
});

Deno.test("createServer() shows words for a person in a call's progress, and in its failure", async () => {
  const notices = createNotices();
  const failing = tool("fail", () => {
    notices.tell("enter the code ABCD-EFGH");
    return Promise.reject(new ApiError("no answer", { status: 0, reason: "Timeout" }));
  });
  const working = tool("work", () => {
    notices.tell("enter the code ABCD-EFGH");
    return Promise.resolve({ text: ["done"] });
  });
  await withClient({ tools: [failing, working], notices }, async (client) => {
    const messages: unknown[] = [];
    const answer = await client.callTool({ name: "fail" }, {
      onprogress: ({ message }) => messages.push(message),
    });
    assert.deepEqual(messages, ["enter the code ABCD-EFGH"]);
    assert.deepEqual(answer.content, [
      { type: "text", text: "no answer" },
      { type: "text", text: "Meanwhile, for a person: enter the code ABCD-EFGH" },
    ]);
    const done = await client.callTool({ name: "work" });
    assert.deepEqual(done.content, [{ type: "text", text: "done" }]);
  });
});
