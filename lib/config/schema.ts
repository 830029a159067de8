/**
 * The config file as a whole. A section is a zod schema in a file of its own
 * (`<name>_section.ts`) and one line here; what no section knows is refused.
 */
import { z } from "zod";
import { AUDIT_SECTION, RATE_LIMITS_SECTION } from "./limits_section.ts";
import { POLICY_SECTION } from "./policy_section.ts";

/** Sections of the config file; each may be left out. */
export const CONFIG_SCHEMA = z.strictObject({
  audit: AUDIT_SECTION.optional(),
  /** Names of contexts that scripts may use besides the current one; `*` stands for any text. */
  contexts: z.array(z.string().min(1).max(512)).max(1000).optional(),
  policy: POLICY_SECTION.optional(),
  rateLimits: RATE_LIMITS_SECTION.optional(),
});

/** What a config file says. */
export type Config = z.output<typeof CONFIG_SCHEMA>;
