/** Children that wait for a script: how long, and how many of them. */
import { CLOCK, type Clock } from "../../std/async.ts";
import type { Sandbox } from "./child.ts";

/** Children that wait. */
export interface Idleness {
  /** @param milliseconds after which it is ended */
  begins(sandbox: Sandbox, milliseconds: number): void;
  /** The same anew, where it waits. */
  shorten(sandbox: Sandbox, milliseconds: number): void;
  over(sandbox: Sandbox): void;
  /** Whether one more may wait without the end of another. */
  hasRoom(): boolean;
}

/** One that waits for too long is ended; where too many wait, the one that has waited longest is. */
export function createIdleness(
  { clock = CLOCK, limit = Infinity }: { readonly clock?: Clock; readonly limit?: number } = {},
): Idleness {
  const waiting = new Map<Sandbox, Disposable>();
  const endAfter = (sandbox: Sandbox, milliseconds: number) =>
    waiting.set(sandbox, clock.after(milliseconds, () => void end(sandbox)));
  const over = (sandbox: Sandbox) => {
    waiting.get(sandbox)?.[Symbol.dispose]();
    waiting.delete(sandbox);
  };
  return {
    begins(sandbox, milliseconds) {
      endAfter(sandbox, milliseconds);
      for (const longest of waiting.keys()) {
        if (waiting.size <= limit) break;
        // Not once it has exited: the next one may come before that.
        over(longest);
        void end(longest);
      }
    },
    shorten(sandbox, milliseconds) {
      const begun = waiting.get(sandbox);
      if (begun === undefined) return;
      begun[Symbol.dispose]();
      endAfter(sandbox, milliseconds);
    },
    over,
    hasRoom: () => waiting.size < limit,
  };
}

/** Ends a child at once. */
export async function end(sandbox: Sandbox): Promise<void> {
  sandbox.kill();
  await sandbox.exited;
}
