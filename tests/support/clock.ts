/** A clock that stands until a test moves it on. */
import type { Clock } from "../../lib/std/async.ts";

/** A clock in a test's hands. */
export interface TestClock extends Clock {
  /** Lets so many milliseconds pass; what was to happen in them has happened then. */
  advance(milliseconds: number): void;
  /** How many things are still to happen. */
  pending(): number;
}

/** Makes a clock that stands at 0. */
export function createTestClock(): TestClock {
  const timers = new Set<{ readonly at: number; readonly act: () => void }>();
  let time = 0;
  return {
    now: () => time,
    pending: () => timers.size,
    after(milliseconds, act) {
      const timer = { at: time + milliseconds, act };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    advance(milliseconds) {
      time += milliseconds;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (timer.at <= time && timers.delete(timer)) timer.act();
      }
    },
  };
}
