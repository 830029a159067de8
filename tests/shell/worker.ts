/** The shell's worker by itself, for many lines one after the other: what a child runs, without a child. */
import { gunzipSync } from "node:zlib";
import { PACKED_WORKER_SOURCE } from "../../lib/shell/child/shell.generated.ts";
import type { WorkerInput, WorkerOutput } from "../../lib/shell/child/messages.ts";
import { joinParts, SHELL_LIMITS } from "../../lib/shell/protocol.ts";
import { startWorkerOfScript } from "../../lib/sandbox/child/process.ts";

/** Starts it. */
export async function startShellWorker() {
  const source = new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(PACKED_WORKER_SOURCE)));
  const worker = startWorkerOfScript(source);
  let heard = Promise.withResolvers<WorkerOutput>();
  worker.onmessage = ({ data }: MessageEvent<WorkerOutput>) => heard.resolve(data);
  await heard.promise;
  const encode = (text: string) => new TextEncoder().encode(text);
  return {
    /** Runs a line that starts no program. */
    async run(text: string, files: ReadonlyMap<string, Uint8Array>) {
      heard = Promise.withResolvers();
      const { parts, body } = joinParts([["", encode(text)], ["", encode("")], ...files]);
      const { outputBytes } = SHELL_LIMITS;
      const header = { parts, verbs: [], programs: [], memoryBytes: 1e9, outputBytes };
      worker.postMessage({ kind: "run", header, body: body.buffer } satisfies WorkerInput);
      const done = await heard.promise;
      if (done.kind !== "done") throw new Error(`${text}: ${done.kind}`);
      const { stdoutBytes, exitCode } = done.header;
      const bytes = new Uint8Array(done.body);
      const decode = (part: Uint8Array) => new TextDecoder().decode(part);
      return {
        stdout: decode(bytes.subarray(0, stdoutBytes)),
        stderr: decode(bytes.subarray(stdoutBytes)),
        exitCode,
      };
    },
    close: () => worker.terminate(),
  };
}
