/** The config file as a whole; what the schema does not know is refused. */
import { z } from "zod";
import { DEFAULT_RATE_LIMITS, type RateLimits } from "../policy/rate_limit.ts";
import { POLICY_SECTION } from "./policy_section.ts";

const perMinute = z.int().min(1).max(1_000_000).optional();

/** Sections of the config file; each may be left out. */
export const CONFIG_SCHEMA = z.strictObject({
  /** Where each call and each request is written down: a path, or "stderr". */
  audit: z.strictObject({ file: z.string().min(1).max(4096) }).optional(),
  /** Names of contexts that scripts may use besides the current one; `*` stands for any text. */
  contexts: z.array(z.string().min(1).max(512)).max(1000).optional(),
  policy: POLICY_SECTION.optional(),
  /** Calls of tools that one client may make in a minute, by class. */
  rateLimits: z.strictObject({
    enabled: z.boolean().default(true),
    read: perMinute,
    write: perMinute,
    other: perMinute,
  }).optional(),
});

/** What a config file says. */
export type Config = z.output<typeof CONFIG_SCHEMA>;

/** Calls a minute by class; undefined where there is no limit. */
export function rateLimitsOf(
  { rateLimiting }: { readonly rateLimiting?: boolean },
  { rateLimits }: Config,
): RateLimits | undefined {
  if (rateLimiting === false) return undefined;
  const { read, write, other } = { ...DEFAULT_RATE_LIMITS, ...rateLimits };
  return { read, write, other };
}
