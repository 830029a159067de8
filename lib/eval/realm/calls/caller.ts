/**
 * Calls to the cluster, in the two ways of writing: a synchronous script's call blocks and gives
 * data; an asynchronous one's starts at once and gives a promise, which blocks only when somebody
 * touches it as if it were the data (a forgotten `await`).
 */
import type { AnswerError, AnswerHeader } from "../../protocol.ts";
import type { Call, CallSpec } from "./types.ts";
import { callError, fillError } from "../base/errors.ts";
import { createFlow, type Steps } from "./multi_call.ts";
import type { Host } from "../base/host.ts";
import { pendingProxy } from "./pending_proxy.ts";
import {
  append,
  bare,
  catchOf,
  parse,
  PromiseClass,
  type SafeMap,
  safeMap,
  stringify,
  then,
} from "../base/primordials.ts";
import { createStream, type Stream } from "./streams.ts";

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
  options: {
    readonly synchronous: boolean;
    readonly calls: number;
    readonly argumentBytes: number;
  },
): Caller {
  const open: SafeMap<number, Call> = safeMap();
  const streams: SafeMap<number, Stream> = safeMap();
  let unobserved: Call[] = [];
  let exhausted: Error | undefined;
  let flows = 0;

  /** Sends a call: its number, and the error that it may come to. */
  function send(spec: CallSpec, error = callError()): { id: number; error: Error } {
    if (exhausted) throw exhausted;
    const id = host.send(stringify(bare(spec.header)), spec.body ?? "");
    if (id === 0) {
      // One error for all calls too many: a script that goes on making them fills no memory.
      throw exhausted = fillError(error, {
        name: "LimitError",
        message: `Cannot make another call: a script may make ${options.calls}`,
        hint: "List once and filter in the script instead of getting objects one by one.",
      });
    }
    if (id < 0) {
      throw fillError(error, {
        name: "LimitError",
        message: spec.body === undefined || id === -1
          ? "Cannot make the call: its names and options are too long"
          : `Cannot send the object: it has ${-id} bytes, the API server takes ${options.argumentBytes}`,
        hint: "Split it into several objects, or leave out what is not needed.",
      });
    }
    return { id, error };
  }

  function start(spec: CallSpec, given?: Error): Call {
    const { id, error } = send(spec, given);
    const call = {
      // Without a prototype, as the spec is: what is not there is not looked for on a poisoned one.
      __proto__: null,
      id,
      spec,
      error,
      state: "open",
      observed: false,
      value: undefined,
      settle: undefined,
      progress() {
        host.wait(id);
        pull(call);
      },
    } as unknown as Call;
    open.set(id, call);
    return call;
  }

  function stream(spec: CallSpec): Stream {
    const { id, error } = send(spec);
    const made = createStream(host, id, error);
    streams.set(id, made);
    return made;
  }

  function startFlow(steps: Parameters<Caller["flow"]>[0], context?: string): Call {
    flows += 1;
    const begin = (spec: CallSpec) => start(addressed(spec, context));
    const flow = createFlow(-flows, steps, begin, (failed) => {
      open.delete(flow.id);
      if (failed) append(unobserved, flow);
    });
    if (flow.state === "open") open.set(flow.id, flow);
    flow.begin();
    return flow;
  }

  function pull(call: Call): void {
    while (call.state === "open") {
      const text = host.part(call.id);
      if (text === "") return;
      const header = parse(text) as AnswerHeader;
      try {
        if (header.form === "error") return close(call, header.error);
        call.spec.decoder.add(host);
        if (!header.more) close(call);
      } catch (error) {
        close(call, {
          name: "ApiError",
          message: `Cannot read the API server's answer: ${String(error)}`,
        });
      }
    }
  }

  function close(call: Call, error?: AnswerError): void {
    open.delete(call.id);
    if (error) {
      fillError(call.error, error);
      call.state = "failed";
      append(unobserved, call);
    } else {
      call.value = call.spec.decoder.end();
      call.state = "done";
    }
    call.settle?.();
  }

  /** The call's value, waited for; throws its error. */
  function take(call: Call): unknown {
    call.observed = true;
    while (call.state === "open") call.progress();
    if (call.state === "failed") throw call.error;
    return call.value;
  }

  function promiseOf(call: Call): unknown {
    const promise = new PromiseClass<unknown>((resolve, reject) => {
      call.settle = () => call.state === "failed" ? reject(call.error) : resolve(call.value);
      if (call.state !== "open") call.settle();
    });
    const { awaited } = call.spec;
    const shown = awaited ? then(promise, awaited) : promise;
    // Failures that nobody takes up are told at the end, with their place in the script.
    catchOf(promise, () => {});
    catchOf(shown, () => {});
    return pendingProxy(promise, shown, call, take);
  }

  function run(begin: () => Call): unknown {
    if (options.synchronous) {
      const call = begin();
      const value = take(call);
      return call.spec.awaited ? call.spec.awaited(value) : value;
    }
    try {
      return promiseOf(begin());
    } catch (error) {
      return new PromiseClass((_, reject) => reject(error));
    }
  }

  const callerOf = (context?: string): Caller => ({
    ...shared,
    within: callerOf,
    invoke: (makeSpec) => run(() => start(addressed(makeSpec(), context))),
    block: (spec) => take(start(addressed(spec, context))),
    begin(spec, error) {
      const call = start(addressed(spec, context), error);
      call.observed = true;
      return {
        wait: () => take(call),
        promise: () =>
          new PromiseClass((resolve, reject) => {
            call.settle = () => call.state === "failed" ? reject(call.error) : resolve(call.value);
            if (call.state !== "open") call.settle();
          }),
        abandon: () => open.delete(call.id),
      };
    },
    stream: (spec) => stream(addressed(spec, context)),
    flow: (steps) => run(() => startFlow(steps, context)),
  });

  const shared: Pick<Caller, "synchronous" | "answered" | "openCalls" | "lost" | "settleAll"> = {
    synchronous: options.synchronous,
    answered(id) {
      const call = open.get(id);
      if (call) return pull(call);
      const watch = streams.get(id);
      if (watch === undefined) return;
      watch.wake();
      if (watch.over()) streams.delete(id);
    },
    openCalls: () => open.size(),
    lost() {
      const errors: Error[] = [];
      for (let at = 0; at < unobserved.length; at++) {
        if (!unobserved[at]!.observed) append(errors, unobserved[at]!.error);
      }
      return errors;
    },
    settleAll() {
      for (let rest = open.values(); rest.length > 0; rest = open.values()) {
        for (let at = 0; at < rest.length; at++) {
          while (rest[at]!.state === "open") rest[at]!.progress();
        }
      }
      const watches = streams.values();
      for (let at = 0; at < watches.length; at++) {
        const lost = watches[at]!.leave();
        if (lost) return lost;
      }
      for (let at = 0; at < unobserved.length; at++) {
        const call = unobserved[at]!;
        if (!call.observed) return call.error;
      }
      unobserved = [];
      return undefined;
    },
  };
  return callerOf();
}

/** What is sent, without a prototype, in the context meant: one place, for whatever makes calls. */
function addressed(spec: CallSpec, context: string | undefined): CallSpec {
  const sent = bare(spec) as { header: object };
  if (context !== undefined) {
    const header = bare(spec.header) as { context?: string };
    header.context = context;
    sent.header = header;
  }
  return sent as CallSpec;
}
