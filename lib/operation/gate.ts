/**
 * The gate for calls of tools: so many at a time over all callers, those that run and those that wait;
 * what comes beyond is told to come again (503, RFC 9110, section 15.6.4). One caller may have as many
 * as are free besides (a dynamic threshold, as switches share buffers): half of them where nobody else
 * calls, less the more others do, so that whoever calls next finds room.
 */
import { HttpError } from "../http/answers.ts";
import type { Admit } from "../http/route.ts";
import { type Caller, keyOf } from "../identity/caller.ts";

/** How much work there may be. */
export interface Room {
  /** Calls that run side by side. */
  readonly atOnce: number;
  /** Calls that may wait for them. */
  readonly waiting: number;
}

/** The gate. */
export interface Gate {
  readonly admit: Admit;
  /** Calls that are in: they run, wait, or their answers are under way. */
  readonly size: () => number;
  /** Resolves once no call is in. */
  empty(): Promise<void>;
}

/** Longest time that somebody is told to wait for. */
const LONGEST_RETRY_S = 30;
/** How long a call is taken to last before one has ended. */
const USUAL_MS = 500;

/**
 * Makes it.
 *
 * @param onShed is told of each call that found no room
 */
export function createGate(
  { atOnce, waiting }: Room,
  { onShed = () => {}, now = () => performance.now() }: {
    readonly onShed?: () => void;
    readonly now?: () => number;
  } = {},
): Gate {
  const seats = atOnce + waiting;
  const owned = new Map<string, number>();
  let taken = 0;
  /** How long calls take, the last ones counting most. */
  let usualMs = USUAL_MS;
  let waiters: (() => void)[] = [];

  function hasRoom({ how }: Caller, own: number): boolean {
    const free = seats - taken;
    // Where nobody says who they are, all are one.
    return how === "none" ? free > 0 : own < free;
  }

  return {
    size: () => taken,
    admit(caller) {
      const key = keyOf(caller);
      const own = owned.get(key) ?? 0;
      if (!hasRoom(caller, own)) {
        onShed();
        const seconds = Math.ceil(taken * usualMs / atOnce / 1000);
        throw new HttpError(503, "Too many calls at once: try again later", {
          headers: { "retry-after": String(Math.min(Math.max(seconds, 1), LONGEST_RETRY_S)) },
        });
      }
      owned.set(key, own + 1);
      taken += 1;
      const since = now();
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        usualMs += (now() - since - usualMs) / 16;
        taken -= 1;
        const left = (owned.get(key) ?? 1) - 1;
        if (left > 0) owned.set(key, left);
        else owned.delete(key);
        if (taken > 0) return;
        for (const resolve of waiters) resolve();
        waiters = [];
      };
    },
    empty: () => taken === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)),
  };
}
