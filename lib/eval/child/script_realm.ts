/**
 * A realm for one script, and the functions by which it acts: they take and give only plain text and
 * numbers, and stop working the moment the script ends.
 */
import vm from "node:vm";
import { HEADER_LIMIT_BYTES } from "../../sandbox/frames.ts";
import type { AnswerHeader, ChildLimits } from "../protocol.ts";
import type { Host, RealmHooks, StartParams } from "../realm/base/host.ts";
import type { install as Install } from "../realm/main.ts";
import type { Answers, Part } from "./answers.ts";
import type { WorkerRun, WorkerScope } from "./messages.ts";

/** Text of the realm's bundle, put in place by the bundler. */
declare const REALM_SOURCE: string;

/** Random bytes that are given at once. */
const RANDOM_BYTES = 65_536;

/** The call that may have been answered beforehand, as the SDK makes it for its own cluster. */
const NAMES_HEADER = JSON.stringify({ op: "names", refresh: false });
const JSON_HEADER = JSON.stringify({ form: "json" } satisfies AnswerHeader);

const scope = globalThis as unknown as WorkerScope;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Taken now: what is not the language's own goes before there is a script. */
const { crypto } = globalThis;

/** What the realm before this one has found of the built-ins, before there was a script in it. */
let areMethodsBare = false;

/** Calls that all scripts of this worker have made: their numbers are never used again. */
export interface Calls {
  count: number;
}

/** A realm for one script. */
export interface ScriptRealm {
  run(run: WorkerRun): void;
  /** A part of an answer has come. */
  answered(id: number): void;
  unhandled(event: { readonly promise: object; readonly reason: unknown }): void;
}

/** Makes one. @param onEnd called once: with false where the script has left timers behind */
export function createScriptRealm(
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
  const hooks = realm.install(host, areMethodsBare);
  ({ areMethodsBare } = hooks);
  return {
    run(run) {
      if (started.limits) return;
      started.limits = run.limits;
      if (run.names.byteLength > 0) started.names = new Uint8Array(run.names);
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
  /** The answer to its first call for names. */
  names?: Uint8Array<ArrayBuffer>;
  /** Calls of the scripts before it. */
  readonly before: number;
  console: number;
  /** The script has been told that its console is full. */
  told: boolean;
  /** It has ended: the host does nothing more for its realm. */
  over: boolean;
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
      if (started.names && header === NAMES_HEADER) {
        answers.give(id, { header: JSON_HEADER, body: started.names });
        delete started.names;
        return id;
      }
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
  const { install } = BUNDLE.runInContext(context) as { install: typeof Install };
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
