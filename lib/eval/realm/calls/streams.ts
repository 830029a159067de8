/**
 * Watches as scripts read them: events are taken one by one, in either way of writing. What has come
 * and is not taken stays with the worker as bytes, and is bounded by the window that the parent keeps.
 */
import type { AnswerError, AnswerHeader } from "../../protocol.ts";
import { tellAs } from "../base/descriptions.ts";
import { fillError, usageError } from "../base/errors.ts";
import type { Host } from "../base/host.ts";

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

/** The parts of a watch, as they are taken from the host. */
interface Parts {
  /** Whether the next event, the end or a failure is here. */
  ready(): boolean;
  /** Whether the server has begun to answer, or refused. */
  begun(): boolean;
  /** Whether nothing more will come, and nothing is held. */
  over(): boolean;
  /** The next event of those that are here; undefined at the end. */
  next(): StreamEvent | undefined;
  /** The failure that ended the watch, if one has. */
  failure(): Error | undefined;
  /** Ends the watch and its request. */
  cancel(): void;
}

/** Reads the parts of a watch that has been sent. @param error filled in when it fails */
function readParts(host: Host, id: number, error: Error): Parts {
  let held: StreamEvent | undefined;
  let state: "sent" | "open" | "ended" | "failed" = "sent";
  let untold = 0;
  const isOpen = () => state === "sent" || state === "open";

  function tell(): void {
    if (untold > 0) host.taken(id, untold);
    untold = 0;
  }

  function fail(said: AnswerError): void {
    fillError(error, said);
    state = "failed";
  }

  function read(text: string): void {
    const header = JSON.parse(text) as AnswerHeader;
    if (header.form === "error") {
      return fail(header.error ?? { name: "Error", message: "the watch failed" });
    }
    state = header.more ? "open" : "ended";
    try {
      if (host.size() > 0) held = JSON.parse(host.text()) as StreamEvent;
    } catch (cause) {
      fail({ name: "ApiError", message: `Cannot read the watch: ${String(cause)}` });
      host.cancel(id);
    }
    if (untold >= BUNCH) tell();
  }

  /** Takes parts until an event is held or none is here. */
  function poll(): void {
    while (held === undefined && isOpen()) {
      const text = host.part(id);
      if (text === "") return tell();
      untold += 1;
      read(text);
    }
  }

  return {
    ready() {
      poll();
      return held !== undefined || !isOpen();
    },
    begun() {
      poll();
      return state !== "sent";
    },
    over: () => held === undefined && !isOpen(),
    next() {
      const event = held;
      held = undefined;
      return event;
    },
    failure: () => held === undefined && state === "failed" ? error : undefined,
    cancel() {
      if (isOpen()) {
        state = "ended";
        host.cancel(id);
      }
      held = undefined;
    },
  };
}

/** Those who wait for a watch without blocking. */
interface Waiting {
  /** A promise of the next event, as an iterator gives it. */
  next(): Promise<unknown>;
  opened(): Promise<unknown>;
  whenReady(callback: () => void): void;
  /** Hands out what is here to those who wait for it. */
  serve(): void;
}

/**
 * @param take gives the next event, or throws what ended the watch
 * @param checkOpen throws what the server refused the watch by
 */
function createWaiting(
  parts: Parts,
  take: () => StreamEvent | undefined,
  checkOpen: () => void,
): Waiting {
  const takers: Waiter[] = [];
  const openers: Waiter[] = [];
  let callback: (() => void) | undefined;

  function settle({ resolve, reject }: Waiter, give: () => unknown): void {
    try {
      resolve(give());
    } catch (cause) {
      reject(cause);
    }
  }
  function serve(): void {
    while (takers.length > 0 && parts.ready()) settle(takers.shift()!, () => stepOf(take()));
    while (openers.length > 0 && parts.begun()) settle(openers.shift()!, checkOpen);
    if (callback && parts.ready()) {
      const call = callback;
      callback = undefined;
      call();
    }
  }
  function waitIn(list: Waiter[]): Promise<unknown> {
    const promise = new Promise((resolve, reject) => list.push({ resolve, reject }));
    serve();
    return promise;
  }
  return {
    next: () => waitIn(takers),
    opened: () => waitIn(openers),
    whenReady(call) {
      callback = call;
      serve();
    },
    serve,
  };
}

function stepOf(value: StreamEvent | undefined): Step {
  return { value, done: value === undefined };
}

/** Makes the reader of a watch that has been sent. @param error filled in when it fails */
export function createStream(host: Host, id: number, error: Error): Stream {
  const parts = readParts(host, id, error);
  /** Somebody reads it, and will see a failure; which is told once. */
  let observed = false;
  let told = false;

  function block(): void {
    while (!parts.ready()) host.wait(id);
  }
  function take(): StreamEvent | undefined {
    block();
    const failure = parts.failure();
    if (failure === undefined || told) return parts.next();
    // Once: an iterator that has failed is at its end.
    told = true;
    throw failure;
  }
  function checkOpen(): void {
    const failure = parts.failure();
    if (failure === undefined) return;
    told = true;
    throw failure;
  }
  const waiting = createWaiting(parts, take, checkOpen);
  /** A function whose caller sees what becomes of the watch. */
  const observing = <Result>(read: () => Result) => () => {
    observed = true;
    return read();
  };

  return {
    ready: parts.ready,
    block,
    take: observing(take),
    wake: waiting.serve,
    next: observing(waiting.next),
    untilOpen: observing(() => {
      while (!parts.begun()) host.wait(id);
      checkOpen();
    }),
    opened: observing(waiting.opened),
    cancel: observing(() => {
      parts.cancel();
      waiting.serve();
    }),
    whenReady: waiting.whenReady,
    over: parts.over,
    leave() {
      while (!observed && !parts.begun()) host.wait(id);
      const failure = observed ? undefined : parts.failure();
      if (failure === undefined) parts.cancel();
      return failure;
    },
  };
}

/**
 * What `watch` gives: an iterator in both ways, so that `for await (const e of …)` waits and
 * `for (const e of …)` blocks. Leaving the loop ends the request. Awaited itself it says when the
 * watch has begun.
 */
export function watchIterator(stream: Stream, synchronous: boolean): object {
  const blocking = {
    next: () => stepOf(stream.take()),
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
      return Promise.resolve({ value, done: true });
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
      stream.opened().then(() => watch).then(ok, bad),
  }, neverEnding);
}

function neverEnding(): never {
  throw usageError(
    "InputError",
    "Cannot return a watch: it is not a value, but events to come",
    "Take what is wanted: for (const {type, object} of pods.watch({timeoutSeconds: 10})) seen.push(…); seen",
  );
}
