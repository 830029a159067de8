/**
 * Children of the sandbox. One that has run a script of a session to a clean end is kept for that
 * session, and for no other; where there is none, one is warm for whoever comes first. One that
 * nobody has used for a minute is ended, and after seconds where it has grown or is one of several: a
 * quiet server has none.
 */
import { ConfigError, LimitError } from "../../errors.ts";
import { CLOCK, type Clock } from "../../std/async.ts";
import { type ChildBounds, createChildBounds, end } from "./child_bounds.ts";
import { keepChildren } from "./kept_children.ts";
import type { Sandbox } from "./child.ts";
import type { Turns } from "./turns.ts";

/** Hands out warm children. */
export interface SandboxPool {
  /**
   * A warm child, once it is the session's turn. The caller gives it back with `release`.
   *
   * @param fresh one that has run nothing before
   * @throws {LimitError} too many wait for one, or children do not start
   */
  take(session: string, fresh: boolean, signal: AbortSignal): Promise<Sandbox>;
  /**
   * Gives a child back: one that is clean may serve its session again, another one is killed. Once
   * that is done it is another's turn.
   */
  release(session: string, sandbox: Sandbox, isClean: boolean): void;
  /** Starts a warm child now, where there is none. */
  warm(): void;
  /** Kills all, at once; nothing can be taken afterwards. */
  close(): Promise<void>;
}

/** How long a child waits for a script, in milliseconds. */
const IDLE_MS = 60_000;
/** The same for one that is not the only one of its session, or has grown by so many bytes. */
const BRIEF_IDLE_MS = 5_000;
const GROWN_BYTES = 24 * 1024 * 1024;

/** What several pools may have in common. */
export interface PoolOptions {
  readonly clock?: Clock;
  /** Watches over their children. */
  readonly bounds?: ChildBounds;
  /** Is told of each child that starts, and when it has ended. */
  readonly onStart?: (exited: Promise<unknown>) => void;
}

/**
 * Makes a pool.
 *
 * @param turns say how many may be taken at a time
 * @param what children run
 * @param clock by which they wait
 */
export function createPool(
  start: () => Sandbox,
  turns: Turns,
  what: string,
  { clock = CLOCK, bounds = createChildBounds({ clock }), onStart }: PoolOptions = {},
): SandboxPool {
  let spare: Sandbox | undefined;
  let closed = false;
  const alive = new Set<Sandbox>();
  const kept = keepChildren(end);

  function launch(): Sandbox {
    const sandbox = start();
    onStart?.(sandbox.exited);
    alive.add(sandbox);
    bounds.starts(sandbox);
    sandbox.exited.then(() => {
      alive.delete(sandbox);
      if (spare === sandbox) spare = undefined;
    });
    return sandbox;
  }

  function prepare(): void {
    if (closed || spare !== undefined || !bounds.hasRoom()) return;
    try {
      spare = launch();
      bounds.waits(spare, IDLE_MS);
    } catch {
      // No fault yet: whoever takes one is told.
    }
  }

  const warm = () => alive.size === 0 && prepare();

  function takeSpare(): Sandbox {
    if (closed) throw new Error("the evaluator is closed");
    const sandbox = spare ?? launch();
    spare = undefined;
    bounds.runs(sandbox);
    return sandbox;
  }

  return {
    warm,
    async take(session, fresh, signal) {
      await turns.take(session, signal);
      try {
        const own = fresh ? undefined : await kept.take(session);
        if (own === undefined) return await firstReady(takeSpare, signal, what);
        bounds.runs(own);
        // Who comes next need not wait for it.
        if (kept.isOnLast(own)) prepare();
        return own;
      } catch (error) {
        turns.leave(session);
        throw error;
      }
    },
    release(session, sandbox, isClean) {
      // Not waited for: the answer goes out first, the next child starts after it.
      const isKept = isClean && !closed;
      const isBrief = kept.has(session) || sandbox.leftBytes() > GROWN_BYTES;
      if (isKept && alive.has(sandbox)) bounds.waits(sandbox, isBrief ? BRIEF_IDLE_MS : IDLE_MS);
      (isKept ? kept.keep(session, sandbox) : end(sandbox)).then(() => {
        // Where only the child can tell its memory, it does so as it gets ready again.
        const isLarge = sandbox.leftBytes() > GROWN_BYTES;
        if (isLarge) bounds.shorten(sandbox, BRIEF_IDLE_MS);
        turns.leave(session, isLarge);
        warm();
      });
    },
    async close() {
      closed = true;
      await Promise.all([...alive].map(end));
    },
  };
}

async function firstReady(
  take: () => Sandbox,
  signal: AbortSignal,
  what: string,
): Promise<Sandbox> {
  for (let attempt = 1;; attempt++) {
    const sandbox = take();
    try {
      await readyInTime(sandbox, signal, what);
      return sandbox;
    } catch (error) {
      await end(sandbox);
      // A warm child may have died of something outside; a second one tells a fault that stays.
      // One that is slow was not made quicker by another beside it.
      if (signal.aborted || error !== ENDED) throw error;
      if (attempt === 2) throw notStarted(what, "ended before it was ready");
    }
  }
}

/** Why a child is not ready: it is no more. */
const ENDED = new Error("the sandbox ended before it was ready");

/** A child that has not said that it is ready after this long will not; a tenth of a second is usual. */
const START_TIMEOUT_MS = 60_000;

function readyInTime(sandbox: Sandbox, signal: AbortSignal, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (error: unknown) => reject(error);
    const abort = () => give(signal.reason);
    const timer = setTimeout(
      () => give(notStarted(what, `did not start within ${START_TIMEOUT_MS / 1000} s`)),
      START_TIMEOUT_MS,
    );
    signal.addEventListener("abort", abort, { once: true });
    const failed = (error: unknown) => give(error instanceof ConfigError ? error : ENDED);
    sandbox.ready.then(resolve, failed).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  });
}

function notStarted(what: string, why: string): LimitError {
  return new LimitError(`Cannot run the ${what}: its sandbox ${why}`, {
    hint: "The machine may have too little left for it: memory, processes, time. Try again.",
  });
}
