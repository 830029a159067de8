/** Children of the sandbox: one kept warm, so many at a time, the rest wait their turn. */
import type { Sandbox } from "./sandbox.ts";

/** Hands out warm children, one for each script. */
export interface SandboxPool {
  /**
   * A warm child, once there is room for one more. The caller gives it back with `release`, used up.
   *
   * @throws {Error} children do not start
   */
  take(signal: AbortSignal): Promise<Sandbox>;
  /** Kills a child that was taken; once it is gone there is room for the next. */
  release(sandbox: Sandbox): void;
  /** Starts the warm child now, where there is none. */
  warm(): void;
  /** Kills all, at once; nothing can be taken afterwards. */
  close(): Promise<void>;
}

/** @param atOnce how many may be taken at a time */
export function createPool(start: () => Sandbox, atOnce: number): SandboxPool {
  let spare: Sandbox | undefined;
  let closed = false;
  let taken = 0;
  const waiting: (() => void)[] = [];
  const alive = new Set<Sandbox>();

  function launch(): Sandbox {
    const sandbox = start();
    alive.add(sandbox);
    sandbox.exited.then(() => {
      alive.delete(sandbox);
      if (spare === sandbox) spare = undefined;
    });
    return sandbox;
  }

  function warm(): void {
    if (!closed) spare ??= launch();
  }

  async function room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (taken < atOnce) {
      taken += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      const place = waiting.indexOf(resolve);
      if (place >= 0) waiting.splice(place, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    waiting.push(resolve);
    await promise;
    signal.removeEventListener("abort", leave);
  }

  function leaveRoom(): void {
    const next = waiting.shift();
    // The room goes straight to who has waited longest.
    if (next) next();
    else taken -= 1;
  }

  async function end(sandbox: Sandbox): Promise<void> {
    sandbox.kill();
    await sandbox.exited;
  }

  return {
    warm,
    async take(signal) {
      await room(signal);
      try {
        for (let attempt = 1;; attempt++) {
          if (closed) throw new Error("the evaluator is closed");
          warm();
          const sandbox = spare!;
          spare = undefined;
          try {
            await readyInTime(sandbox, signal);
            return sandbox;
          } catch (error) {
            await end(sandbox);
            // A warm child may have died of something outside; a second one tells a fault that stays.
            if (attempt === 2 || signal.aborted) throw error;
          }
        }
      } catch (error) {
        leaveRoom();
        throw error;
      }
    },
    release(sandbox) {
      // Not waited for: the answer goes out first, the next child starts after it.
      end(sandbox).then(() => {
        leaveRoom();
        warm();
      });
    },
    async close() {
      closed = true;
      await Promise.all([...alive].map(end));
    },
  };
}

/** A child that has not said that it is ready after this long will not. */
const START_TIMEOUT_MS = 20_000;

function readyInTime(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (error: unknown) => reject(error);
    const abort = () => give(signal.reason);
    const timer = setTimeout(
      () => give(new Error("the sandbox did not start")),
      START_TIMEOUT_MS,
    );
    signal.addEventListener("abort", abort, { once: true });
    sandbox.ready.then(resolve, give).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  });
}
