/**
 * When a program that is tried out waits in vain. In a plan nothing is made: who waits for what it has
 * changed (`--wait`, `rollout status`) would wait for ever.
 */
import type { Plan } from "../policy/plan.ts";

/** How long nothing new may be asked before the program counts as waiting, in milliseconds. */
const QUIET_MS = 3_000;
const LOOK_MS = 250;
/** How often the same is asked before it counts as waiting. */
const REPEATS = 3;

/** Looks at what a program asks. */
export interface Waiting {
  /** Resolves with the reason, once the program waits for what no trial brings. */
  readonly ended: Promise<string>;
  /** Called for each request. @param stays it is a watch, which stays open */
  asks(what: string, stays: boolean): void;
  close(): void;
}

/** @param plan left out where changes are made: then nobody waits in vain */
export function createWaiting(plan: Plan | undefined): Waiting {
  if (plan === undefined) return { ended: new Promise(() => {}), asks() {}, close() {} };
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked = new Map<string, number>();
  let planned = 0;
  let newsAt = performance.now();
  let waitsFor: string | undefined;
  const timer = setInterval(() => {
    if (plan.changes.length === 0 || waitsFor === undefined) return;
    if (performance.now() - newsAt < QUIET_MS) return;
    resolve(`it waits for what a trial does not bring about (${waitsFor.split("?")[0]})`);
  }, LOOK_MS);
  return {
    ended: promise,
    asks(what, stays) {
      if (plan.changes.length !== planned) {
        planned = plan.changes.length;
        asked.clear();
        waitsFor = undefined;
      }
      const times = (asked.get(what) ?? 0) + 1;
      asked.set(what, times);
      if (times === 1) newsAt = performance.now();
      if (stays || times >= REPEATS) waitsFor = what;
    },
    close: () => clearInterval(timer),
  };
}
