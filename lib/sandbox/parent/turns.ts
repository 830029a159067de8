/**
 * Turns: so many at a time, the rest wait; those who have fewer running come first. Several owners may
 * share them: then what counts first is what all sessions of an owner have running. For a while after
 * one that took much memory fewer run at a time: they would share the same processors, and need the
 * memory of all.
 */
import { LimitError } from "../../errors.ts";
import { CLOCK, type Clock } from "../../std/async.ts";

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
  /** @param isLarge it took much memory */
  leave(session: string, isLarge?: boolean): void;
  /** How many have their turn, and how many wait. */
  counts(): { readonly running: number; readonly waiting: number };
}

/** Turns that owners share. */
export interface SharedTurns {
  /** The turns as one owner takes them, who has sessions of its own. */
  of(owner: string): Turns;
  /** Over all owners. */
  counts: Turns["counts"];
}

/** Whose turn it is. */
interface Place {
  readonly owner: string;
  readonly session: string;
}

interface Waiter extends Place {
  readonly resolve: () => void;
}

/** How many turns there are at a time, and how many may wait for one. */
export interface TurnLimits {
  readonly atOnce: number;
  /** How many of them one owner may have; all by default. */
  readonly perOwner?: number;
  readonly waiting: number;
  /** How many at a time while they take much memory; as many as else by default. */
  readonly whenLarge?: number;
}

/** How long fewer run after one that took much memory. */
const LARGE_MS = 60_000;
/** Where none has ended for so long they wait for something else than processors: one more may run. */
const STALLED_MS = 4_000;

/** Turns of one owner alone. @param what waits */
export function createTurns(limits: TurnLimits, what: string, clock?: Clock): Turns {
  return createSharedTurns(limits, what, clock).of("");
}

/** Turns that owners share. @param what waits */
export function createSharedTurns(
  limits: TurnLimits,
  what: string,
  clock: Clock = CLOCK,
): SharedTurns {
  const { perOwner = limits.atOnce, whenLarge = limits.atOnce } = limits;
  const running = createRunning();
  const waiters = new Set<Waiter>();
  const counts = () => ({ running: running.size(), waiting: waiters.size });
  let largeUntil = -Infinity;
  let stalled: Disposable | undefined;
  const atOnce = () =>
    clock.now() < largeUntil ? Math.min(whenLarge, limits.atOnce) : limits.atOnce;

  /** @param most how many may run then */
  function admit(most: number): void {
    while (running.size() < most) {
      const waiter = nextOf(waiters, running, perOwner);
      if (waiter === undefined) break;
      // The room goes straight on: nobody who comes meanwhile gets it.
      waiters.delete(waiter);
      running.change(waiter, 1);
      waiter.resolve();
    }
    watch();
  }

  function watch(): void {
    stalled?.[Symbol.dispose]();
    const withheld = running.size() < limits.atOnce && nextOf(waiters, running, perOwner);
    stalled = withheld
      ? clock.after(STALLED_MS, () => admit(Math.min(running.size() + 1, limits.atOnce)))
      : undefined;
  }

  const of = (owner: string): Turns => ({
    take(session, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (running.size() < atOnce() && running.ofOwner(owner) < perOwner) {
        running.change({ owner, session }, 1);
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
        if (waiters.size === 0) watch();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        owner,
        session,
        resolve() {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      waiters.add(waiter);
      if (stalled === undefined) watch();
      return promise;
    },
    leave(session, isLarge = false) {
      if (isLarge) largeUntil = clock.now() + LARGE_MS;
      running.change({ owner, session }, -1);
      admit(atOnce());
    },
    counts,
  });

  return { of, counts };
}

/** Who has how many turns. */
function createRunning() {
  const owners = new Map<string, number>();
  const sessions = new Map<string, number>();
  let all = 0;
  const keyOf = ({ owner, session }: Place) => JSON.stringify([owner, session]);
  return {
    size: () => all,
    ofOwner: (owner: string) => owners.get(owner) ?? 0,
    ofSession: (place: Place) => sessions.get(keyOf(place)) ?? 0,
    change(place: Place, by: number): void {
      for (const [counts, key] of [[owners, place.owner], [sessions, keyOf(place)]] as const) {
        const count = (counts.get(key) ?? 0) + by;
        if (count > 0) counts.set(key, count);
        else counts.delete(key);
      }
      all += by;
    },
  };
}

/**
 * The one whose owner has the fewest running, then whose session has; of several the one that has
 * waited longest. None whose owner has all that one may have.
 */
function nextOf(
  waiters: Iterable<Waiter>,
  running: ReturnType<typeof createRunning>,
  perOwner: number,
): Waiter | undefined {
  let best:
    | { readonly waiter: Waiter; readonly own: number; readonly ofSession: number }
    | undefined;
  for (const waiter of waiters) {
    const own = running.ofOwner(waiter.owner);
    if (own >= perOwner) continue;
    const ofSession = running.ofSession(waiter);
    if (best && (own > best.own || (own === best.own && ofSession >= best.ofSession))) continue;
    best = { waiter, own, ofSession };
  }
  return best?.waiter;
}
