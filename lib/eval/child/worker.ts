/**
 * The worker: no permissions, and a fresh realm for each script. It stands between the realm and the
 * child's main thread, and hands the realm functions that take and give only plain text and numbers.
 * With its script a realm loses them: what is left of it can neither act nor be called.
 *
 * Bundled into one text (with the realm's inside) and started from a data: URL, which works in every
 * way of running: from source, from a URL, compiled.
 */
import vm from "node:vm";
import { type MessagePort as NodePort, receiveMessageOnPort } from "node:worker_threads";
import { giveUpPowers } from "./powers.ts";
import type { Host, Insertion, Place, RealmHooks, StartParams } from "../realm/base/host.ts";
import { type ChildLimits, HEADER_LIMIT_BYTES } from "../protocol.ts";

/** Text of the realm's bundle, put in place by the bundler. */
declare const REALM_SOURCE: string;

/** Child → worker: the means of talking, once. */
export interface InitMessage {
  readonly port: MessagePort;
  /** One Int32, raised with each message on the port: what a blocked call waits on. */
  readonly counter: SharedArrayBuffer;
}

/** Child → worker, on the port. */
export type WorkerInput =
  | { readonly kind: "run"; readonly run: WorkerRun }
  | {
    readonly kind: "answer";
    readonly id: number;
    readonly header: string;
    /** A buffer, not an array over it: Deno takes 0.7 s to receive an array of 5 MB by a port. */
    readonly body: ArrayBuffer;
  };

/** What to run. */
export interface WorkerRun {
  readonly code: string;
  readonly synchronous: boolean;
  readonly lineOffset: number;
  readonly insertions: readonly Insertion[];
  readonly largeIntegers: readonly string[];
  readonly places?: readonly Place[];
  readonly noValue: string;
  readonly namespace: string;
  readonly deadline: number;
  readonly startedAt?: number;
  readonly trial?: boolean;
  readonly limits: ChildLimits;
}

/** Worker → child. */
export type WorkerOutput =
  /** A fresh realm is up. Said again when a script has ended and nothing of it is left. */
  | { readonly kind: "ready" }
  /** The script has left something behind: there is no further one. */
  | { readonly kind: "spent" }
  | {
    readonly kind: "call";
    readonly id: number;
    readonly header: string;
    readonly body: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "taken"; readonly id: number; readonly count: number }
  | { readonly kind: "log"; readonly level: string; readonly text: string }
  | { readonly kind: "done"; readonly header: string; readonly text: string };

interface WorkerScope {
  postMessage(message: WorkerOutput, transfer?: Transferable[]): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  addEventListener(
    type: "unhandledrejection",
    listener: (event: { promise: object; reason: unknown; preventDefault(): void }) => void,
  ): void;
}

interface Part {
  readonly header: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Random bytes that are given at once. */
const RANDOM_BYTES = 65_536;

const scope = globalThis as unknown as WorkerScope;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Taken now: what is not the language's own goes before there is a script. */
const { crypto } = globalThis;

scope.onmessage = ({ data }) => {
  const { port, counter } = data as InitMessage;
  let current: ScriptRealm | undefined;
  const answers = createAnswers(port as unknown as NodePort, new Int32Array(counter), (run) => {
    // Not from within a blocked call: a script is started once, and first.
    queueMicrotask(() => current?.run(run));
  });
  const calls = { count: 0 };
  const next = () => {
    answers.forget(calls.count);
    current = createScriptRealm(answers, calls, (isClean) => {
      current = undefined;
      // A turn of the event loop later nothing of the script is left to run: unless it never ends.
      if (isClean) setTimeout(next, 0);
      else scope.postMessage({ kind: "spent" });
    });
    scope.postMessage({ kind: "ready" });
  };

  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    current?.unhandled(event);
  });
  // Each message on the port is followed by one here, which wakes a worker that does not block.
  scope.onmessage = () => {
    for (const id of answers.receive()) current?.answered(id);
  };

  // The first timer of a thread costs some milliseconds: spent before there is a script.
  clearTimeout(setTimeout(() => {}, 0));
  giveUpPowers();
  next();
};

/** Calls that all scripts of this worker have made: their numbers are never used again. */
interface Calls {
  count: number;
}

/** A realm for one script. */
interface ScriptRealm {
  run(run: WorkerRun): void;
  /** A part of an answer has come. */
  answered(id: number): void;
  unhandled(event: { readonly promise: object; readonly reason: unknown }): void;
}

/** @param onEnd called once: with false where the script has left timers behind */
function createScriptRealm(
  answers: Answers,
  calls: Calls,
  onEnd: (isClean: boolean) => void,
): ScriptRealm {
  const started: Started = { before: calls.count, console: 0, told: false, over: false };
  const realm = createRealm();
  const timers = createTimers((number) => hooks.fire(number));
  const host = sealed({
    ...callFunctions(answers, started, calls),
    log: consoleFunction(started),
    random: (count) => randomText(count),
    startTimer(number, milliseconds, repeat) {
      if (!started.over) timers.start(number, milliseconds, repeat);
    },
    stopTimer: timers.stop,
    finish(header, text) {
      if (started.over) return;
      started.over = true;
      const left = timers.stopAll();
      scope.postMessage({ kind: "done", header, text });
      onEnd(left === 0);
    },
  });
  const hooks = realm.install(host);
  return {
    run(run) {
      if (started.limits) return;
      started.limits = run.limits;
      hooks.start(JSON.stringify(paramsOf(run)));
      runScript(run, realm.context, hooks, host);
    },
    answered: hooks.answered,
    unhandled({ promise, reason }) {
      // One of a script before it may be told of late: that is none of this one's business.
      if (Reflect.getPrototypeOf(promise) === realm.promises) hooks.unhandled(reason);
    },
  };
}

/** What the script has used of its limits, once it has started. */
interface Started {
  limits?: ChildLimits;
  /** Calls of the scripts before it. */
  readonly before: number;
  console: number;
  /** The script has been told that its console is full. */
  told: boolean;
  /** It has ended: the host does nothing more for its realm. */
  over: boolean;
}

/** The parts of answers that have come on the port and are not taken yet. */
interface Answers {
  /** Receives what has come; gives the calls that have parts here. */
  receive(): number[];
  /** Blocks until a part of that call's answer is here. */
  wait(id: number): void;
  take(id: number): Part | undefined;
  /** Drops the parts of that call, and those that are still to come; false where that was done. */
  drop(id: number): boolean;
  /** Drops all that is for calls up to that one, and what is still to come. */
  forget(last: number): void;
}

/** @param signal raised with each message @param onRun called for the script to run */
function createAnswers(
  port: NodePort,
  signal: Int32Array,
  onRun: (run: WorkerRun) => void,
): Answers {
  const waiting = new Map<number, Part[]>();
  const dropped = new Set<number>();
  let forgotten = 0;
  function receive(): number[] {
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: WorkerInput } | undefined;
      if (received === undefined) return [...waiting.keys()];
      const { message } = received;
      if (message.kind === "run") {
        onRun(message.run);
        continue;
      }
      // Sent before the parent heard of the end.
      if (message.id <= forgotten || dropped.has(message.id)) continue;
      const parts = waiting.get(message.id) ?? [];
      parts.push({ header: message.header, body: new Uint8Array(message.body) });
      waiting.set(message.id, parts);
    }
  }
  return {
    receive,
    wait(id) {
      for (;;) {
        const seen = Atomics.load(signal, 0);
        receive();
        if (waiting.get(id)?.length) return;
        Atomics.wait(signal, 0, seen);
      }
    },
    take(id) {
      const parts = waiting.get(id);
      const part = parts?.shift();
      if (parts?.length === 0) waiting.delete(id);
      return part;
    },
    drop(id) {
      if (dropped.has(id)) return false;
      dropped.add(id);
      waiting.delete(id);
      return true;
    },
    forget(last) {
      forgotten = last;
      dropped.clear();
      waiting.clear();
    },
  };
}

/** The functions of the host by which calls are made and their answers taken. */
function callFunctions(
  answers: Answers,
  started: Started,
  calls: Calls,
): Pick<Host, "send" | "wait" | "part" | "taken" | "cancel" | "text" | "size" | "bytes"> {
  let taken: Part | undefined;
  const isOwn = (id: number) => !started.over && id > started.before && id <= calls.count;
  return {
    send(header, text) {
      const { limits } = started;
      if (!limits || started.over || calls.count - started.before >= limits.calls) return 0;
      const body = encoder.encode(text);
      if (header.length > HEADER_LIMIT_BYTES / 4) return -1;
      if (body.length > limits.argumentBytes) return -body.length;
      calls.count += 1;
      const id = calls.count;
      scope.postMessage({ kind: "call", id, header, body }, [body.buffer]);
      return id;
    },
    wait(id) {
      if (isOwn(id)) answers.wait(id);
    },
    part(id) {
      taken = isOwn(id) ? answers.take(id) : undefined;
      return taken?.header ?? "";
    },
    taken(id, count) {
      if (isOwn(id)) scope.postMessage({ kind: "taken", id, count });
    },
    cancel(id) {
      if (!isOwn(id) || !answers.drop(id)) return;
      scope.postMessage({ kind: "cancel", id });
    },
    text: () => decoder.decode(taken?.body),
    size: () => taken?.body.length ?? 0,
    bytes(into) {
      // A method of this side: one of the realm's would be handed `body`.
      if (taken) Reflect.apply(Uint8Array.prototype.set, into, [taken.body]);
    },
  };
}

/** The function of the host that takes lines of the console, up to its limit. */
function consoleFunction(started: Started): Host["log"] {
  /** Says, once, that what is printed is no longer kept. */
  function full(): void {
    if (started.told) return;
    started.told = true;
    const text = "the console is full: what follows is left out";
    scope.postMessage({ kind: "log", level: "warn", text });
  }
  return (level, text) => {
    if (!started.limits || started.over) return false;
    const room = started.limits.consoleBytes - started.console;
    if (room <= 0) {
      full();
      return false;
    }
    // A line costs its text and a little more, so that empty ones end too.
    started.console += text.length + 8;
    scope.postMessage({ kind: "log", level, text: text.slice(0, room) });
    if (text.length > room) full();
    return true;
  };
}

/** Random bytes as text, since only text and numbers go in. */
function randomText(count: number): string {
  const bytes = new Uint8Array(Math.min(Math.max(0, Math.trunc(count)) || 0, RANDOM_BYTES));
  crypto.getRandomValues(bytes);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function createTimers(fire: (number: number) => void) {
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const stop = (number: number) => {
    clearTimeout(timers.get(number));
    timers.delete(number);
  };
  return {
    stop,
    start(number: number, milliseconds: number, repeat: boolean): void {
      const delay = Math.min(milliseconds, 2 ** 31 - 1);
      const once = () => {
        timers.delete(number);
        fire(number);
      };
      timers.set(number, repeat ? setInterval(() => fire(number), delay) : setTimeout(once, delay));
    },
    /** How many of the script's own were running. */
    stopAll(): number {
      // Those of the SDK, which ends scripts by them, are not above 0.
      const own = [...timers.keys()].filter((number) => number > 0).length;
      for (const number of [...timers.keys()]) stop(number);
      return own;
    },
  };
}

function paramsOf(run: WorkerRun): StartParams {
  const { namespace, deadline, startedAt, trial, synchronous } = run;
  const { insertions, places, largeIntegers, noValue } = run;
  const { resultCharacters, calls, argumentBytes } = run.limits;
  return {
    ...{ namespace, deadline, startedAt, trial, synchronous },
    ...{ insertions, places, largeIntegers, noValue },
    ...{ resultCharacters, calls, argumentBytes },
  };
}

function runScript(run: WorkerRun, context: vm.Context, hooks: RealmHooks, host: Host): void {
  let script: vm.Script;
  try {
    script = new vm.Script(run.code, { filename: "script.js", lineOffset: run.lineOffset });
  } catch (error) {
    // What our parser takes and V8 does not; the worker's own error, told as text.
    const { message } = error as Error;
    host.finish(JSON.stringify({ ok: false, kind: "syntax", name: "SyntaxError", message }), "");
    return;
  }
  try {
    const value: unknown = script.runInContext(context, {
      // Else what is thrown would be decorated, and asked for its stack, from outside of the realm.
      displayErrors: false,
    });
    if (run.synchronous) hooks.completed(value);
    else hooks.promised(value);
  } catch (error) {
    hooks.failed(error);
  }
}

// In a function, so that the bundle's own name is none of the realm's globals.
const BUNDLE = new vm.Script(`(function () { "use strict"; ${REALM_SOURCE}\nreturn realm; })()`, {
  filename: "kubecode",
});

const PROMISES = new vm.Script("Promise.prototype");

function createRealm() {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
  });
  const { install } = BUNDLE.runInContext(context) as { install(host: Host): RealmHooks };
  const promises = PROMISES.runInContext(context) as object;
  return { context, install, promises };
}

/** Functions of the worker without a prototype: nothing leads from them to its `Function`. */
function sealed(host: Host): Host {
  for (const member of Object.values(host)) {
    Object.setPrototypeOf(member, null);
    Object.freeze(member);
  }
  return Object.freeze(Object.setPrototypeOf(host, null)) as Host;
}
