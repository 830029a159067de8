// deno-lint-ignore-file kubecode/no-exit -- a sandbox child ends itself: nobody else is to
/**
 * The main thread of a shell child: starts the worker in which the interpreter runs, gives up every
 * permission, then carries frames between the parent's pipes and the worker. It runs one line.
 */
import { gunzipSync } from "node:zlib";
import {
  frameOutput,
  giveUpPermissions,
  readyFrame,
  startWorkerOfScript,
  watchMemory,
} from "../../sandbox/child/process.ts";
import { encodeFrame, readFrames } from "../../sandbox/frames.ts";
import { type EndedHeader, type LineHeader, SHELL_FRAME, SHELL_LIMITS } from "../protocol.ts";
import type { WorkerInput, WorkerOutput } from "./messages.ts";
import { PACKED_WORKER_SOURCE } from "./shell.generated.ts";

/** What a program gives: one pipe, and what it says beside. */
const FRAME_LIMIT_BYTES = 2 * SHELL_LIMITS.pipeBytes;

/** Runs the child until its standard input ends; never returns. */
export async function runShellChild(): Promise<never> {
  const source = gunzipSync(Uint8Array.fromBase64(PACKED_WORKER_SOURCE));
  const worker = startWorkerOfScript(new TextDecoder().decode(source));
  const memory = watchMemory();
  const { write } = frameOutput();
  const isUp = Promise.withResolvers<void>();
  worker.onmessage = ({ data }: MessageEvent<WorkerOutput>) => {
    memory.look();
    if (data.kind === "ready") isUp.resolve();
    else if (data.kind === "start") {
      write(encodeFrame(SHELL_FRAME.start, data.id, data.header, new Uint8Array(data.body)));
    } else write(encodeFrame(SHELL_FRAME.done, 0, data.header, new Uint8Array(data.body)));
  };
  await isUp.promise;
  giveUpPermissions();
  write(readyFrame());
  const send = (message: WorkerInput) => worker.postMessage(message, [message.body]);
  for await (const { type, id, header, body } of readFrames(Deno.stdin, FRAME_LIMIT_BYTES)) {
    if (type === SHELL_FRAME.run) {
      const line = header as LineHeader;
      memory.limit(line.memoryBytes);
      send({ kind: "run", header: line, body: body.buffer });
    } else send({ kind: "ended", id, header: header as EndedHeader, body: body.buffer });
  }
  Deno.exit(0);
}
