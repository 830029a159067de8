/**
 * All settings of the config file, each with what the reference says of it. What the schema does not
 * know is refused.
 */
import { z } from "zod";
import { IDENTITY_SECTION } from "./identity_section.ts";
import { DEFAULT_RATE_LIMITS } from "../policy/rate_limit.ts";
import { RULE } from "../policy/rules/rule.ts";
import { MODES, PROFILE_NAMES } from "../policy/types.ts";
import { LOCAL_POWERS, type ProgramName } from "../programs/types.ts";

const callsOf = (tools: string, standard: number) =>
  z.int().min(1).max(1_000_000).optional().describe(`calls a minute of ${tools}; ${standard}`);

const POWERS = LOCAL_POWERS.map((power) => `\`${power}\``).join(", ");

const programFields = (name: ProgramName) => ({
  path: z.string().min(1).max(4096).optional()
    .describe(`the file of ${name}; the one on \`PATH\``),
  allow: z.array(z.enum(LOCAL_POWERS)).default([])
    .describe(`list of what ${name} may do outside the policy: ${POWERS}; none`),
});

const programOf = (name: ProgramName) => z.strictObject(programFields(name)).optional();

/** argocd asks a server of its own, which the policy does not see. */
const ARGOCD = z.strictObject({
  ...programFields("argocd"),
  server: z.string().regex(
    /^[\w.-]+(:\d+)?(\/[\w./-]*)?$/,
    "must be a host, with a port if need be",
  )
    .optional().describe("argocd's server, as `host:port`; without it argocd runs with `--core`"),
  tokenFile: z.string().min(1).max(4096).optional()
    .describe("the file with the token for that server; must be given with `server`"),
  verbs: z.array(z.string().regex(/^[a-z-]+( [a-z-]+)*$/, "must be verbs, such as app get"))
    .max(100).optional()
    .describe("list of what may be done at that server: `app get`, or `app` for all of it"),
}).superRefine(({ server, tokenFile, verbs }, context) => {
  if (server === undefined || (tokenFile !== undefined && verbs !== undefined)) return;
  context.addIssue("server needs tokenFile, and verbs that say what may be done there");
}).optional();

/** The sections of the config file; each may be left out. */
export const CONFIG_SCHEMA = z.strictObject({
  audit: z.strictObject({
    file: z.string().min(1).max(4096)
      .describe("a path, or `stderr` (`--audit`); must be given where there is `audit`"),
  }).optional(),
  contexts: z.array(z.string().min(1).max(512)).max(1000).optional()
    .describe("list of other contexts that scripts may use (`--contexts`); none"),
  identity: IDENTITY_SECTION,
  policy: z.strictObject({
    mode: z.enum(MODES).optional()
      .describe("`read-only`, `read-write` or `approve`; `read-only`"),
    profile: z.enum(PROFILE_NAMES).default("standard")
      .describe(
        "`none`, `guarded`, `standard` or `open` (see [Profiles](../policy.md#profiles)); `standard`",
      ),
    rules: z.array(RULE).max(1000).default([]),
  }).optional(),
  programs: z.strictObject({
    kubectl: programOf("kubectl"),
    helm: programOf("helm"),
    istioctl: programOf("istioctl"),
    argocd: ARGOCD,
  }).optional(),
  rateLimits: z.strictObject({
    enabled: z.boolean().default(true).describe("whether calls are limited; `true`"),
    read: callsOf("tools that read", DEFAULT_RATE_LIMITS.read),
    write: callsOf("tools that write", DEFAULT_RATE_LIMITS.write),
    other: callsOf("other tools, scripts among them", DEFAULT_RATE_LIMITS.other),
  }).optional(),
});

/** What a config file says. */
export type Config = z.output<typeof CONFIG_SCHEMA>;
