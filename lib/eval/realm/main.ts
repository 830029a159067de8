/**
 * What runs first in a fresh realm: locks errors, takes away what a script must not have, and hands
 * the worker the hooks by which it runs one script. Bundled into one text, evaluated in the realm.
 */
import type { DoneHeader } from "../protocol.ts";
import { type Caller, createCaller } from "./calls/caller.ts";
import { lastMiss, missOf } from "./base/caseless_object.ts";
import {
  describeThrown,
  inspectThrown,
  joinHints,
  lockErrors,
  setInsertions,
} from "./base/errors.ts";
import { createConsole, createContext, createTimers } from "./globals/globals.ts";
import { guardHost } from "./base/guard.ts";
import { createLogTexts } from "./verbs/log_text.ts";
import type { Host, RealmHooks, StartParams } from "./base/host.ts";
import {
  append,
  bare,
  define,
  execOf,
  isArray,
  now,
  parse,
  PromiseClass,
  safeMap,
  slice,
  stringify,
  then,
} from "./base/primordials.ts";
import { nearestNames } from "../../std/nearest.ts";
import type { GlobalName } from "../../sdk_guide/globals.ts";
import { quantity } from "./values/quantity.ts";
import { createSdk } from "./sdk/sdk.ts";
import { atob, btoa } from "./values/base64.ts";
import { tableText } from "./values/table.ts";
import { all, failedBeside, keepFailures } from "./calls/promise_all.ts";
import { consoleText, valueText } from "./values/value.ts";
import { x509 } from "./values/x509.ts";
import { yamlText } from "./values/yaml.ts";

/** Globals that share memory, compile code, or watch the garbage collector. */
const REMOVED = ["WebAssembly", "SharedArrayBuffer", "Atomics", "FinalizationRegistry", "WeakRef"];

/** Number of the timer that ends an asynchronous script; scripts' own begin at 1. */
const END_TIMER = 0;
/** Number of the one that ends it where calls are still open. */
const LAST_TIMER = -1;
/** How long a script that has failed is kept for the rest of a `Promise.all`, in milliseconds. */
const TOGETHER_MS = 2_000;
/** Failures told besides the first, and characters of each. */
const OTHERS = 5;
const OTHER_CHARACTERS = 300;

/** Puts the realm together; called by the worker with its {@linkcode Host}. */
export function install(outside: Host): RealmHooks {
  const host = guardHost(outside);
  lockErrors();
  keepFailures();
  for (const name of REMOVED) delete (globalThis as Record<string, unknown>)[name];
  const timers = createTimers(host);
  let caller: Caller | undefined;
  let resultCharacters = 0;
  let deadline = 0;
  let ended = false;
  let atEnd: (() => void) | undefined;
  let unhandled: { readonly reason: unknown } | undefined;

  const finish = (header: DoneHeader, text: string) => {
    if (ended) return;
    ended = true;
    host.finish(stringify(bare(header)), text);
  };

  function succeed(value: unknown): void {
    if (ended) return;
    try {
      const result = valueText(value, resultCharacters);
      const lost = caller?.settleAll() ?? unhandled?.reason;
      if (lost !== undefined) return fail(lost);
      const { type, text, wholeCharacters } = result;
      finish({ ok: true, type, ...(wholeCharacters ? { wholeCharacters } : {}) }, text);
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    const described = inspectThrown(error);
    finish({
      ok: false,
      kind: described.name === "LimitError" ? "limit" : "error",
      ...described,
      ...othersOf(error, caller?.lost() ?? []),
      hint: joinHints(described.hint, missHint(described.message)),
    }, "");
  }

  return {
    start(text) {
      const params = parse(text) as StartParams;
      const { namespace, startedAt } = params;
      resultCharacters = params.resultCharacters;
      deadline = params.deadline;
      setInsertions(params.insertions);
      caller = createCaller(host, params);
      const ctx = createContext(params.deadline);
      const { k8s, guide } = createSdk({
        caller,
        ctx,
        namespace,
        label: "k8s",
        where: "",
        logs: createLogTexts(),
        deadline: params.deadline,
        now: () => startedAt ?? now(),
      });
      const globals: Readonly<Record<GlobalName, unknown>> = {
        k8s,
        ctx,
        namespace,
        namespaceOrDefault: (given: unknown) => given || namespace,
        console: createConsole(host),
        atob,
        btoa,
        table: tableText,
        yaml: yamlText,
        quantity,
        x509,
        ...guide,
        queueMicrotask: (callback: () => void) => {
          then(new PromiseClass((resolve) => resolve(undefined)), () => callback());
        },
        ...timers.globals,
      };
      for (const name in globals) {
        define(globalThis, name, {
          value: globals[name as GlobalName],
          writable: true,
          configurable: true,
          enumerable: false,
        });
      }
    },
    answered(id) {
      try {
        caller?.answered(id);
      } catch (error) {
        fail(error);
      }
      // What was waiting for the answer runs first, and may make more calls.
      if (atEnd) host.startTimer(END_TIMER, 0, false);
    },
    fire(timer) {
      try {
        if (timer === END_TIMER || timer === LAST_TIMER) atEnd?.();
        else timers.fire(timer);
      } catch (error) {
        fail(error);
      }
    },
    completed: succeed,
    promised(promise) {
      // A turn of the event loop later, rejections that nobody handles have been told.
      then(then(promise as Promise<unknown>, resolved), (value) => {
        // Functions that the script started and does not await go on until they have no call open.
        atEnd = () => {
          if (caller?.openCalls()) return;
          atEnd = undefined;
          succeed(value);
        };
        host.startTimer(END_TIMER, 0, false);
      }, (error) => {
        // Those that began together may be failing still: they are told together, but not waited for long.
        const together = failedBeside(error) !== undefined;
        const left = (deadline - now()) / 2;
        const patience = left < TOGETHER_MS ? left : TOGETHER_MS;
        const until = now() + patience;
        atEnd = () => {
          if (together && now() < until && caller?.openCalls()) return;
          fail(error);
        };
        host.startTimer(END_TIMER, 0, false);
        if (together) host.startTimer(LAST_TIMER, patience, false);
      });
    },
    failed: fail,
    unhandled(reason) {
      if (isCallError(reason)) unhandled ??= { reason };
      else host.log("warn", `unhandled rejection: ${consoleText(reason)}`);
    },
  };
}

/** An array of promises as the value of a script is what they come to. */
function resolved(value: unknown): unknown {
  if (!isArray(value)) return value;
  for (let at = 0; at < value.length; at++) {
    if (value[at] instanceof PromiseClass) return all(value);
  }
  return value;
}

/** What failed besides: in the same `Promise.all`, or observed by nobody. */
function othersOf(error: unknown, lost: readonly unknown[]) {
  const others: { message: string; line?: number }[] = [];
  const seen = safeMap<unknown, true>();
  seen.set(error, true);
  let leftOut = 0;
  const beside = failedBeside(error) ?? [];
  for (let at = 0; at < beside.length + lost.length; at++) {
    const other = at < beside.length ? beside[at] : lost[at - beside.length];
    if (seen.has(other)) continue;
    seen.set(other, true);
    if (others.length >= OTHERS) leftOut += 1;
    else {
      const { line } = inspectThrown(other);
      const message = slice(describeThrown(other), 0, OTHER_CHARACTERS);
      append(others, { message, ...(line === undefined ? {} : { line }) });
    }
  }
  if (others.length === 0) return {};
  return { others, ...(leftOut > 0 ? { othersLeftOut: leftOut } : {}) };
}

function isCallError(reason: unknown): boolean {
  try {
    return reason instanceof Error && "reason" in reason;
  } catch {
    return false;
  }
}

/** For `k8s.coreV1().podz is not a function`: what there is. */
function missHint(message: string): string | undefined {
  const name = execOf(/([\w$]+) is not a (?:function|constructor)/, message);
  const ofUndefined = execOf(/properties of undefined/, message) !== null;
  const miss = name ? missOf(name[1] ?? "") : ofUndefined ? lastMiss() : undefined;
  if (!miss) return undefined;
  try {
    const hint = miss.hint?.();
    if (hint !== undefined) return hint;
  } catch {
    // The cluster could not be asked: what is near is said all the same.
  }
  const [near] = nearestNames(miss.name, miss.near);
  return near === undefined
    ? `There is no "${miss.name}" in ${miss.object}; Object.keys(${miss.object}) lists what there is.`
    : `There is no "${miss.name}" in ${miss.object}; did you mean "${near}"?`;
}
