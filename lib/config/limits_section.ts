/** The sections `rateLimits` and `audit` of the config file. */
import { z } from "zod";

const perMinute = z.int().min(1).max(1_000_000).optional();

/** Calls of tools that one client may make in a minute, by class; `enabled: false`: any number. */
export const RATE_LIMITS_SECTION = z.strictObject({
  enabled: z.boolean().default(true),
  read: perMinute,
  write: perMinute,
  other: perMinute,
});

/** Where each call and each request is written down: a path, or "stderr". */
export const AUDIT_SECTION = z.strictObject({ file: z.string().min(1).max(4096) });
