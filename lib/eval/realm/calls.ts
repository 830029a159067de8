/**
 * Calls to the cluster, in the two ways of writing: a synchronous script's call blocks and gives
 * data; an asynchronous one's starts at once and gives a promise, which blocks only when somebody
 * touches it as if it were the data (a forgotten `await`).
 */
import type { AnswerError, AnswerHeader } from "../protocol.ts";
import { callError, fillError, usageError } from "./errors.ts";
import type { Host } from "./host.ts";
import {
  append,
  apply,
  bare,
  catchOf,
  finallyOf,
  getPrototypeOf,
  objectOf,
  ownKeys,
  parse,
  PromiseClass,
  ProxyClass,
  reflectDelete,
  reflectDescriptor,
  reflectGet,
  reflectHas,
  reflectSet,
  type SafeMap,
  safeMap,
  stringify,
  then,
} from "./primordials.ts";

/** Takes the parts of an answer as they come, and gives the value at the end. */
export interface Decoder {
  add(host: Host): void;
  end(): unknown;
}

/** One call to make. */
export interface CallSpec {
  readonly header: object;
  readonly body?: string;
  readonly decoder: Decoder;
  /** Methods that the promise of the call offers besides its own, each given the value. */
  readonly methods?: Readonly<Record<string, (value: unknown) => unknown>>;
  /** What an awaited call gives, where that is not the value itself. */
  readonly awaited?: (value: unknown) => unknown;
}

interface Call {
  readonly id: number;
  readonly spec: CallSpec;
  readonly error: Error;
  state: "open" | "done" | "failed";
  /** Somebody has seen, or will see, whether it failed. */
  observed: boolean;
  value: unknown;
  settle: (() => void) | undefined;
}

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
  /** A part of an answer has come. */
  answered(id: number): void;
  /** How many calls are open: begun and not answered. */
  openCalls(): number;
  /** Waits for all calls still open; the first failure that nobody observed, if there is one. */
  settleAll(): Error | undefined;
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
  let unobserved: Call[] = [];
  let exhausted: Error | undefined;

  function start(spec: CallSpec, error = callError()): Call {
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
        message: `Cannot send the object: it is larger than ${options.argumentBytes} bytes`,
      });
    }
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
    } as unknown as Call;
    open.set(id, call);
    return call;
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
    while (call.state === "open") {
      host.wait(call.id);
      pull(call);
    }
    if (call.state === "failed") throw call.error;
    return call.value;
  }

  function promiseOf(call: Call): unknown {
    const promise = new PromiseClass<unknown>((resolve, reject) => {
      call.settle = () => call.state === "failed" ? reject(call.error) : resolve(call.value);
    });
    const { awaited } = call.spec;
    const shown = awaited ? then(promise, awaited) : promise;
    // Failures that nobody takes up are told at the end, with their place in the script.
    catchOf(promise, () => {});
    catchOf(shown, () => {});
    return pendingProxy(promise, shown, call, take);
  }

  return {
    synchronous: options.synchronous,
    invoke(makeSpec) {
      if (options.synchronous) {
        const call = start(bare(makeSpec()));
        const value = take(call);
        return call.spec.awaited ? call.spec.awaited(value) : value;
      }
      try {
        return promiseOf(start(bare(makeSpec())));
      } catch (error) {
        return new PromiseClass((_, reject) => reject(error));
      }
    },
    block: (spec) => take(start(bare(spec))),
    begin(spec, error) {
      const call = start(bare(spec), error);
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
    answered(id) {
      const call = open.get(id);
      if (call) pull(call);
    },
    openCalls: () => open.size(),
    settleAll() {
      const rest = open.values();
      for (let at = 0; at < rest.length; at++) {
        const call = rest[at]!;
        while (call.state === "open") {
          host.wait(call.id);
          pull(call);
        }
      }
      for (let at = 0; at < unobserved.length; at++) {
        const call = unobserved[at]!;
        if (!call.observed) return call.error;
      }
      unobserved = [];
      return undefined;
    },
  };
}

/** What is both: a promise to whoever awaits it, the data to whoever touches it. */
function pendingProxy(
  promise: Promise<unknown>,
  shown: Promise<unknown>,
  call: Call,
  take: (call: Call) => unknown,
): unknown {
  const plain = () => call.spec.awaited ? call.spec.awaited(take(call)) : take(call);
  // A primitive's methods are found on its object form.
  const value = () => objectOf(plain()) as object;
  const observing = (method: (self: Promise<unknown>, ...args: never[]) => unknown) =>
  (
    ...args: unknown[]
  ) => {
    call.observed = true;
    return apply(method, undefined, [shown, ...args]);
  };
  const promised: Record<string, unknown> = {
    __proto__: null,
    then: observing(then as never),
    catch: observing(catchOf as never),
    finally: observing(finallyOf as never),
    // JSON.stringify sees the data, whatever its type.
    toJSON: plain,
  };
  const methods = call.spec.methods ?? {};
  return new ProxyClass({ __proto__: null } as object, {
    __proto__: null,
    get(_, key) {
      if (typeof key === "string" && reflectHas(promised, key)) return promised[key];
      if (typeof key === "string" && reflectDescriptor(methods, key)) {
        return () => {
          call.observed = true;
          return then(promise, (raw) => methods[key]!(raw));
        };
      }
      const data = value();
      const member = reflectGet(data, key, data);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => apply(member, data, args);
    },
    has: (_, key) => reflectHas(value(), key),
    set: (_, key, set) => reflectSet(value(), key, set),
    deleteProperty: (_, key) => reflectDelete(value(), key),
    ownKeys: () => ownKeys(value()),
    getPrototypeOf: () => getPrototypeOf(value()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = reflectDescriptor(value(), key);
      // The proxy's own target is empty: what it reports must be configurable.
      return descriptor && { ...descriptor, configurable: true };
    },
    defineProperty() {
      throw usageError("TypeError", "a pending result takes no definitions: await it first");
    },
  } as ProxyHandler<object>);
}
