/**
 * The worker: no permissions, one fresh realm, one script. It stands between the realm and the
 * child's main thread, and hands the realm functions that take and give only plain text and numbers.
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
  | { readonly kind: "ready" }
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
    listener: (event: { reason: unknown; preventDefault(): void }) => void,
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

scope.onmessage = ({ data }) => {
  const { port, counter } = data as InitMessage;
  const answers = createAnswers(port as unknown as NodePort, new Int32Array(counter), (run) => {
    // Not from within a blocked call: a script is started once, and first.
    queueMicrotask(() => startScript(run));
  });
  const started: Started = { calls: 0, console: 0, told: false };
  const realm = createRealm();
  const host = sealed({
    ...callFunctions(answers, started),
    log: consoleFunction(started),
    random: randomFunction(),
    ...timerFunctions((number) => hooks.fire(number)),
    finish: (header, text) => scope.postMessage({ kind: "done", header, text }),
  });
  const hooks = realm.install(host);

  function startScript(run: WorkerRun): void {
    started.limits = run.limits;
    hooks.start(JSON.stringify(paramsOf(run)));
    runScript(run, realm.context, hooks, host);
  }

  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    hooks.unhandled(event.reason);
  });
  // Each message on the port is followed by one here, which wakes a worker that does not block.
  scope.onmessage = () => {
    for (const id of answers.receive()) hooks.answered(id);
  };

  // The first timer of a thread costs some milliseconds: spent before there is a script.
  clearTimeout(setTimeout(() => {}, 0));
  giveUpPowers();
  scope.postMessage({ kind: "ready" });
};

/** What the script has used of its limits, once it has started. */
interface Started {
  limits?: ChildLimits;
  calls: number;
  console: number;
  /** The script has been told that its console is full. */
  told: boolean;
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
}

/** @param signal raised with each message @param onRun called for the script to run */
function createAnswers(
  port: NodePort,
  signal: Int32Array,
  onRun: (run: WorkerRun) => void,
): Answers {
  const waiting = new Map<number, Part[]>();
  const dropped = new Set<number>();
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
      if (dropped.has(message.id)) continue;
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
  };
}

/** The functions of the host by which calls are made and their answers taken. */
function callFunctions(
  answers: Answers,
  started: Started,
): Pick<Host, "send" | "wait" | "part" | "taken" | "cancel" | "text" | "size" | "bytes"> {
  let taken: Part | undefined;
  return {
    send(header, text) {
      const { limits } = started;
      if (!limits || started.calls >= limits.calls) return 0;
      const body = encoder.encode(text);
      if (header.length > HEADER_LIMIT_BYTES / 4) return -1;
      if (body.length > limits.argumentBytes) return -body.length;
      started.calls += 1;
      const id = started.calls;
      scope.postMessage({ kind: "call", id, header, body }, [body.buffer]);
      return id;
    },
    wait: (id) => answers.wait(id),
    part(id) {
      taken = answers.take(id);
      return taken?.header ?? "";
    },
    taken: (id, count) => scope.postMessage({ kind: "taken", id, count }),
    cancel(id) {
      if (!(id > 0) || id > started.calls || !answers.drop(id)) return;
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
    if (!started.limits) return false;
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
function randomFunction(): Host["random"] {
  // Taken now: what is not the language's own goes before there is a script.
  const { crypto } = globalThis;
  return (count) => {
    const bytes = new Uint8Array(Math.min(Math.max(0, Math.trunc(count)) || 0, RANDOM_BYTES));
    crypto.getRandomValues(bytes);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  };
}

function timerFunctions(
  fire: (number: number) => void,
): Pick<Host, "startTimer" | "stopTimer"> {
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  return {
    startTimer(number, milliseconds, repeat) {
      const delay = Math.min(milliseconds, 2 ** 31 - 1);
      const start = repeat ? setInterval : setTimeout;
      timers.set(number, start(() => fire(number), delay));
    },
    stopTimer(number) {
      clearTimeout(timers.get(number));
      timers.delete(number);
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

function createRealm() {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
  });
  // In a function, so that the bundle's own name is none of the realm's globals.
  const bundle = new vm.Script(`(function () { "use strict"; ${REALM_SOURCE}\nreturn realm; })()`, {
    filename: "kubecode",
  });
  const { install } = bundle.runInContext(context) as { install(host: Host): RealmHooks };
  return { context, install };
}

/** Functions of the worker without a prototype: nothing leads from them to its `Function`. */
function sealed(host: Host): Host {
  for (const member of Object.values(host)) {
    Object.setPrototypeOf(member, null);
    Object.freeze(member);
  }
  return Object.freeze(Object.setPrototypeOf(host, null)) as Host;
}
