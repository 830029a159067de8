/** Rate limits of tool calls: a token bucket for each class of tool, per client session. Pure. */
import { LimitError } from "../errors.ts";

/** What a tool does, for its limit: reads, writes, and all else (scripts, programs, ping). */
export type RateClass = "read" | "write" | "other";

/** Calls a minute, by class. */
export type RateLimits = Readonly<Record<RateClass, number>>;

/** The limits where nothing else is said. */
export const DEFAULT_RATE_LIMITS: RateLimits = { read: 120, write: 30, other: 60 };

/** The limiter of one session. */
export interface RateLimiter {
  /**
   * Counts one call.
   *
   * @throws {LimitError} there have been too many; the message says when to try again
   */
  take(tool: string, rateClass: RateClass): void;
}

const MINUTE_MS = 60_000;

/**
 * Buckets that hold a minute's calls and fill evenly.
 *
 * @param now the current time in milliseconds
 */
export function createRateLimiter(
  limits: RateLimits,
  now: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new Map<RateClass, { tokens: number; at: number }>();
  return {
    take(tool, rateClass) {
      const limit = limits[rateClass];
      const time = now();
      const bucket = buckets.get(rateClass) ?? { tokens: limit, at: time };
      bucket.tokens = Math.min(limit, bucket.tokens + (time - bucket.at) * limit / MINUTE_MS);
      bucket.at = time;
      buckets.set(rateClass, bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return;
      }
      const seconds = Math.ceil((1 - bucket.tokens) * MINUTE_MS / limit / 1000);
      throw new LimitError(
        `Cannot run "${tool}": more than ${limit} ${NAMES[rateClass]} calls within a minute`,
        {
          hint: `Try again in ${seconds} s, and ask for more with fewer calls.`,
          retryAfterSeconds: seconds,
        },
      );
    },
  };
}

const NAMES: Readonly<Record<RateClass, string>> = { read: "read", write: "write", other: "tool" };
