/** JSON-RPC by hand, byte for byte, over streams in memory. */
import assert from "node:assert/strict";
import { createLogger } from "../../lib/log.ts";
import { createServer } from "../../lib/server/server.ts";
import { evaluateScriptTool } from "../../lib/tools/code/evaluate_script.ts";
import { serveStdio, type StdioOptions } from "../../lib/transport/stdio.ts";
import { fakeEvaluator } from "../server/fake_evaluator.ts";

type Message = {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [name: string]: unknown };
  readonly result?: { readonly [name: string]: unknown };
  readonly error?: { readonly code: number; readonly message: string };
};

const encode = (text: string) => new TextEncoder().encode(text);

/** A server, with both ends of its streams in hand. */
function connect(limits: StdioOptions["limits"] = {}) {
  const events: string[] = [];
  const waiters = new Map<string, () => void>();
  const evaluator = fakeEvaluator((event) => {
    events.push(event);
    waiters.get(event)?.();
  });
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const stop = new AbortController();
  const logger = createLogger("silent");
  const served = serveStdio({
    server: createServer({
      name: "kubecode",
      version: "0.0.0",
      tools: [evaluateScriptTool(evaluator)],
      instructions: "",
      logger,
      progressIntervalMs: 0,
    }),
    input: input.readable,
    output: output.writable,
    signal: stop.signal,
    logger,
    limits,
  });
  const writer = input.writable.getWriter();
  const reader = output.readable.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    events,
    served,
    writer,
    reader,
    stop: () => stop.abort(),
    write: (bytes: Uint8Array) => writer.write(bytes),
    send: (message: object) => writer.write(encode(JSON.stringify(message) + "\n")),
    event: (event: string) =>
      events.includes(event)
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiters.set(event, resolve)),
    async receive(): Promise<Message> {
      while (!text.includes("\n")) {
        const { value, done } = await reader.read();
        assert.ok(!done, "the output has ended");
        text += value;
      }
      const end = text.indexOf("\n");
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return JSON.parse(line);
    },
    /** Ends the input and gives what is still written. */
    async end(): Promise<string> {
      await writer.close();
      let rest = text;
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        rest += value;
      }
      await served;
      return rest;
    },
  };
}

const PING = { jsonrpc: "2.0", method: "ping" };
const call = (id: unknown, script: string, _meta?: object) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "evaluate_script", arguments: { script }, ...(_meta && { _meta }) },
});
const initialize = (id: unknown, protocolVersion: string) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "0" } },
});

Deno.test("serveStdio() goes on after a line that is not JSON, and after one not JSON-RPC", async () => {
  const server = connect();
  await server.write(encode("not JSON\n"));
  assert.deepEqual((await server.receive()).error?.code, -32700);
  await server.write(encode('{"id":3}\n'));
  const invalid = await server.receive();
  assert.deepEqual([invalid.id, invalid.error?.code], [3, -32600]);
  await server.send({ ...PING, id: 4 });
  assert.deepEqual(await server.receive(), { jsonrpc: "2.0", id: 4, result: {} });
  assert.equal(await server.end(), "");
});

Deno.test("serveStdio() reads CRLF, empty lines, split characters, several messages a chunk", async () => {
  const server = connect();
  const bytes = encode(
    `\n\r\n${JSON.stringify(call(1, "é😀"))}\r\n${JSON.stringify({ ...PING, id: 2 })}\n \n`,
  );
  const at = bytes.indexOf(0xc3) + 1;
  await server.write(bytes.slice(0, at));
  await server.write(bytes.slice(at, at + 3));
  await server.write(bytes.slice(at + 3));
  const answers = new Map([await server.receive(), await server.receive()].map((answer) => [
    answer.id,
    answer.result,
  ]));
  assert.deepEqual(answers.get(1)?.content, [{ type: "text", text: "é😀 30000" }]);
  assert.deepEqual(answers.get(2), {});
  await server.end();
});

Deno.test("serveStdio() answers an overlong line under its id and goes on", async () => {
  const server = connect({ lineLimitBytes: 1000 });
  await server.send({ ...PING, params: { text: "x".repeat(1000) }, id: 5 });
  const answer = await server.receive();
  assert.equal(answer.id, 5);
  assert.match(answer.error?.message ?? "", /limit is 1000/);
  await server.send({ ...PING, id: 6 });
  assert.equal((await server.receive()).id, 6);
  await server.end();
});

Deno.test("serveStdio() goes on after JSON that is nested very deeply", async () => {
  const server = connect();
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  server.write(encode(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${deep}}}\n`));
  assert.equal((await server.receive()).id, 1);
  await server.send({ ...PING, id: 2 });
  assert.equal((await server.receive()).id, 2);
  await server.end();
});

for (const version of ["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]) {
  Deno.test(`serveStdio() serves revision ${version}`, async () => {
    const server = connect();
    await server.send(initialize(1, version));
    const { result } = await server.receive();
    assert.equal(result?.protocolVersion, version);
    assert.deepEqual(result?.capabilities, { tools: {} });
    await server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    await server.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    assert.equal(((await server.receive()).result?.tools as unknown[]).length, 1);
    await server.send(call(3, "hello"));
    assert.deepEqual((await server.receive()).result, {
      content: [{ type: "text", text: "hello 30000" }],
    });
    await server.end();
  });
}

Deno.test("serveStdio() serves revision 2026-07-28 without a handshake", async () => {
  const server = connect();
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  await server.send({
    jsonrpc: "2.0",
    id: 1,
    method: "server/discover",
    params: { _meta: meta },
  });
  const { result } = await server.receive();
  assert.deepEqual(result?.supportedVersions, ["2026-07-28"]);
  assert.deepEqual(result?.capabilities, { tools: {} });
  await server.send(call(2, "hello", meta));
  const answer = (await server.receive()).result;
  assert.equal(answer?.resultType, "complete");
  assert.deepEqual(answer?.content, [{ type: "text", text: "hello 30000" }]);
  await server.end();
});

Deno.test("serveStdio() takes a batch of revision 2025-03-26", async () => {
  const server = connect();
  await server.send(initialize(1, "2025-03-26"));
  await server.receive();
  await server.send([{ ...PING, id: 2 }, { ...PING, id: 3 }]);
  assert.deepEqual([(await server.receive()).id, (await server.receive()).id].sort(), [2, 3]);
  await server.end();
});

Deno.test("serveStdio() aborts a cancelled call and sends no answer to it", async () => {
  const server = connect();
  await server.send(call(1, "wait"));
  await server.event("started wait");
  await server.send({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 1, reason: "enough" },
  });
  await server.event("aborted wait");
  await server.send({ ...PING, id: 2 });
  assert.equal((await server.receive()).id, 2);
  assert.equal(await server.end(), "");
});

Deno.test("serveStdio() sends progress that increases, only where it was asked for", async () => {
  const server = connect();
  await server.send(call(1, "wait silently"));
  await server.send(call(2, "wait loudly", { progressToken: "token" }));
  let last = -1;
  for (let i = 0; i < 3; i++) {
    const { method, params } = await server.receive();
    assert.equal(method, "notifications/progress");
    assert.equal(params?.progressToken, "token");
    assert.ok(Number(params?.progress) > last);
    last = Number(params?.progress);
  }
  await server.end();
});

Deno.test("serveStdio() aborts every call when the input ends", async () => {
  const server = connect();
  await server.send(call(1, "wait one"));
  await server.send(call(1, "wait two, under the same id"));
  await server.event("started wait two, under the same id");
  await server.end();
  assert.deepEqual(server.events.slice(2).sort(), [
    "aborted wait one",
    "aborted wait two, under the same id",
  ]);
});

Deno.test("serveStdio() answers what came before the end of the input", async () => {
  const server = connect();
  server.write(encode(JSON.stringify({ ...PING, id: 1 }) + "\n"));
  assert.match(await server.end(), /"id":1/);
});

Deno.test("serveStdio() ends when the signal aborts", async () => {
  const server = connect();
  await server.send(call(1, "wait"));
  await server.event("started wait");
  server.stop();
  assert.deepEqual(await server.reader.read(), { value: undefined, done: true });
  await server.served;
  assert.ok(server.events.includes("aborted wait"));
});

Deno.test("serveStdio() ends when the client no longer reads from its end", async () => {
  const server = connect();
  await server.send(call(1, "wait"));
  await server.event("started wait");
  await server.reader.cancel();
  await server.send({ ...PING, id: 2 }).catch(() => {});
  await server.served;
  assert.ok(server.events.includes("aborted wait"));
});

Deno.test("serveStdio() reads no more from a client that does not read its answers", async () => {
  const server = connect({ outputLimitBytes: 10_000, drainMs: 10 });
  let accepted = 0;
  const flood = (async () => {
    for (let id = 0; id < 100; id++) {
      await server.send(call(id, "large 5000"));
      accepted++;
    }
  })();
  // Everything that can happen without the client reading happens in turns of the event loop.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.ok(accepted < 20, `${accepted} calls were accepted`);
  for (let answered = 0; answered < 100; answered++) await server.receive();
  await flood;
  assert.equal(accepted, 100);
  await server.end();
});

Deno.test("serveStdio() ends in bounded time when nobody reads", async () => {
  const server = connect({ drainMs: 10 });
  await server.send(call(1, "large 5000"));
  await server.send(call(2, "large 5000"));
  server.stop();
  await server.served;
  await server.reader.cancel().catch(() => {});
});
