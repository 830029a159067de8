/** Serves the calls of one script through the broker. What a child sends is untrusted. */
import type { Broker, BrokerCall } from "../../broker/types.ts";
import { ApiError, KubecodeError, LimitError } from "../../errors.ts";
import { surroundingsError } from "../../surroundings.ts";
import type { Logger } from "../../log.ts";
import type { EvalLimits } from "../limits.ts";
import type { Frame } from "../../sandbox/frames.ts";
import type { Sandbox } from "../../sandbox/parent/child.ts";
import { type AnswerError, type AnswerHeader, FRAME } from "../protocol.ts";
import type { ScriptFailure } from "../types.ts";
import { failure } from "./failures.ts";
import { createWindow, type Window } from "./flow_window.ts";

/** How long a change waits for the watches ahead of it to have begun. */
const OPENING_MS = 2_000;
/** The end of a script whose child does not keep the limits by itself. */
const UNRULY = failure("limit", "LimitError", "the sandbox made more or other calls than it may");
const NOTHING = new Uint8Array(0);

/** What calls are served with. */
export interface CallParts {
  readonly broker: Broker;
  readonly parseCall: (header: unknown) => BrokerCall;
  readonly logger: Logger;
  readonly sandbox: Sandbox;
  readonly limits: EvalLimits;
}

/** The calls of one script. */
export interface CallServer {
  /** How many the script has made. */
  made(): number;
  /** How many of them are still to be answered. */
  open(): number;
  /** Serves a call; resolves once the next frame may be read. */
  serve(frame: Frame): Promise<void>;
  /** Ends a call that is no longer wanted. */
  cancel(id: number): void;
  /** The script has taken parts of a watch. */
  taken(frame: Frame): void;
  /** Ends all calls. */
  abort(): void;
}

/**
 * Makes the server of a script's calls, which are served in the order in which the child makes them:
 * reads side by side, a change alone, so that what a script does comes in the order of its program. While as many as may be are under way
 * nothing more is read from the child: its pipe fills, and it waits.
 *
 * A watch stays beside all that: it holds nothing up and does not count, but a change waits a moment
 * for the watches ahead of it to have begun, so that they see it.
 */
export function createCallServer(
  parts: CallParts,
  fail: (failure: ScriptFailure) => void,
): CallServer {
  const { broker, limits } = parts;
  const answers = createAnswers(parts);
  const running = new Set<Promise<void>>();
  const opening = new Set<Promise<void>>();
  let watches = 0;
  let made = 0;
  let last = 0;
  let told = 0;

  /** A script ends each call once, and takes each part once: a child that says more is not ours. */
  function isTooMuch(): boolean {
    told += 1;
    return told > made + answers.parts();
  }

  async function watch(frame: Frame, call: BrokerCall): Promise<void> {
    if (answers.isOver()) return;
    if (watches >= limits.watches) {
      return await answers.refuse(
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
    answers.send(frame, call, begun.resolve).finally(() => {
      watches -= 1;
      clearTimeout(patience);
      begun.resolve();
    });
  }

  return {
    made: () => made,
    open: answers.open,
    abort: answers.abort,
    cancel(id) {
      if (isTooMuch()) fail(UNRULY);
      else answers.cancel(id);
    },
    taken(frame) {
      if (isTooMuch()) fail(UNRULY);
      else answers.taken(frame);
    },
    async serve(frame) {
      made += 1;
      // The child keeps these limits itself and tells the script; one that does not is not ours.
      const large = made > limits.calls || frame.body.length > limits.argumentBytes;
      // A number used twice would have one call's end taken for the other's.
      const known = frame.id <= last;
      last = frame.id;
      if (large || known) {
        return fail(UNRULY);
      }
      let call: BrokerCall;
      try {
        call = parts.parseCall(frame.header);
      } catch (error) {
        return await answers.refuse(frame.id, error);
      }
      if (call.op === "request" && call.verb === "watch") return await watch(frame, call);
      const alone = !broker.isRead(call);
      while (running.size > (alone ? 0 : limits.inFlight - 1)) await Promise.race(running);
      while (alone && opening.size > 0) await Promise.race(opening);
      if (answers.isOver()) return;
      const work = answers.send(frame, call).finally(() => running.delete(work));
      running.add(work);
      if (alone) await work;
    },
  };
}

/** Answers calls, part by part, until they are cancelled or all is over. */
function createAnswers({ broker, sandbox, logger }: CallParts) {
  const open = new Map<number, { readonly end: AbortController; readonly window?: Window }>();
  let parts = 0;
  let over = false;

  async function refuse(id: number, cause: unknown): Promise<void> {
    if (over) return;
    const error = surroundingsError(cause) ?? cause;
    if (!(error instanceof KubecodeError)) {
      logger.error("call failed", { error: error instanceof Error ? error.stack : String(error) });
    }
    const header: AnswerHeader = { form: "error", error: describeCallError(error) };
    parts += 1;
    await sandbox.write(FRAME.answer, id, header, NOTHING);
  }

  return {
    isOver: () => over,
    // What was cancelled has no more parts for anybody.
    open: () => [...open.values()].filter(({ end }) => !end.signal.aborted).length,
    /** How many parts of answers have been sent. */
    parts: () => parts,
    refuse,
    /** @param begun called when the answer has begun; the parts of such a call go by a window */
    async send(frame: Frame, call: BrokerCall, begun?: () => void): Promise<void> {
      const { id, body } = frame;
      const end = new AbortController();
      const window = begun && createWindow(end.signal);
      open.set(id, { end, ...(window ? { window } : {}) });
      try {
        const answers = broker.call(call, body.length > 0 ? body : undefined, end.signal);
        for await (const { body, ...header } of answers) {
          await window?.room(body.length);
          // The child may end its script before the pipe tells us that it has the last part.
          if (!header.more) open.delete(id);
          parts += 1;
          await sandbox.write(FRAME.answer, id, header satisfies AnswerHeader, body);
          begun?.();
        }
      } catch (error) {
        open.delete(id);
        if (!end.signal.aborted) await refuse(id, error);
      } finally {
        open.delete(id);
      }
    },
    cancel: (id: number) => open.get(id)?.end.abort(),
    taken: ({ id, header }: Frame) => open.get(id)?.window?.taken(header),
    abort() {
      over = true;
      for (const { end } of open.values()) end.abort();
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
