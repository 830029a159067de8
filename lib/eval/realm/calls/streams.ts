/**
 * Watches as scripts read them: events are taken one by one, in either way of writing. What has come
 * and is not taken stays with the worker as bytes, and is bounded by the window that the parent keeps.
 */
import type { AnswerError, AnswerHeader } from "../../protocol.ts";
import { fillError, usageError } from "../base/errors.ts";
import type { Host } from "../base/host.ts";
import { tellAs } from "../base/descriptions.ts";
import { freeze, parse, PromiseClass, type SafeMap, safeMap, then } from "../base/primordials.ts";

/** A change of one object. */
export interface StreamEvent {
  readonly type: string;
  readonly object: unknown;
}

/** An iterator's answer. */
interface Step {
  readonly value: StreamEvent | undefined;
  readonly done: boolean;
}

/** One watch. */
export interface Stream {
  /** Whether `take` need not wait: an event is here, or none will come. */
  ready(): boolean;
  /** Waits until it is ready. */
  block(): void;
  /** The next event, waited for; undefined at the end. Throws the error that ended the watch. */
  take(): StreamEvent | undefined;
  /** The same as a promise, for whoever must not block. */
  next(): Promise<unknown>;
  /** Waits until the server has begun to answer; throws when it refused. */
  untilOpen(): void;
  /** The same as a promise. */
  opened(): Promise<unknown>;
  /** Ends the watch and its request. */
  cancel(): void;
  /** A part has come: whoever waits for it is told. */
  wake(): void;
  /** Calls back, once, when it is ready. */
  whenReady(callback: () => void): void;
  /** Whether nothing more will come of it. */
  over(): boolean;
  /** At the script's end: ends the watch, and gives a failure that nobody has seen. */
  leave(): Error | undefined;
}

/** Taken parts are told in bunches of so many, and whenever none is left. */
const BUNCH = 16;

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the reader of a watch that has been sent. @param error filled in when it fails */
export function createStream(host: Host, id: number, error: Error): Stream {
  let held: StreamEvent | undefined;
  let state: "sent" | "open" | "ended" | "failed" = "sent";
  let observed = false;
  let told = true;
  let untold = 0;
  const waiters: SafeMap<number, Waiter> = safeMap();
  let first = 0;
  let last = 0;
  let callback: (() => void) | undefined;
  let opening: Waiter | undefined;

  function fail(said: AnswerError): void {
    fillError(error, said);
    state = "failed";
    told = false;
  }

  /** Takes parts until an event is held or none is here. */
  function poll(): void {
    while (held === undefined && (state === "sent" || state === "open")) {
      const text = host.part(id);
      if (text === "") {
        if (untold > 0) host.taken(id, untold);
        untold = 0;
        return;
      }
      untold += 1;
      const header = parse(text) as AnswerHeader;
      if (header.form === "error") {
        fail(header.error ?? { name: "Error", message: "the watch failed" });
        return;
      }
      state = header.more ? "open" : "ended";
      try {
        if (host.size() > 0) held = parse(host.text()) as StreamEvent;
      } catch (cause) {
        fail({ name: "ApiError", message: `Cannot read the watch: ${String(cause)}` });
        host.cancel(id);
      }
      if (untold >= BUNCH) {
        host.taken(id, untold);
        untold = 0;
      }
    }
  }

  const ready = () => {
    poll();
    return held !== undefined || state === "ended" || state === "failed";
  };

  function block(): void {
    while (!ready()) host.wait(id);
  }

  function take(): StreamEvent | undefined {
    observed = true;
    block();
    const event = held;
    held = undefined;
    if (event === undefined && state === "failed" && !told) {
      // Once: an iterator that has failed is at its end.
      told = true;
      throw error;
    }
    return event;
  }

  /** Hands out what is here to those who wait for it. */
  function serve(): void {
    while (waiters.size() > 0 && ready()) {
      first += 1;
      const waiter = waiters.get(first)!;
      waiters.delete(first);
      try {
        const value = take();
        waiter.resolve({ value, done: value === undefined } satisfies Step);
      } catch (cause) {
        waiter.reject(cause);
      }
    }
    if (opening && (ready() || state === "open")) {
      const waiter = opening;
      opening = undefined;
      if (state === "failed") waiter.reject(failure());
      else waiter.resolve(undefined);
    }
    if (callback && ready()) {
      const call = callback;
      callback = undefined;
      call();
    }
  }

  const failure = () => {
    told = true;
    return error;
  };
  const begun = () => {
    poll();
    return state !== "sent";
  };

  return freeze({
    // As all that leads to the host: nothing of it is found on a prototype, or can be changed.
    __proto__: null,
    ready,
    block,
    take,
    wake: serve,
    next() {
      observed = true;
      const promise = new PromiseClass<unknown>((resolve, reject) => {
        last += 1;
        waiters.set(last, { resolve, reject });
      });
      serve();
      return promise;
    },
    untilOpen() {
      observed = true;
      while (!begun()) host.wait(id);
      if (state === "failed" && held === undefined) throw failure();
    },
    opened() {
      observed = true;
      const promise = new PromiseClass<unknown>((resolve, reject) => {
        const other = opening;
        opening = {
          resolve(value) {
            other?.resolve(value);
            resolve(value);
          },
          reject(cause) {
            other?.reject(cause);
            reject(cause);
          },
        };
      });
      serve();
      return promise;
    },
    cancel() {
      observed = true;
      if (state === "sent" || state === "open") {
        state = "ended";
        host.cancel(id);
      }
      held = undefined;
      serve();
    },
    whenReady(then) {
      callback = then;
      serve();
    },
    over: () => held === undefined && (state === "ended" || state === "failed"),
    leave() {
      while (!observed && !begun()) host.wait(id);
      if (!observed && state === "failed") return error;
      if (state === "sent" || state === "open") host.cancel(id);
      return undefined;
    },
  } as Stream);
}

/**
 * What `watch` gives: an iterator in both ways, so that `for await (const e of …)` waits and
 * `for (const e of …)` blocks. Leaving the loop ends the request. Awaited itself it says when the
 * watch has begun.
 */
export function watchIterator(stream: Stream, synchronous: boolean): object {
  const blocking = {
    next(): Step {
      const value = stream.take();
      return { value, done: value === undefined };
    },
    return(value?: unknown) {
      stream.cancel();
      return { value, done: true };
    },
    [Symbol.iterator]() {
      return blocking;
    },
  };
  const waiting = {
    next: () => stream.next(),
    return(value?: unknown) {
      stream.cancel();
      return new PromiseClass((resolve) => resolve({ value, done: true }));
    },
    [Symbol.asyncIterator]() {
      return waiting;
    },
  };
  const own = synchronous ? blocking : waiting;
  const watch = {
    next: own.next,
    return: own.return,
    stop: () => stream.cancel(),
    [Symbol.iterator]: () => blocking,
    [Symbol.asyncIterator]: () => waiting,
  };
  tellAs(watch, neverEnding);
  if (synchronous) return watch;
  return tellAs({
    ...watch,
    // The watch given has no `then` of its own, or awaiting it would have no end.
    then: (ok?: (value: unknown) => unknown, bad?: (error: unknown) => unknown) =>
      then(then(stream.opened(), () => watch), ok, bad),
  }, neverEnding);
}

function neverEnding(): never {
  throw usageError(
    "InputError",
    "Cannot return a watch: it is not a value, but events to come",
    "Take what is wanted: for (const {type, object} of pods.watch({timeoutSeconds: 10})) seen.push(…); seen",
  );
}
