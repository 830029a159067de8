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
  get(key: string): List | undefined;
  /** Keeps one in place of the one before, unless it takes more than half of the room. */
  keep(key: string, list: List): void;
  drop(key: string): void;
  /** Room for a list on its way; what is kept makes way for it. */
  room(): Room;
}

/** The bytes of a list that is to be kept once all of it is here: until then they count as well. */
export interface Room extends Disposable {
  /** Takes so many bytes more; false where there are too many for one list, or for all. */
  take(bytes: number): boolean;
}

/**
 * Makes a store.
 *
 * @param limitBytes of all lists in it and on their way; beyond that the one goes that was kept longest ago
 */
export function createListStore<List extends Sized>(
  limitBytes: number,
  clock: Clock = CLOCK,
): ListStore<List> {
  /** The one that was asked for last at the end. */
  const kept = new Map<string, { readonly list: List; readonly until: number }>();
  let bytes = 0;
  /** Bytes on their way. */
  let coming = 0;
  let timer: Disposable | undefined;
  let isOver = false;

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

  /** Drops lists until the others fit; false where none is left and it is still too much. */
  function fits(): boolean {
    while (kept.size > 0 && bytes + coming > limitBytes) drop(kept.keys().next().value!);
    return bytes + coming <= limitBytes;
  }

  const mostBytes = limitBytes / 2;
  return {
    get: (key) => kept.get(key)?.list,
    keep(key, list) {
      drop(key);
      // Somebody may still be reading a list when the server ends.
      if (isOver || list.bytes > mostBytes) return;
      kept.set(key, { list, until: clock.now() + KEPT_MS });
      bytes += list.bytes;
      timer ??= clock.after(KEPT_MS, sweep);
      fits();
    },
    drop,
    room() {
      let own = 0;
      return {
        take(more) {
          own += more;
          coming += more;
          return own <= mostBytes && fits();
        },
        [Symbol.dispose]() {
          coming -= own;
          own = 0;
        },
      };
    },
    [Symbol.dispose]() {
      isOver = true;
      for (const key of [...kept.keys()]) drop(key);
    },
  };
}
