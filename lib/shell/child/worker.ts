/**
 * The worker in which a line is run. It has no permissions, and gives up what it could make code or
 * reach other parts of the process with before there is a line.
 */
import { giveUpPowers } from "../../sandbox/child/powers.ts";
import type { EndedHeader } from "../protocol.ts";
import { runLine } from "./line.ts";
import type { WorkerInput, WorkerScope } from "./messages.ts";
import type { Ended } from "../commands/programs.ts";

/** What the interpreter and jq go on using. */
const KEPT =
  "AbortController AbortSignal WebAssembly performance console crypto btoa atob URL Int8Array " +
  "parseFloat isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI " +
  "Int16Array Uint16Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array";

const scope = globalThis as unknown as WorkerScope;
const post = scope.postMessage.bind(scope);
const waiting = new Map<number, (ended: Ended) => void>();
let starts = 0;

scope.onmessage = ({ data }: { data: WorkerInput }) => {
  if (data.kind === "ended") {
    const { stdoutBytes, exitCode } = data.header;
    const body = new Uint8Array(data.body);
    waiting.get(data.id)?.({
      stdout: body.subarray(0, stdoutBytes),
      stderr: body.subarray(stdoutBytes),
      exitCode,
    });
    waiting.delete(data.id);
    return;
  }
  void runLine(data.header, new Uint8Array(data.body), (header, body) => {
    starts += 1;
    const ended = Promise.withResolvers<Ended>();
    waiting.set(starts, ended.resolve);
    post({ kind: "start", id: starts, header, body: body.buffer }, [body.buffer]);
    return ended.promise;
  }).then(({ stdout, stderr, exitCode, cut }) => {
    const body = new Uint8Array(stdout.length + stderr.length);
    body.set(stdout);
    body.set(stderr, stdout.length);
    const header: EndedHeader = { exitCode, stdoutBytes: stdout.length, cut };
    post({ kind: "done", header, body: body.buffer }, [body.buffer]);
  });
};

// What a line leaves behind when it is over is nobody's business any more.
scope.addEventListener("unhandledrejection", (event) => event.preventDefault());
giveUpPowers(KEPT);
post({ kind: "ready" });
