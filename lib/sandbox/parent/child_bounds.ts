/** Bounds of the children of several pools together: how many there are, and how long one waits. */
import { CLOCK, type Clock } from "../../std/async.ts";
import type { Sandbox } from "./child.ts";

/** Watches over the children. */
export interface ChildBounds {
  /** A child has been started. Of too many the one that has waited longest is ended, now and later. */
  starts(sandbox: Sandbox): void;
  /** It waits for a script. @param milliseconds after which it is ended */
  waits(sandbox: Sandbox, milliseconds: number): void;
  /** The same anew, where it waits. */
  shorten(sandbox: Sandbox, milliseconds: number): void;
  /** It waits no longer. */
  runs(sandbox: Sandbox): void;
  /** Whether one more may be started without the end of another. */
  hasRoom(): boolean;
}

/** @param options.limit how many children there may be, those included that run a script */
export function createChildBounds(
  { clock = CLOCK, limit = Infinity }: { readonly clock?: Clock; readonly limit?: number } = {},
): ChildBounds {
  const alive = new Set<Sandbox>();
  // The one that has waited longest first.
  const waiting = new Map<Sandbox, Disposable>();
  const endAfter = (sandbox: Sandbox, milliseconds: number) =>
    waiting.set(sandbox, clock.after(milliseconds, () => void end(sandbox)));
  const runs = (sandbox: Sandbox) => {
    waiting.get(sandbox)?.[Symbol.dispose]();
    waiting.delete(sandbox);
  };
  const forget = (sandbox: Sandbox) => {
    runs(sandbox);
    alive.delete(sandbox);
  };
  const makeRoom = () => {
    for (const longest of waiting.keys()) {
      if (alive.size <= limit) break;
      // Not once it has exited: the next one may come before that.
      forget(longest);
      void end(longest);
    }
  };
  return {
    starts(sandbox) {
      alive.add(sandbox);
      sandbox.exited.then(() => forget(sandbox));
      makeRoom();
    },
    waits(sandbox, milliseconds) {
      endAfter(sandbox, milliseconds);
      makeRoom();
    },
    shorten(sandbox, milliseconds) {
      if (!waiting.has(sandbox)) return;
      runs(sandbox);
      endAfter(sandbox, milliseconds);
    },
    runs,
    hasRoom: () => alive.size < limit,
  };
}

/** Ends a child at once. */
export async function end(sandbox: Sandbox): Promise<void> {
  sandbox.kill();
  await sandbox.exited;
}
