/** Turns: so many at a time, the rest wait; those who have fewer running come first. */
import { LimitError } from "../../errors.ts";

/** Hands out turns. */
export interface Turns {
  /**
   * Resolves once it is this one's turn; given back with `leave`.
   *
   * @param session whose turn it is: one that asks for many does not hold the others up
   * @throws {LimitError} too many wait already
   * @throws the signal's reason
   */
  take(session: string, signal: AbortSignal): Promise<void>;
  leave(session: string): void;
  /** How many have their turn, and how many wait. */
  counts(): { readonly running: number; readonly waiting: number };
}

interface Waiter {
  readonly session: string;
  readonly resolve: () => void;
}

/** @param limits.atOnce turns at a time @param limits.waiting how many may wait @param what waits */
export function createTurns(
  limits: { readonly atOnce: number; readonly waiting: number },
  what: string,
): Turns {
  const running = new Map<string, number>();
  const waiters = new Set<Waiter>();
  let taken = 0;

  const change = (session: string, by: number) => {
    const count = (running.get(session) ?? 0) + by;
    if (count > 0) running.set(session, count);
    else running.delete(session);
    taken += by;
  };

  /** The one whose session has the fewest running; of several the one that has waited longest. */
  function next(): Waiter | undefined {
    let best: Waiter | undefined;
    let fewest = Infinity;
    for (const waiter of waiters) {
      const count = running.get(waiter.session) ?? 0;
      if (count >= fewest) continue;
      best = waiter;
      fewest = count;
    }
    return best;
  }

  return {
    take(session, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (taken < limits.atOnce) {
        change(session, 1);
        return Promise.resolve();
      }
      if (waiters.size >= limits.waiting) {
        return Promise.reject(
          new LimitError(`Cannot run the ${what}: too many wait for their turn (${waiters.size})`, {
            hint: `Send fewer at a time: ${limits.atOnce} run side by side.`,
          }),
        );
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => {
        waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        session,
        resolve() {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      waiters.add(waiter);
      return promise;
    },
    leave(session) {
      change(session, -1);
      const waiter = next();
      if (waiter === undefined) return;
      // The room goes straight on: nobody who comes meanwhile gets it.
      waiters.delete(waiter);
      change(waiter.session, 1);
      waiter.resolve();
    },
    counts: () => ({ running: taken, waiting: waiters.size }),
  };
}
