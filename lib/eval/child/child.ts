// deno-lint-ignore-file kubecode/no-exit -- a sandbox child ends itself: nobody else is to
/**
 * The main thread of a sandbox child: starts the worker, gives up every permission, then carries
 * frames between the parent's pipes and the worker. It runs one script after the other and watches its
 * own memory.
 */
import { encodeFrame, KEPT_BYTES, readFrames } from "../../sandbox/frames.ts";
import {
  frameOutput,
  giveUpPermissions,
  readyFrame,
  residentBytes,
  startWorkerOf,
  watchMemory,
} from "../../sandbox/child/process.ts";
import { type DoneHeader, FRAME, type RunHeader } from "../protocol.ts";
import { WORKER_SOURCE } from "./sandbox.generated.ts";
import type * as Rewriting from "../script/typescript.ts";
import {
  LOOK,
  type WorkerAnswer,
  type WorkerInput,
  type WorkerOutput,
  type WorkerRun,
} from "./messages.ts";

/** Between being ready and warming the parser, in milliseconds. */
const WARM_UP_DELAY_MS = 15;

/** An answer may be as large as the broker lets a page be. */
const FRAME_LIMIT_BYTES = 80 * 1024 * 1024;

/** Parsed before there is anything to do: the parser's first run costs 12 ms, mostly compilation. */
const SAMPLES = [
  `const n = k8s.coreV1().pods("").list({ limit: 1 }).items.filter((p) => p.a?.b ?? !p.c).map(function (p) {
    if (p.x === 1 || p.y > 2) { return [p.z, ...p.w]; } else { return { a: \`\${p}\`, ["b"]: 1, ...p }; }
  });
  for (const [k, v] of Object.entries({})) { try { n[k] += v } catch (e) { throw new Error(e) } }
  /x/.test("y") ? n : null`,
  `const [a, b] = await Promise.all([f(), (async () => 1)()]); for (let i = 0; i < 1; i++) a.x = i; ({ a, b })`,
];

/** Runs the child until its standard input ends; never returns. */
export async function runSandboxChild(): Promise<never> {
  const { write, flush } = frameOutput();
  const leave = () => void flush().then(() => Deno.exit(0));
  /** One script is over: the next may come, unless something of it is left. */
  const again = () => {
    memory.rest();
    const bytes = residentBytes();
    if (rewriting.hasCrashed() || bytes > KEPT_BYTES) leave();
    else write(readyFrame(bytes));
  };
  const memory = watchMemory();
  const onMessage = (message: WorkerOutput) => {
    memory.look();
    if (message.kind === "ready") again();
    else if (message.kind === "spent") leave();
    else write(frameOf(message));
  };
  // While the worker starts on its own thread, this one gets ready what it will use.
  const starting = startWorker(onMessage);
  const rewriting = await import("../script/typescript.ts");
  const worker = await starting;
  giveUpPermissions();
  write(readyFrame());
  // Who waits for this child already has its script sent by now: that one is not kept waiting.
  const warmUp = setTimeout(() => {
    for (const sample of [...SAMPLES, ...SAMPLES]) rewriting.rewrite(sample);
  }, WARM_UP_DELAY_MS);
  for await (const frame of readFrames(Deno.stdin, FRAME_LIMIT_BYTES)) {
    if (frame.type === FRAME.run) {
      clearTimeout(warmUp);
      const header = frame.header as RunHeader;
      memory.limit(header.limits.memoryBytes);
      const failure = await start(rewriting, worker, header, frame.body);
      if (failure) {
        write(doneFrame(failure, ""));
        // Its realm has not been touched.
        again();
      }
    } else {
      const header = JSON.stringify(frame.header);
      const body = frame.body.buffer;
      worker.answer({ id: frame.id, header, body });
    }
  }
  Deno.exit(0);
}

/** What the worker says, as the parent is told. */
function frameOf(
  message: Exclude<WorkerOutput, { readonly kind: "ready" | "spent" }>,
): Uint8Array<ArrayBuffer> {
  switch (message.kind) {
    case "call":
      return encodeFrame(FRAME.call, message.id, JSON.parse(message.header), message.body);
    case "cancel":
      return encodeFrame(FRAME.cancel, message.id, undefined);
    case "taken":
      return encodeFrame(FRAME.taken, message.id, { count: message.count });
    case "log":
      return encodeFrame(FRAME.log, 0, { level: message.level }, encode(message.text));
    case "done":
      return doneFrame(JSON.parse(message.header), message.text);
  }
}

/** Characters of a message or a hint: the parent takes no header that is too long. */
const TOLD = 8 * 1024;

/** The end. An error may quote the script at length: a name, a regular expression. */
function doneFrame(header: DoneHeader, text: string): Uint8Array<ArrayBuffer> {
  if (header.ok) return encodeFrame(FRAME.done, 0, header, encode(text));
  const { message, hint } = header;
  const cut = { message: message.slice(0, TOLD), ...(hint ? { hint: hint.slice(0, TOLD) } : {}) };
  return encodeFrame(FRAME.done, 0, { ...header, ...cut });
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

interface WorkerHandle {
  run(run: WorkerRun): void;
  answer(answer: WorkerAnswer): void;
}

/** Starts the worker without any permission; resolves once its realm is up. */
function startWorker(onMessage: (message: WorkerOutput) => void): Promise<WorkerHandle> {
  const { port1, port2 } = new MessageChannel();
  const counter = new SharedArrayBuffer(4);
  const signal = new Int32Array(counter);
  let isUp = false;
  const worker = startWorkerOf(WORKER_SOURCE);
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerOutput>) => {
      if (isUp || data.kind !== "ready") return onMessage(data);
      isUp = true;
      const post = (input: WorkerInput, transfer: ArrayBuffer[] = []) =>
        worker.postMessage(input, transfer);
      resolve({
        run: (run) => post(run, [run.names]),
        answer(answer) {
          port1.postMessage(answer, [answer.body]);
          Atomics.add(signal, 0, 1);
          Atomics.notify(signal, 0);
          post(LOOK);
        },
      });
    };
    worker.postMessage({ port: port2, counter }, [port2]);
  });
}

async function start(
  { rewriteTyped, ScriptSyntaxError }: typeof Rewriting,
  worker: WorkerHandle,
  header: RunHeader,
  body: Uint8Array<ArrayBuffer>,
): Promise<DoneHeader | undefined> {
  const script = new TextDecoder().decode(body.subarray(0, header.scriptBytes));
  const names = body.slice(header.scriptBytes).buffer;
  try {
    worker.run({ ...await rewriteTyped(script), ...header, names });
    return undefined;
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error;
    const { name, message, line, column, hint } = error;
    return { ok: false, kind: "syntax", name, message, line, column, ...(hint ? { hint } : {}) };
  }
}
