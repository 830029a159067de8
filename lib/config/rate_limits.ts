/** The rate limits of a run, from the config file and the flags. */
import { DEFAULT_RATE_LIMITS, type RateLimits } from "../policy/rate_limit.ts";
import type { Config } from "./schema.ts";
import type { Settings } from "./settings.ts";

/** Calls a minute by class; undefined where there is no limit. */
export function rateLimitsOf(
  { settings, config }: { readonly settings: Settings; readonly config: Config },
): RateLimits | undefined {
  const { enabled = true, read, write, other } = config.rateLimits ?? {};
  if (!(settings.rateLimiting ?? enabled)) return undefined;
  return {
    read: read ?? DEFAULT_RATE_LIMITS.read,
    write: write ?? DEFAULT_RATE_LIMITS.write,
    other: other ?? DEFAULT_RATE_LIMITS.other,
  };
}
