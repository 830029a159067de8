/** The rate limits of a run, from the config file and the flags. */
import { DEFAULT_RATE_LIMITS, type RateLimits } from "../policy/rate_limit.ts";
import type { Config } from "./schema.ts";

/** Calls a minute by class; undefined where there is no limit. */
export function rateLimitsOf(
  { rateLimiting }: { readonly rateLimiting?: boolean },
  { rateLimits }: Config,
): RateLimits | undefined {
  if (rateLimiting === false) return undefined;
  const { read, write, other } = { ...DEFAULT_RATE_LIMITS, ...rateLimits };
  return { read, write, other };
}
