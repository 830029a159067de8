import assert from "node:assert/strict";
import { FRAME } from "../../lib/eval/protocol.ts";
import { encodeFrame, type Frame, readFrames, streamSource } from "../../lib/sandbox/frames.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(chunks: readonly Uint8Array[], limitBytes = 1 << 20): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(streamSource(ReadableStream.from(chunks)), limitBytes)) {
    frames.push(frame);
  }
  return frames;
}

const SAMPLE = [
  encodeFrame(FRAME.call, 7, { op: "names" }, bytes("body")),
  encodeFrame(FRAME.ready, 0, undefined),
  encodeFrame(FRAME.log, 0, { level: "log" }, bytes("ü".repeat(1000))),
];

Deno.test("readFrames() gives back what encodeFrame() made, however the stream is cut", async () => {
  const whole = new Uint8Array(SAMPLE.flatMap((frame) => [...frame]));
  for (const size of [1, 2, 3, 5, 16, 100, whole.length]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += size) chunks.push(whole.slice(at, at + size));
    const frames = await read(chunks);
    assert.deepEqual(frames.map(({ type, id, header }) => ({ type, id, header })), [
      { type: FRAME.call, id: 7, header: { op: "names" } },
      { type: FRAME.ready, id: 0, header: undefined },
      { type: FRAME.log, id: 0, header: { level: "log" } },
    ], `chunks of ${size}`);
    assert.equal(new TextDecoder().decode(frames[2]?.body), "ü".repeat(1000));
  }
});

Deno.test("readFrames() refuses a frame above the limit before its bytes have come", async () => {
  const head = SAMPLE[2]!.slice(0, 13);
  await assert.rejects(read([head], 100), /the limit is 100/);
});

Deno.test("readFrames() refuses a frame that is cut off, too short, or whose header is no JSON", async () => {
  await assert.rejects(read([SAMPLE[0]!.slice(0, 20)]), /ended within a frame/);
  await assert.rejects(read([new Uint8Array([1, ...new Array(12).fill(0)])]), /frame of -8 bytes/);
  const broken = SAMPLE[0]!.slice();
  broken[13] = "x".charCodeAt(0);
  await assert.rejects(read([broken]), /not JSON/);
  const beyond = SAMPLE[0]!.slice();
  beyond[9] = 255;
  await assert.rejects(read([beyond]), /beyond its frame/);
});
