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
import type { Host, Insertion, RealmHooks, StartParams } from "../realm/base/host.ts";
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
  readonly namespace: string;
  readonly deadline: number;
  readonly startedAt?: number;
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

const scope = globalThis as unknown as WorkerScope;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

scope.onmessage = ({ data }) => {
  const { port, counter } = data as InitMessage;
  const signal = new Int32Array(counter);
  const realm = createRealm();
  const waiting = new Map<number, Part[]>();
  const cancelled = new Set<number>();
  let started: { limits: ChildLimits; console: number; told: boolean; calls: number } | undefined;
  let taken: Part | undefined;

  /** Takes what has come on the port; gives the calls that got a part. */
  function drain(): number[] {
    const ids: number[] = [];
    for (;;) {
      const received = receiveMessageOnPort(port as unknown as NodePort) as
        | { message: WorkerInput }
        | undefined;
      if (received === undefined) return ids;
      const { message } = received;
      if (message.kind === "run") {
        // Not from within a blocked call: a script is started once, and first.
        queueMicrotask(() => start(message.run));
        continue;
      }
      // Sent before the parent heard of the end.
      if (cancelled.has(message.id)) continue;
      const parts = waiting.get(message.id) ?? [];
      parts.push({ header: message.header, body: new Uint8Array(message.body) });
      waiting.set(message.id, parts);
      ids.push(message.id);
    }
  }

  /** Says, once, that what is printed is no longer kept. */
  function fullConsole(run: { told: boolean }): void {
    if (run.told) return;
    run.told = true;
    const text = "the console is full: what follows is left out";
    scope.postMessage({ kind: "log", level: "warn", text });
  }

  const host: Host = sealed({
    send(header: string, text: string) {
      if (!started || started.calls >= started.limits.calls) return 0;
      const body = encoder.encode(text);
      const large = header.length > HEADER_LIMIT_BYTES / 4;
      if (large) return -1;
      if (body.length > started.limits.argumentBytes) return -body.length;
      started.calls += 1;
      const id = started.calls;
      scope.postMessage({ kind: "call", id, header, body }, [body.buffer]);
      return id;
    },
    wait(id: number) {
      for (;;) {
        const seen = Atomics.load(signal, 0);
        drain();
        if (waiting.get(id)?.length) return;
        Atomics.wait(signal, 0, seen);
      }
    },
    part(id: number) {
      const parts = waiting.get(id);
      taken = parts?.shift();
      if (parts?.length === 0) waiting.delete(id);
      return taken?.header ?? "";
    },
    taken(id: number, count: number) {
      scope.postMessage({ kind: "taken", id, count });
    },
    cancel(id: number) {
      if (!started || !(id > 0) || id > started.calls || cancelled.has(id)) return;
      cancelled.add(id);
      waiting.delete(id);
      scope.postMessage({ kind: "cancel", id });
    },
    text: () => decoder.decode(taken?.body),
    size: () => taken?.body.length ?? 0,
    bytes(into: Uint8Array) {
      // Our own method: a script may have replaced the one of the realm, and would be handed `body`.
      if (taken) Reflect.apply(Uint8Array.prototype.set, into, [taken.body]);
    },
    log(level: string, text: string) {
      if (!started || started.console >= started.limits.consoleBytes) {
        if (started) fullConsole(started);
        return false;
      }
      const room = started.limits.consoleBytes - started.console;
      // A line costs its text and a little more, so that empty ones end too.
      started.console += text.length + 8;
      scope.postMessage({ kind: "log", level, text: text.slice(0, room) });
      if (text.length > room) fullConsole(started);
      return true;
    },
    startTimer(number: number, milliseconds: number, repeat: boolean) {
      const fire = () => hooks.fire(number);
      const delay = Math.min(milliseconds, 2 ** 31 - 1);
      timers.set(number, repeat ? setInterval(fire, delay) : setTimeout(fire, delay));
    },
    stopTimer(number: number) {
      clearTimeout(timers.get(number));
      timers.delete(number);
    },
    finish(header: string, text: string) {
      scope.postMessage({ kind: "done", header, text });
    },
  });
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const hooks = realm.install(host);

  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    hooks.unhandled(event.reason);
  });
  // Each message on the port is followed by one here, which wakes a worker that does not block.
  scope.onmessage = () => {
    drain();
    for (const id of [...waiting.keys()]) hooks.answered(id);
  };

  function start(run: WorkerRun): void {
    started = { limits: run.limits, console: 0, told: false, calls: 0 };
    const params: StartParams = {
      namespace: run.namespace,
      deadline: run.deadline,
      ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
      synchronous: run.synchronous,
      insertions: run.insertions,
      resultCharacters: run.limits.resultCharacters,
      calls: run.limits.calls,
      argumentBytes: run.limits.argumentBytes,
    };
    hooks.start(JSON.stringify(params));
    let script: vm.Script;
    try {
      script = new vm.Script(run.code, {
        filename: "script.js",
        lineOffset: run.lineOffset,
      });
    } catch (error) {
      // What our parser takes and V8 does not; the worker's own error, told as text.
      const { message } = error as Error;
      host.finish(JSON.stringify({ ok: false, kind: "syntax", name: "SyntaxError", message }), "");
      return;
    }
    try {
      const value: unknown = script.runInContext(realm.context, {
        // Else what is thrown would be decorated, and asked for its stack, from outside of the realm.
        displayErrors: false,
      });
      if (run.synchronous) hooks.completed(value);
      else hooks.promised(value);
    } catch (error) {
      hooks.failed(error);
    }
  }

  // The first timer of a thread costs some milliseconds: spent before there is a script.
  clearTimeout(setTimeout(() => {}, 0));
  giveUpPowers();
  scope.postMessage({ kind: "ready" });
};

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
