/** What a script may use. */
import type { ChildLimits } from "./protocol.ts";

/** All limits of one script. */
export interface EvalLimits extends ChildLimits {
  /** Bytes of UTF-8 in a script. */
  readonly scriptBytes: number;
  readonly defaultTimeoutMs: number;
  readonly maxTimeoutMs: number;
  /** Calls of one script that the broker works on at a time. */
  readonly inFlight: number;
  /** Watches of one script that are open at a time; they do not count as calls in flight. */
  readonly watches: number;
  /** Scripts that run at a time; others wait their turn. */
  readonly concurrentScripts: number;
  /** Scripts that may wait; what comes on top is refused. */
  readonly waitingScripts: number;
}

/** The limits where nothing else is said. */
export const DEFAULT_LIMITS: EvalLimits = {
  scriptBytes: 256 * 1024,
  defaultTimeoutMs: 30_000,
  maxTimeoutMs: 300_000,
  memoryBytes: 512 * 1024 * 1024,
  calls: 500,
  inFlight: 16,
  watches: 32,
  // What an API server takes (`MaxRequestBodyBytes`), so that its own error is never met.
  argumentBytes: 3 * 1024 * 1024,
  consoleBytes: 64 * 1024,
  resultCharacters: 50_000,
  concurrentScripts: 4,
  waitingScripts: 100,
};

/** The wall time a script gets: whole milliseconds, the maximum at most, the default for 0 or less or none. */
export function effectiveTimeout(asked: number | undefined, limits: EvalLimits): number {
  if (asked === undefined || !(asked > 0)) return limits.defaultTimeoutMs;
  return Math.min(Math.ceil(asked), limits.maxTimeoutMs);
}
