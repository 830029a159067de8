/** A child that has gone over to the script: it may send any bytes, and any frames. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Broker, BrokerCall } from "../../lib/broker/types.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import type { ConsoleLine } from "../../lib/eval/types.ts";
import { DEFAULT_LIMITS } from "../../lib/eval/limits.ts";
import { runScript } from "../../lib/eval/parent/run.ts";
import { FRAME } from "../../lib/eval/protocol.ts";
import { encodeFrame, type Frame, readFrames, streamSource } from "../../lib/sandbox/frames.ts";
import type { Sandbox } from "../../lib/sandbox/parent/child.ts";
import { LOGGER } from "../support/clusters.ts";
import { runs } from "./runs.ts";

const LIMIT_BYTES = 4096;

/** What comes of the reading of bytes, as values. */
async function readAll(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const read: unknown[] = [];
  try {
    const frames = readFrames(streamSource(ReadableStream.from(chunks)), LIMIT_BYTES);
    for await (const { type, id, header, body } of frames) {
      assert.ok(body.length <= LIMIT_BYTES);
      read.push([type, id, header, [...body]]);
    }
  } catch (error) {
    assert.ok(error instanceof RangeError, `${error}`);
    read.push(error.message);
  }
  return read;
}

const HEADERS = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record({ level: fc.constantFrom("log", "error", "__proto__"), count: fc.integer() }),
  fc.record({
    op: fc.constantFrom("request", "exec", "names", "contexts", "path", "explain"),
    verb: fc.constantFrom("get", "list", "watch", "create", "delete", "deletecollection"),
    resource: fc.constantFrom("pods", "secrets", "../x", "", "nodes/proxy"),
    namespace: fc.constantFrom("shop", "..", "a/b", "\0"),
    name: fc.constantFrom("web", "%2e%2e", ""),
  }),
  fc.record({
    ok: fc.constantFrom(true, false, "yes", 1),
    type: fc.constantFrom("json", "empty", "string", "toString"),
    kind: fc.constantFrom("memory", "syntax", "constructor"),
    message: fc.oneof(fc.string(), fc.integer()),
    line: fc.oneof(fc.integer(), fc.double()),
    others: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.array(fc.constant(null))),
  }, { requiredKeys: [] }),
);
const FRAMES = fc.record({
  type: fc.oneof(fc.constantFrom(...Object.values(FRAME)), fc.nat(255)),
  id: fc.oneof(fc.nat(4), fc.nat(2 ** 32 - 1)),
  header: HEADERS,
  body: fc.uint8Array({ maxLength: 200 }),
});

Deno.test("frames: bytes of any kind are frames or an error, the same however they are cut", async () => {
  const bytes = fc.tuple(
    fc.array(FRAMES, { maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255))),
  )
    .map(([frames, changes]) => {
      const whole = new Uint8Array(
        frames.flatMap(({ type, id, header, body }) => [...encodeFrame(type, id, header, body)]),
      );
      for (const [at, byte] of changes) if (whole.length > 0) whole[at % whole.length] = byte;
      return whole;
    });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(bytes, fc.uint8Array({ maxLength: 100 })),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      async (whole, sizes) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0, n = 0; at < whole.length; n++) {
          const size = sizes[n % sizes.length]!;
          chunks.push(whole.slice(at, at += size));
        }
        assert.deepEqual(await readAll(chunks), await readAll([whole]));
      },
    ),
    { numRuns: runs(200) },
  );
});

/** A run whose child sends those frames, and then ends; what came of it. */
async function hostile(frames: Iterable<Frame> | AsyncIterable<Frame>) {
  const seen: { readonly call: BrokerCall; readonly late: boolean }[] = [];
  let isKilled = false;
  const broker: Broker = {
    namespace: () => Promise.resolve("default"),
    isRead: (call) => call.op !== "request" || call.verb === "get" || call.verb === "list",
    async *call(call, _body, signal) {
      seen.push({ call, late: isKilled });
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal.throwIfAborted();
      yield { form: "json", more: false, body: new Uint8Array(2) };
    },
  };
  const exited = Promise.withResolvers<Deno.CommandStatus>();
  const kill = () => {
    isKilled = true;
    exited.resolve({ success: false, code: 137, signal: "SIGKILL" });
  };
  const sandbox: Sandbox = {
    pid: 0,
    ready: Promise.resolve(),
    again: () => Promise.resolve(),
    leftBytes: () => 0,
    frames: (async function* () {
      yield* frames;
      kill();
    })(),
    exited: exited.promise,
    write: () => Promise.resolve(),
    kill,
    isKilled: () => false,
  };
  const limits = { ...DEFAULT_LIMITS, calls: 5, consoleBytes: 400 };
  const console: ConsoleLine[] = [];
  const say = (line: ConsoleLine) => void console.push(line);
  const { evaluation, isClean } = await runScript({
    ...{ sandbox, broker, parseCall, logger: LOGGER, limits, console, say },
    ...{ script: "1", timeoutMs: 2_000, signal: new AbortController().signal },
  });
  return { evaluation, seen, isEnded: isKilled || isClean };
}

Deno.test("frames: whatever a child sends, its run ends, within its limits, and the child with it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(FRAMES, { maxLength: 12 }), async (frames) => {
      const { evaluation, seen, isEnded } = await hostile(frames as Frame[]);
      assert.ok(isEnded);
      assert.ok(seen.length <= 5);
      assert.ok(seen.every(({ late }) => !late), "no call of a child that is gone");
      const characters = evaluation.console.reduce((sum, { text }) => sum + text.length, 0);
      assert.ok(characters <= 400 + 2 * 1024);
      const text = JSON.stringify(evaluation);
      assert.ok(text.length < 20_000);
      if (!evaluation.ok) assert.equal(typeof evaluation.failure.message, "string");
    }),
    { numRuns: runs(100) },
  );
});

Deno.test("frames: a child cannot use a call's number again once it is answered", async () => {
  const header = { op: "request", group: "", version: "v1", resource: "pods", verb: "list" };
  const list: Frame = { type: FRAME.call, id: 7, header, body: new Uint8Array(0) };
  const { evaluation, seen } = await hostile(async function* () {
    yield list;
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield list;
  }());
  assert.equal(seen.length, 1);
  assert.match(evaluation.ok ? "" : evaluation.failure.message, /more or other calls/);
});

Deno.test("frames: a child cannot keep the parent busy with ends and takings that nothing began", async () => {
  for (const type of [FRAME.cancel, FRAME.taken]) {
    let read = 0;
    const { evaluation } = await hostile((function* () {
      for (; read < 10_000; read++) {
        yield { type, id: 1, header: { count: -1 }, body: new Uint8Array(0) };
      }
    })());
    assert.match(evaluation.ok ? "" : evaluation.failure.message, /more or other calls/);
    assert.ok(read < 100, `${read} frames were read`);
  }
});
