/** Waiting: with a clock that a test can pass in, and ended by a signal. */

/** Tells the time and counts it down. */
export interface Clock {
  /** Milliseconds since some moment that stays the same. */
  now(): number;
  /** Calls `act` once so many milliseconds have passed, unless it is disposed of before. */
  after(milliseconds: number, act: () => void): Disposable;
}

/** The system's clock. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Calls `act` when the signal aborts, now if it has already; not once it is disposed of. */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", act) };
}

/** The promise's outcome, or the signal's reason when that comes first. */
export async function raceAbort<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  using _ = onAbort(signal, () => aborted.reject(signal.reason));
  return await Promise.race([promise, aborted.promise]);
}

/** Resolves after so many milliseconds; rejects with the signal's reason when it aborts before. */
export async function sleep(
  milliseconds: number,
  signal: AbortSignal,
  clock: Clock = CLOCK,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  using _ = clock.after(milliseconds, over.resolve);
  await raceAbort(over.promise, signal);
}

/** Resolves when the work has ended, or after so many milliseconds whatever it does. */
export async function settleWithin(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  using _ = CLOCK.after(milliseconds, over.resolve);
  await Promise.race([work, over.promise]);
}

/**
 * One run for all who wait. A caller that gives up leaves the others waiting; when the last gives
 * up, the run is aborted.
 */
export function singleFlight<Value>(
  run: (signal: AbortSignal) => Promise<Value>,
): (signal: AbortSignal) => Promise<Value> {
  let flight:
    | { readonly result: Promise<Value>; readonly controller: AbortController; waiting: number }
    | undefined;
  return async (signal) => {
    if (!flight) {
      const controller = new AbortController();
      const result = run(controller.signal).finally(() => {
        if (flight?.controller === controller) flight = undefined;
      });
      result.catch(() => {}); // Everyone may have given up; a failure then is nobody's.
      flight = { result, controller, waiting: 0 };
    }
    const mine = flight;
    mine.waiting++;
    try {
      return await raceAbort(mine.result, signal);
    } finally {
      if (--mine.waiting === 0) {
        if (flight === mine) flight = undefined;
        mine.controller.abort(new DOMException("Nobody waits for it any more", "AbortError"));
      }
    }
  };
}

/**
 * Keeps what `load` gives and hands it to every caller until it is older than the caller accepts.
 * A load that failed is not kept.
 */
export function cacheByAge<Value>(
  load: () => Promise<Value>,
  clock: Clock = CLOCK,
): (maxAgeMs: number) => Promise<Value> {
  let kept: { readonly value: Promise<Value>; readonly at: number } | undefined;
  return (maxAgeMs) => {
    if (kept !== undefined && clock.now() - kept.at <= maxAgeMs) return kept.value;
    const mine = { value: load(), at: clock.now() };
    kept = mine;
    mine.value.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine.value;
  };
}

/** Makes a value when it is first asked for, and gives the same one from then on. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
