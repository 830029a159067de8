/**
 * Flows: one function of the SDK that makes several calls. Written once, as a generator that yields
 * what it waits for, and run in both ways of writing: blocking, or step by step as answers come.
 */
import type { Call, CallSpec } from "./types.ts";
import { nullDecoder } from "./decoders.ts";
import { callError, fillError, inspectThrown, usageError } from "../base/errors.ts";
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

/** What a flow waits for, once that has begun. */
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
 * @param closed called once, at the end
 */
export function createFlow(
  id: number,
  makeSteps: (start: (spec: CallSpec) => Call) => Steps,
  start: (spec: CallSpec) => Call,
  closed: (failed: boolean) => void,
): Call & { begin(): void } {
  const steps = makeSteps(start);
  let pending: Pending | undefined;
  let running = false;

  function resume(step: () => IteratorResult<Waited, unknown>): void {
    running = true;
    pending = undefined;
    try {
      const { done, value } = step();
      if (!done) {
        pending = begin(value, start, advance);
        return;
      }
      flow.value = value;
      flow.state = "done";
    } catch (cause) {
      flow.error = located(cause, flow.error);
      flow.state = "failed";
    } finally {
      running = false;
    }
    closed(flow.state === "failed");
    flow.settle?.();
  }

  /** Goes on as far as that can be done without waiting. */
  function advance(): void {
    while (!running && pending?.ready()) {
      const { take } = pending;
      resume(() => {
        let value: unknown;
        try {
          value = take();
        } catch (cause) {
          return steps.throw(cause);
        }
        return steps.next(value);
      });
    }
  }

  const flow: { error: Error } & Omit<Call, "error"> & { begin(): void } = {
    id,
    spec: { decoder: nullDecoder() },
    error: callError(),
    state: "open",
    observed: false,
    value: undefined,
    settle: undefined,
    begin() {
      resume(() => steps.next());
      advance();
    },
    progress() {
      if (running) throw usageError("Error", "a call cannot wait for itself");
      pending?.block();
      advance();
    },
  };
  return flow;
}

/** Begins what a flow waits for. @param advance called when something has come of it */
function begin(
  waited: Waited,
  start: (spec: CallSpec) => Call,
  advance: () => void,
): Pending {
  if ("event" in waited) {
    waited.event.whenReady(advance);
    return waited.event;
  }
  const call = "started" in waited ? waited.started : start(waited.call);
  call.observed = true;
  call.settle = advance;
  return {
    ready: () => call.state !== "open",
    block: () => call.progress(),
    take() {
      if (call.state === "failed") throw call.error;
      return call.value;
    },
  };
}

/** An error with a place in the script: its own, or that of the flow that it ended. */
function located(cause: unknown, own: Error): Error {
  if (inspectThrown(cause).line !== undefined) return cause as Error;
  const { name, message, hint, code, reason, causes } = Object(cause) as AnswerError;
  return fillError(own, { name, message, hint, code, reason, causes });
}
