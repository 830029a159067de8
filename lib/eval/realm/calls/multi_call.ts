/**
 * Flows: one function of the SDK that makes several calls. Written once, as a generator that yields
 * what it waits for, and run in both ways of writing: blocking, or step by step as answers come.
 */
import type { Call, CallSpec } from "./types.ts";
import { nullDecoder } from "./decoders.ts";
import { callError, fillError, inspectThrown, usageError } from "../base/errors.ts";
import { bare, generatorNext, generatorThrow, hasOwn, objectOf } from "../base/primordials.ts";
import type { Stream } from "./streams.ts";
import type { AnswerError } from "../../protocol.ts";

/**
 * What a flow waits for: the value of a call, or of one that it has started before, or a watch's next
 * event (undefined at its end).
 */
export type Waited =
  | { readonly call: CallSpec }
  | { readonly started: Call }
  | { readonly event: Stream };

/** The steps of a flow, and its value. */
export type Steps = Generator<Waited, unknown, unknown>;

interface Pending {
  ready(): boolean;
  /** Waits until something has come of it. */
  block(): void;
  /** Its value; throws its error. */
  take(): unknown;
}

/**
 * Makes a flow, not yet begun.
 *
 * @param start sends a call
 * @param closed told once, at the end
 */
export function createFlow(
  id: number,
  makeSteps: (start: (spec: CallSpec) => Call) => Steps,
  start: (spec: CallSpec) => Call,
  closed: (failed: boolean) => void,
): Call & { begin(): void } {
  const steps = makeSteps(start);
  let error = callError();
  let pending: Pending | undefined;
  let running = false;

  function resume(failed: boolean, input: unknown): void {
    running = true;
    pending = undefined;
    try {
      const step = failed ? generatorThrow(steps, input) : generatorNext(steps, input);
      if (!step.done) {
        pending = begin(step.value as Waited);
        return;
      }
      flow.value = step.value;
      flow.state = "done";
    } catch (cause) {
      error = located(cause, error);
      flow.state = "failed";
    } finally {
      running = false;
    }
    closed(flow.state === "failed");
    flow.settle?.();
  }

  function begin(waited: Waited): Pending {
    if (hasOwn(waited, "event")) {
      const { event } = waited as { readonly event: Stream };
      event.whenReady(advance);
      return event;
    }
    const call = hasOwn(waited, "started")
      ? (waited as { readonly started: Call }).started
      : start((waited as { readonly call: CallSpec }).call);
    call.observed = true;
    call.settle = advance;
    return {
      __proto__: null,
      ready: () => call.state !== "open",
      block: () => call.progress(),
      take() {
        if (call.state === "failed") throw call.error;
        return call.value;
      },
    } as Pending;
  }

  /** Goes on as far as that can be done without waiting. */
  function advance(): void {
    while (!running && pending?.ready()) {
      let failed = false;
      let input: unknown;
      try {
        input = pending.take();
      } catch (cause) {
        failed = true;
        input = cause;
      }
      resume(failed, input);
    }
  }

  const flow = {
    // Without a prototype, as all that leads to the host.
    __proto__: null,
    id,
    spec: bare({ decoder: nullDecoder() }),
    get error() {
      return error;
    },
    state: "open",
    observed: false,
    value: undefined,
    settle: undefined,
    begin() {
      resume(false, undefined);
      advance();
    },
    progress() {
      if (running) throw usageError("Error", "a call cannot wait for itself");
      pending?.block();
      advance();
    },
  } as unknown as Call & { begin(): void };
  return flow;
}

/** An error with a place in the script: its own, or that of the flow that it ended. */
function located(cause: unknown, own: Error): Error {
  if (inspectThrown(cause).line !== undefined) return cause as Error;
  const { name, message, hint, code, reason, causes } = objectOf(cause) as AnswerError;
  return fillError(own, { name, message, hint, code, reason, causes });
}
