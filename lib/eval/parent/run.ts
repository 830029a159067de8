/** One script in one child, from its start to its end. */
import { type Frame, MEMORY_EXIT_CODE } from "../../sandbox/frames.ts";
import { concatBytes } from "../../std/bytes.ts";
import { residentBytes } from "../../sandbox/parent/child.ts";
import { FRAME, type RunHeader } from "../protocol.ts";
import type { ConsoleLine, Evaluation, EvaluationProgress, ScriptFailure } from "../types.ts";
import { type CallParts, type CallServer, createCallServer } from "./call_server.ts";
import { readDone, readLog } from "./child_reports.ts";
import { CANCELLED, endFailure, failure, memoryFailure, timeoutFailure } from "./failures.ts";

/** All that one run needs. */
export interface RunParts extends CallParts {
  readonly script: string;
  /** What the script has printed so far, and what the broker has to say. */
  readonly console: readonly ConsoleLine[];
  /** Takes a line that the script prints. */
  readonly say: (line: ConsoleLine) => void;
  readonly timeoutMs: number;
  /** An approved run takes the time of its plan, to make the very same changes. */
  readonly startedAt?: number;
  /** Changes are tried out, not made: the SDK's waits for them would have no end. */
  readonly trial?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Omit<EvaluationProgress, "waitedMs">) => void;
}

const NOTHING = new Uint8Array(0);
const MEMORY_INTERVAL_MS = 50;
const PROGRESS_INTERVAL_MS = 500;
/** Characters that a console may be over its limit by: the last line, and the word that it is full. */
const CONSOLE_GRACE = 1024;

type Outcome = { readonly ok: true; readonly frame: Frame } | {
  readonly ok: false;
  failure: ScriptFailure;
};

/** What came of a run. */
export interface Run {
  readonly evaluation: Evaluation;
  /** The script has ended by itself and left no call open; else its child is killed. */
  readonly isClean: boolean;
}

/** Runs a script. */
export async function runScript(parts: RunParts): Promise<Run> {
  const { sandbox, limits, script, signal } = parts;
  const started = performance.now();
  const { console } = parts;
  const outcome = Promise.withResolvers<Outcome>();
  const fail = (failure: ScriptFailure) => outcome.resolve({ ok: false, failure });
  const calls = createCallServer(parts, fail);
  const stopWatching = watchLimits(parts, started, calls.made, fail);
  const cancel = () => fail(CANCELLED);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  void readFrames(parts, calls, outcome);
  let isClean = false;
  try {
    // A configuration on a file system that hangs must not outlast the deadline.
    const [namespace, names] = await Promise.race([
      Promise.all([parts.broker.namespace(), knownNames(parts)]),
      outcome.promise.then(() => ["default", NOTHING] as const),
    ]);
    const text = new TextEncoder().encode(script);
    const header = runHeader(parts, namespace, text.length);
    void sandbox.write(FRAME.run, 0, header, concatBytes([text, names]));
    const ended = await outcome.promise;
    const made = calls.made() + (names.length > 0 ? 1 : 0);
    const about = { console, calls: made, durationMs: performance.now() - started };
    isClean = ended.ok && calls.open() === 0;
    const evaluation: Evaluation = ended.ok
      ? { ...about, ...readDone(ended.frame, script, limits.resultCharacters) }
      : { ...about, ok: false, failure: ended.failure };
    return { evaluation, isClean };
  } finally {
    stopWatching();
    signal.removeEventListener("abort", cancel);
    calls.abort();
    if (!isClean) sandbox.kill();
  }
}

/** The names that the cluster serves, for a script that seems to need them, where they are known. */
async function knownNames({ script, broker, signal }: RunParts): Promise<Uint8Array<ArrayBuffer>> {
  if (!/k8s|client/i.test(script)) return NOTHING;
  try {
    return (await broker.knownNames?.(signal))?.body ?? NOTHING;
  } catch {
    // The script is told when it asks.
    return NOTHING;
  }
}

/** Keeps the deadline and the memory, and tells of progress, until it is stopped. */
function watchLimits(
  { sandbox, limits, timeoutMs, onProgress }: RunParts,
  started: number,
  made: () => number,
  fail: (failure: ScriptFailure) => void,
): () => void {
  const deadline = setTimeout(() => fail(timeoutFailure(timeoutMs, limits)), timeoutMs);
  const limitBytes = limits.memoryBytes * 1.2 + sandbox.leftBytes();
  const memory = setInterval(() => {
    // The child ends itself at the limit; this is for one that no longer gets to look.
    if ((residentBytes(sandbox.pid) ?? 0) > limitBytes) fail(memoryFailure(limits));
  }, MEMORY_INTERVAL_MS);
  const progress = onProgress && setInterval(
    () => onProgress({ elapsedMs: performance.now() - started, timeoutMs, calls: made() }),
    PROGRESS_INTERVAL_MS,
  );
  return () => {
    clearTimeout(deadline);
    clearInterval(memory);
    clearInterval(progress);
  };
}

/** Reads what the child sends until it is done, breaks the rules, or is no more. */
async function readFrames(
  { sandbox, limits, logger, say }: RunParts,
  calls: CallServer,
  outcome: PromiseWithResolvers<Outcome>,
): Promise<void> {
  let settled = false;
  outcome.promise.then(() => settled = true);
  const end = (failure: ScriptFailure) => outcome.resolve({ ok: false, failure });
  let consoleRoom = limits.consoleBytes;
  try {
    for (;;) {
      const { value: frame, done } = await sandbox.frames.next();
      if (done) break;
      if (frame.type === FRAME.call) await calls.serve(frame);
      else if (frame.type === FRAME.cancel) calls.cancel(frame.id);
      else if (frame.type === FRAME.taken) calls.taken(frame);
      else if (frame.type === FRAME.done) return outcome.resolve({ ok: true, frame });
      else if (frame.type !== FRAME.log) {
        return end(failure("internal", "InternalError", "the sandbox broke the protocol"));
      } else {
        const line = readLog(frame);
        consoleRoom -= line.text.length + 8;
        // The child keeps this limit itself, with a word on it; one that does not is not ours.
        if (consoleRoom < -CONSOLE_GRACE) {
          return end(failure("limit", "LimitError", "the sandbox wrote more than it may"));
        }
        say(line);
      }
    }
  } catch (error) {
    if (!settled) logger.warn("sandbox output ended", { reason: String(error) });
    sandbox.kill();
  }
  const { code } = await sandbox.exited;
  if (settled) return;
  end(code === MEMORY_EXIT_CODE ? memoryFailure(limits) : endFailure(logger, code));
}

function runHeader(
  { limits, timeoutMs, startedAt, trial }: RunParts,
  namespace: string,
  scriptBytes: number,
): RunHeader {
  const { memoryBytes, calls, argumentBytes, consoleBytes, resultCharacters } = limits;
  return {
    namespace,
    deadline: Date.now() + timeoutMs,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(trial ? { trial } : {}),
    limits: { memoryBytes, calls, argumentBytes, consoleBytes, resultCharacters },
    scriptBytes,
  };
}
