/** How a script ends: with its value, or with what it failed by and what failed besides. */
import type { DoneHeader } from "../protocol.ts";
import { lastMiss, missOf } from "./base/caseless_object.ts";
import { describeThrown, inspectThrown, joinHints } from "./base/errors.ts";
import type { Host } from "./base/host.ts";
import { execOf } from "../../std/regexp.ts";
import { nearestNames } from "../../std/nearest.ts";
import type { Caller } from "./calls/caller.ts";
import { all, failedBeside } from "./calls/promise_all.ts";
import { consoleText, valueText } from "./values/value.ts";

/** Number of the timer that ends an asynchronous script; scripts' own begin at 1. */
const END_TIMER = 0;
/** Number of the one that ends it where calls are still open. */
const LAST_TIMER = -1;
/** How long a script that has failed is kept for the rest of a `Promise.all`, in milliseconds. */
const TOGETHER_MS = 2_000;
/** Failures told besides the first, and characters of each. */
const OTHERS = 5;
const OTHER_CHARACTERS = 300;

/** The script that runs. */
export interface Running {
  readonly caller: Caller;
  readonly resultCharacters: number;
  /** Why the script has no value, should it come to none. */
  readonly noValue: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Whether `k8s` has a member of that name, as far as is known of the cluster. */
  has(name: string): boolean;
}

/** The ways in which a script comes to its end. */
export interface ScriptEnd {
  succeed(value: unknown): void;
  fail(error: unknown): void;
  /** The promise of an asynchronous script. */
  promised(promise: Promise<unknown>): void;
  /** A promise was rejected and nobody took notice. */
  unhandled(reason: unknown): void;
  /** Something has come for an asynchronous script that is at its end. */
  progressed(): void;
  /** A timer has fired; false where it is one of the script's own. */
  fired(timer: number): boolean;
}

/** Makes the end of a script. @param running the script, once it has started */
export function createScriptEnd(host: Host, running: () => Running | undefined): ScriptEnd {
  let ended = false;
  let atEnd: (() => void) | undefined;
  let unhandled: { readonly reason: unknown } | undefined;

  function finish(header: DoneHeader, text: string): void {
    if (ended) return;
    ended = true;
    host.finish(JSON.stringify(header), text);
  }

  function succeed(value: unknown): void {
    if (ended) return;
    try {
      const { resultCharacters = 0, noValue = "" } = running() ?? {};
      const { type, text, wholeCharacters } = valueText(value, resultCharacters, noValue);
      const lost = running()?.caller.settleAll() ?? unhandled?.reason;
      if (lost !== undefined) return fail(lost);
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
      ...othersOf(error, running()?.caller.lost() ?? []),
      hint: joinHints(
        described.hint,
        missHint(described.message, running()),
      ),
    }, "");
  }

  /** Ends the script in a turn of its own, once nothing holds it up. */
  function endWhen(done: () => boolean, end: () => void): void {
    atEnd = () => {
      if (!done()) return;
      atEnd = undefined;
      end();
    };
    host.startTimer(END_TIMER, 0, false);
  }
  const hasOpenCalls = () => (running()?.caller.openCalls() ?? 0) > 0;
  return {
    succeed,
    fail,
    promised(promise) {
      // A turn later, rejections that nobody handles have been told; what is not awaited still goes on.
      promise.then(resolved).then(
        (value) => endWhen(() => !hasOpenCalls(), () => succeed(value)),
        (error) => {
          // Those that began together may be failing still: they are told together, but not waited for long.
          const together = failedBeside(error) !== undefined;
          const patienceMs = Math.min(((running()?.deadline ?? 0) - Date.now()) / 2, TOGETHER_MS);
          const until = Date.now() + patienceMs;
          endWhen(() => !(together && Date.now() < until && hasOpenCalls()), () => fail(error));
          if (together) host.startTimer(LAST_TIMER, patienceMs, false);
        },
      );
    },
    unhandled(reason) {
      if (isCallError(reason)) unhandled ??= { reason };
      else host.log("warn", `unhandled rejection: ${consoleText(reason)}`);
    },
    progressed() {
      // What was waiting for the answer runs first, and may make more calls.
      if (atEnd) host.startTimer(END_TIMER, 0, false);
    },
    fired(timer) {
      if (timer !== END_TIMER && timer !== LAST_TIMER) return false;
      atEnd?.();
      return true;
    },
  };
}

/** A list of promises as the value of a script is what they come to. */
function resolved(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  for (let at = 0; at < value.length; at++) {
    if (value[at] instanceof Promise) return Reflect.apply(all, Promise, [value]);
  }
  return value;
}

/** What failed besides: in the same `Promise.all`, or observed by nobody. */
function othersOf(error: unknown, lost: readonly unknown[]) {
  const found = new Set([...failedBeside(error) ?? [], ...lost]);
  found.delete(error);
  if (found.size === 0) return {};
  const others = [...found].slice(0, OTHERS).map((other) => {
    const { line } = inspectThrown(other);
    const message = describeThrown(other).slice(0, OTHER_CHARACTERS);
    return { message, ...(line === undefined ? {} : { line }) };
  });
  const othersLeftOut = found.size - others.length;
  return { others, ...(othersLeftOut > 0 ? { othersLeftOut } : {}) };
}

function isCallError(reason: unknown): boolean {
  try {
    return reason instanceof Error && "reason" in reason;
  } catch {
    return false;
  }
}

/** For a name that `k8s` has: a kind is a class elsewhere, and text here. */
function ownedHint(name: string): string {
  return execOf(/^[A-Z][A-Za-z]+$/, name) === null
    ? `Write k8s.${name}.`
    : `Write a kind as text: k8s.list("${name}", {namespace}), k8s.get("${name}", name, {namespace}).`;
}

/** For `k8s.coreV1().podz is not a function`: what there is. */
function missHint(message: string, running: Running | undefined): string | undefined {
  const unknown = execOf(/^([\w$]+) is not defined$/, message)?.[1];
  if (unknown !== undefined) return running?.has(unknown) ? ownedHint(unknown) : undefined;
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
