/** One script in one child, from its start to its end. */
import type { Broker, BrokerCall } from "../../broker/types.ts";
import { ApiError, KubecodeError, LimitError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { MEMORY_EXIT_CODE } from "../child/exit_codes.ts";
import type { EvalLimits } from "../limits.ts";
import {
  type AnswerError,
  type AnswerHeader,
  FRAME,
  type Frame,
  type RunHeader,
} from "../protocol.ts";
import { residentBytes, type Sandbox } from "./sandbox.ts";
import type { ConsoleLine, Evaluation, EvaluationProgress, ScriptFailure } from "../types.ts";
import { readDone, readLog } from "./untrusted.ts";
import { createWindow, type Window } from "./flow_window.ts";

/** All that one run needs. */
export interface RunParts {
  readonly broker: Broker;
  readonly parseCall: (header: unknown) => BrokerCall;
  readonly logger: Logger;
  readonly sandbox: Sandbox;
  readonly limits: EvalLimits;
  readonly script: string;
  readonly timeoutMs: number;
  /** An approved run takes the time of its plan, to make the very same changes. */
  readonly startedAt?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Omit<EvaluationProgress, "waitedMs">) => void;
}

const MEMORY_INTERVAL_MS = 50;
const PROGRESS_INTERVAL_MS = 500;
/** Characters that a console may be over its limit by: the last line, and the word that it is full. */
const CONSOLE_GRACE = 1024;
/** How long a change waits for the watches ahead of it to have begun. */
const OPENING_MS = 2_000;
const NOTHING = new Uint8Array(0);

type Outcome = { readonly ok: true; readonly frame: Frame } | {
  readonly ok: false;
  failure: ScriptFailure;
};

/** What comes of a script that is not wanted any more. */
export const CANCELLED = failure("cancelled", "Cancelled", "the script was cancelled");

/** Runs a script; the child is used up afterwards, and the caller kills it. */
export async function runScript(parts: RunParts): Promise<Evaluation> {
  const { sandbox, limits, script, timeoutMs, signal } = parts;
  const started = performance.now();
  const console: ConsoleLine[] = [];
  const outcome = Promise.withResolvers<Outcome>();
  let over = false;
  const fail = (failure: ScriptFailure) => outcome.resolve({ ok: false, failure });
  const calls = createCalls(parts, fail);

  const cancel = () => fail(CANCELLED);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const deadline = setTimeout(() => fail(timeoutFailure(timeoutMs, limits)), timeoutMs);
  const memory = setInterval(() => {
    // The child ends itself at the limit; this is for one that no longer gets to look.
    if ((residentBytes(sandbox.pid) ?? 0) > limits.memoryBytes * 1.2) fail(memoryFailure(limits));
  }, MEMORY_INTERVAL_MS);
  const progress = setInterval(
    () =>
      parts.onProgress?.({
        elapsedMs: performance.now() - started,
        timeoutMs,
        calls: calls.made(),
      }),
    PROGRESS_INTERVAL_MS,
  );

  const read = async () => {
    let consoleRoom = limits.consoleBytes;
    for await (const frame of sandbox.frames) {
      if (frame.type === FRAME.call) await calls.serve(frame);
      else if (frame.type === FRAME.cancel) calls.cancel(frame.id);
      else if (frame.type === FRAME.taken) calls.taken(frame);
      else if (frame.type === FRAME.done) {
        over = true;
        return outcome.resolve({ ok: true, frame });
      } else if (frame.type === FRAME.log) {
        const line = readLog(frame);
        consoleRoom -= line.text.length + 8;
        // The child keeps this limit itself, with a word on it; one that does not is not ours.
        if (consoleRoom < -CONSOLE_GRACE) {
          return fail(failure("limit", "LimitError", "the sandbox wrote more than it may"));
        }
        console.push(line);
      } else {
        return fail(failure("internal", "InternalError", "the sandbox broke the protocol"));
      }
    }
  };
  // Its output ends when it does, or breaks off, or breaks the rules: over it is, whichever.
  read().catch((error) => {
    if (!over) parts.logger.warn("sandbox output ended", { reason: String(error) });
    sandbox.kill();
  }).then(async () => {
    const { code } = await sandbox.exited;
    if (over) return;
    fail(code === MEMORY_EXIT_CODE ? memoryFailure(limits) : endFailure(parts.logger, code));
  });

  try {
    // A configuration on a file system that hangs must not outlast the deadline.
    const namespace = await Promise.race([
      parts.broker.namespace(),
      outcome.promise.then(() => "default"),
    ]);
    const header: RunHeader = {
      namespace,
      deadline: Date.now() + timeoutMs,
      ...(parts.startedAt === undefined ? {} : { startedAt: parts.startedAt }),
      limits: {
        memoryBytes: limits.memoryBytes,
        calls: limits.calls,
        argumentBytes: limits.argumentBytes,
        consoleBytes: limits.consoleBytes,
        resultCharacters: limits.resultCharacters,
      },
    };
    void sandbox.write(FRAME.run, 0, header, new TextEncoder().encode(script));
    const ended = await outcome.promise;
    const about = { console, calls: calls.made(), durationMs: performance.now() - started };
    return ended.ok
      ? { ...about, ...readDone(ended.frame, script, limits.resultCharacters) }
      : { ...about, ok: false, failure: ended.failure };
  } finally {
    over = true;
    clearTimeout(deadline);
    clearInterval(memory);
    clearInterval(progress);
    signal.removeEventListener("abort", cancel);
    calls.abort();
    sandbox.kill();
  }
}

/**
 * Serves calls in the order in which the child makes them: reads side by side, a change alone, so
 * that what a script does comes in the order of its program. While as many as may be are under way
 * nothing more is read from the child: its pipe fills, and it waits.
 *
 * A watch stays beside all that: it holds nothing up and does not count, but a change waits a moment
 * for the watches ahead of it to have begun, so that they see it.
 */
function createCalls(parts: RunParts, fail: (failure: ScriptFailure) => void) {
  const { broker, limits, sandbox, logger } = parts;
  const open = new Map<number, { readonly end: AbortController; readonly window?: Window }>();
  const running = new Set<Promise<void>>();
  const opening = new Set<Promise<void>>();
  let watches = 0;
  let over = false;
  let made = 0;

  async function answer(frame: Frame, call: BrokerCall, begun?: () => void) {
    const { id, body } = frame;
    const end = new AbortController();
    const window = begun && createWindow(end.signal);
    open.set(id, { end, ...(window ? { window } : {}) });
    try {
      const answers = broker.call(call, body.length > 0 ? body : undefined, end.signal);
      for await (const { form, more, body } of answers) {
        await window?.room(body.length);
        await sandbox.write(FRAME.answer, id, { form, more } satisfies AnswerHeader, body);
        begun?.();
      }
    } catch (error) {
      if (!end.signal.aborted) await answerError(id, error);
    } finally {
      open.delete(id);
    }
  }

  async function answerError(id: number, error: unknown) {
    if (over) return;
    if (!(error instanceof KubecodeError)) {
      logger.error("call failed", { error: error instanceof Error ? error.stack : String(error) });
    }
    const header: AnswerHeader = { form: "error", error: describeCallError(error) };
    await sandbox.write(FRAME.answer, id, header, NOTHING);
  }

  async function watch(frame: Frame, call: BrokerCall): Promise<void> {
    if (over) return;
    if (watches >= limits.watches) {
      return await answerError(
        frame.id,
        new LimitError(`Cannot watch: ${limits.watches} watches of this script are open`, {
          hint: "End those that are done: break out of the loop, or give timeoutSeconds.",
        }),
      );
    }
    const begun = Promise.withResolvers<void>();
    const patience = setTimeout(begun.resolve, OPENING_MS);
    opening.add(begun.promise);
    begun.promise.then(() => opening.delete(begun.promise));
    watches += 1;
    answer(frame, call, begun.resolve).finally(() => {
      watches -= 1;
      clearTimeout(patience);
      begun.resolve();
    });
  }

  return {
    made: () => made,
    abort() {
      over = true;
      for (const { end } of open.values()) end.abort();
    },
    cancel: (id: number) => open.get(id)?.end.abort(),
    taken: ({ id, header }: Frame) => open.get(id)?.window?.taken(header),
    async serve(frame: Frame): Promise<void> {
      made += 1;
      // The child keeps these limits itself and tells the script; one that does not is not ours.
      const large = made > limits.calls || frame.body.length > limits.argumentBytes;
      if (large || open.has(frame.id)) {
        return fail(
          failure("limit", "LimitError", "the sandbox made more or other calls than it may"),
        );
      }
      let call: BrokerCall;
      try {
        call = parts.parseCall(frame.header);
      } catch (error) {
        return await answerError(frame.id, error);
      }
      if (call.op === "request" && call.verb === "watch") return await watch(frame, call);
      const alone = !broker.isRead(call);
      while (running.size > (alone ? 0 : limits.inFlight - 1)) await Promise.race(running);
      while (alone && opening.size > 0) await Promise.race(opening);
      if (over) return;
      const work = answer(frame, call).finally(() => running.delete(work));
      running.add(work);
      if (alone) await work;
    },
  };
}

function describeCallError(error: unknown): AnswerError {
  if (!(error instanceof KubecodeError)) {
    return { name: "InternalError", message: "kubecode failed; its log says why" };
  }
  const { name, message, hint } = error;
  const api = error instanceof ApiError
    ? { code: error.status, reason: error.reason, causes: error.causes }
    : {};
  return { name, message, ...(hint ? { hint } : {}), ...api };
}

function failure(kind: ScriptFailure["kind"], name: string, message: string, hint?: string) {
  return { kind, name, message, ...(hint ? { hint } : {}) };
}

function timeoutFailure(timeoutMs: number, { maxTimeoutMs }: EvalLimits): ScriptFailure {
  return failure(
    "timeout",
    "TimeoutError",
    `execution timeout exceeded: the script did not end within ${timeoutMs} ms`,
    `Ask for less at a time, or give a larger timeout (at most ${maxTimeoutMs}).`,
  );
}

function memoryFailure({ memoryBytes }: EvalLimits): ScriptFailure {
  return failure(
    "memory",
    "LimitError",
    `the script used more than ${memoryBytes >> 20} MiB of memory`,
    "Keep only the fields that are needed, and read large lists a page at a time (limit, continue).",
  );
}

function endFailure(logger: Logger, code: number): ScriptFailure {
  logger.warn("sandbox ended unasked", { code });
  return failure(
    "internal",
    "InternalError",
    "the sandbox ended before the script did",
    "It may have run out of memory in one step: work on less at a time.",
  );
}
