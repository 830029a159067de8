/** How long one answer may be searched. */
import { cpuUsage } from "node:process";

/** Steps between two looks at the clock. */
const STEPS = 64;

/** Work has taken longer than it may; what it has done so far is worth nothing. */
export class OutOfPatience extends Error {
  override readonly name = "OutOfPatience";
}

/** Milliseconds for an answer that is all trouble, and for each MiB of it on top. */
export interface Allowance {
  readonly ms: number;
  readonly perMib: number;
}

/** In the thread that serves everybody. */
export const HERE: Allowance = { ms: 60, perMib: 20 };
/** The same for what has to be known there before anything else is done. */
export const AT_MOST_HERE: Allowance = { ms: 2_000, perMib: 100 };
/** Beside it. */
export const AT_MOST_ASIDE: Allowance = { ms: 5_000, perMib: 200 };

/** A clock for one piece of work at a time. */
export interface Patience {
  /** Begins with work on so many bytes. */
  begin(allowance: Allowance, bytes: number): void;
  /**
   * A step of the work.
   *
   * @throws {OutOfPatience}
   */
  step(): void;
}

/**
 * Makes the clock. It goes by the time that passes, but not while this process waits for a processor:
 * on a busy machine an ordinary answer would be given up and searched anew, which keeps it busier.
 */
export function createPatience(): Patience {
  let allowed = Infinity;
  let usedBefore = 0;
  let until = Infinity;
  let steps = 0;
  function look(): void {
    const now = performance.now();
    if (now < until) return;
    const left = allowed - (processorMs() - usedBefore);
    if (left <= 0) throw new OutOfPatience();
    until = now + left;
  }
  return {
    begin({ ms, perMib }, bytes) {
      allowed = ms + perMib * bytes / 2 ** 20;
      usedBefore = processorMs();
      until = performance.now() + allowed;
    },
    step() {
      steps = (steps + 1) % STEPS;
      if (steps === 0) look();
    },
  };
}

/** What this process has had of the processors, all its threads together. */
function processorMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
