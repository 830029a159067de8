/**
 * Calls to the cluster, in the two ways of writing: a synchronous script's call blocks and gives
 * data; an asynchronous one's starts at once and gives a promise, which blocks only when somebody
 * touches it as if it were the data (a forgotten `await`).
 */
import type { Host } from "../base/host.ts";
import { createFlow, type Steps } from "./multi_call.ts";
import { type CallLimits, createOpenCalls, promiseOf, take } from "./open_calls.ts";
import { pendingProxy } from "./pending_proxy.ts";
import { createStream, type Stream } from "./streams.ts";
import type { Call, CallSpec } from "./types.ts";

/** A call that was begun. */
export interface Begun {
  /** Its value, waited for; throws its error. */
  wait(): unknown;
  promise(): Promise<unknown>;
  /** Its value is not wanted: the end of the script does not wait for it. */
  abandon(): void;
}

/** Makes calls for one script. */
export interface Caller {
  /** The same, with calls that are made in a context of that name. */
  within(context: string): Caller;
  /** Calls block and give data. */
  readonly synchronous: boolean;
  /** Starts a call: its value in a synchronous script, a promise of it in an asynchronous one. */
  invoke(makeSpec: () => CallSpec): unknown;
  /** Makes a call and waits for it, in either kind of script. */
  block(spec: CallSpec): unknown;
  /**
   * Starts a call whose value is taken later or never: nobody but who takes it is told of a failure.
   *
   * @param error what is filled in then, made where the script asked for it
   */
  begin(spec: CallSpec, error: Error): Begun;
  /** Starts a watch; its events are taken one by one. */
  stream(spec: CallSpec): Stream;
  /** Runs steps that make calls of their own: their value, or a promise of it, as `invoke`. */
  flow(steps: (start: (spec: CallSpec) => Call) => Steps): unknown;
  /** A part of an answer has come. */
  answered(id: number): void;
  /** How many calls are open: begun and not answered. */
  openCalls(): number;
  /** Waits for all calls still open; the first failure that nobody observed, if there is one. */
  settleAll(): Error | undefined;
  /** Failures so far that nobody observed. */
  lost(): readonly Error[];
}

/** Makes the caller of one script. */
export function createCaller(
  host: Host,
  options: CallLimits & { readonly synchronous: boolean },
): Caller {
  const calls = createOpenCalls(host, options);
  const streams = new Map<number, Stream>();
  let flows = 0;

  function startFlow(steps: Parameters<Caller["flow"]>[0], context?: string): Call {
    flows += 1;
    const begin = (spec: CallSpec) => calls.start(addressed(spec, context));
    const flow = createFlow(-flows, steps, begin, (failed) => {
      calls.open.delete(flow.id);
      if (failed) calls.failed.push(flow);
    });
    if (flow.state === "open") calls.open.set(flow.id, flow);
    flow.begin();
    return flow;
  }

  function run(begin: () => Call): unknown {
    if (options.synchronous) {
      const call = begin();
      const value = take(call);
      return call.spec.awaited ? call.spec.awaited(value) : value;
    }
    try {
      return pending(begin());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  const callerOf = (context?: string): Caller => ({
    ...shared,
    within: callerOf,
    invoke: (makeSpec) => run(() => calls.start(addressed(makeSpec(), context))),
    block: (spec) => take(calls.start(addressed(spec, context))),
    begin(spec, error) {
      const call = calls.start(addressed(spec, context), error);
      call.observed = true;
      const abandon = () => void calls.open.delete(call.id);
      return { wait: () => take(call), promise: () => promiseOf(call), abandon };
    },
    stream(spec) {
      const { id, error } = calls.send(addressed(spec, context));
      const stream = createStream(host, id, error);
      streams.set(id, stream);
      return stream;
    },
    flow: (steps) => run(() => startFlow(steps, context)),
  });

  const lost = () => calls.failed.filter(({ observed }) => !observed).map(({ error }) => error);
  const shared: Pick<Caller, "synchronous" | "answered" | "openCalls" | "lost" | "settleAll"> = {
    synchronous: options.synchronous,
    answered(id) {
      const call = calls.open.get(id);
      if (call) return calls.pull(call);
      const watch = streams.get(id);
      if (watch === undefined) return;
      watch.wake();
      if (watch.over()) streams.delete(id);
    },
    openCalls: () => calls.open.size,
    lost,
    settleAll() {
      // A call that ends may begin others: a Map is iterated with what is added on the way.
      for (const call of calls.open.values()) while (call.state === "open") call.progress();
      for (const watch of streams.values()) {
        const failure = watch.leave();
        if (failure) return failure;
      }
      return lost()[0];
    },
  };
  return callerOf();
}

/** A call as an asynchronous script has it. */
function pending(call: Call): unknown {
  const promise = promiseOf(call);
  const { awaited } = call.spec;
  const shown = awaited ? promise.then(awaited) : promise;
  // Failures that nobody takes up are told at the end, with their place in the script.
  promise.catch(() => {});
  shown.catch(() => {});
  return pendingProxy(promise, shown, call, take);
}

/** What is sent, in the context meant: one place, for whatever makes calls. */
function addressed(spec: CallSpec, context: string | undefined): CallSpec {
  return context === undefined ? spec : { ...spec, header: { ...spec.header, context } };
}
