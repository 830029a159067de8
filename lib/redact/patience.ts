/** How long one answer may be searched. */

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
/** Beside it: about two seconds of work on a machine that has other work to do. */
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

/** Makes the clock. */
export function createPatience(): Patience {
  let until = Infinity;
  let steps = 0;
  return {
    begin({ ms, perMib }, bytes) {
      until = performance.now() + ms + perMib * bytes / 2 ** 20;
    },
    step() {
      steps = (steps + 1) % STEPS;
      if (steps === 0 && performance.now() > until) throw new OutOfPatience();
    },
  };
}
