/** Where lists are kept that may be asked for again: few bytes, and not for long. */
import { CLOCK, type Clock } from "../../std/async.ts";

/** How long a list is kept after it was asked for. */
export const KEPT_MS = 60_000;

/** What can be kept. */
export interface Sized {
  /** Bytes of memory that it takes, about. */
  readonly bytes: number;
}

/** Lists by their keys. */
export interface ListStore<List extends Sized> extends Disposable {
  /** Bytes that one list may have. */
  readonly mostBytes: number;
  get(key: string): List | undefined;
  /** Keeps one in place of the one before, unless it takes more than half of the room. */
  keep(key: string, list: List): void;
  drop(key: string): void;
}

/** Makes a store. @param limitBytes of all lists in it; beyond that the one goes that has waited longest */
export function createListStore<List extends Sized>(
  limitBytes: number,
  clock: Clock = CLOCK,
): ListStore<List> {
  /** The one that was asked for last at the end. */
  const kept = new Map<string, { readonly list: List; readonly until: number }>();
  let bytes = 0;
  let timer: Disposable | undefined;

  function drop(key: string): void {
    bytes -= kept.get(key)?.list.bytes ?? 0;
    kept.delete(key);
    if (kept.size > 0) return;
    timer?.[Symbol.dispose]();
    timer = undefined;
  }

  /** Drops what is over its time, and looks again when the next one is. */
  function sweep(): void {
    timer = undefined;
    const now = clock.now();
    for (const [key, { until }] of kept) {
      if (until > now) {
        timer = clock.after(until - now, sweep);
        return;
      }
      drop(key);
    }
  }

  const mostBytes = limitBytes / 2;
  return {
    mostBytes,
    get: (key) => kept.get(key)?.list,
    keep(key, list) {
      drop(key);
      if (list.bytes > mostBytes) return;
      kept.set(key, { list, until: clock.now() + KEPT_MS });
      bytes += list.bytes;
      timer ??= clock.after(KEPT_MS, sweep);
      while (bytes > limitBytes) drop(kept.keys().next().value!);
    },
    drop,
    [Symbol.dispose]() {
      for (const key of [...kept.keys()]) drop(key);
    },
  };
}
