/** The section `policy` of the config file: mode, profile, rules. */
import { z } from "zod";
import { groupOf } from "../names/groups.ts";
import { knownResource } from "../policy/known_resources.ts";
import { TOOL_NAMES } from "../policy/known_tools.ts";
import { matches } from "../policy/match.ts";
import { nearestNames } from "../std/nearest.ts";
import { RULE_VERBS } from "../policy/types.ts";

/** One or more texts; an empty list would match nothing, which nobody means. */
const texts = (text: z.ZodString = z.string()) =>
  z.array(text.min(1).max(512)).min(1).max(1000).optional();

const verb = z.enum(["*", ...RULE_VERBS], {
  error: `must be "*" or one of ${RULE_VERBS.join(", ")}`,
});

const group = z.string().max(512)
  .regex(/^[a-z0-9.*?-]*$/, 'must be an API group in lower case without a version, such as "apps"')
  .transform(groupOf);

const resource = z.string()
  .regex(
    /^[a-z0-9*?-]+(\/[a-z0-9*?-]+)?$/,
    'must be a plural name in lower case, such as "pods" or "pods/log"; its group goes into groups',
  )
  .superRefine((pattern, context) => {
    const [name = ""] = pattern.split("/");
    const known = knownResource(name);
    // It would be a rule about nothing: the worst that can happen to one that denies.
    if (known && known.resource !== name) {
      context.addIssue(`must be the plural name "${known.resource}", not "${name}"`);
    }
  });

const namespace = z.string()
  .regex(/^[a-z0-9*?-]+$/, "must be a namespace: lower-case letters, digits, -, and * or ?");

const tool = z.string().refine(
  (pattern) => TOOL_NAMES.some((name) => matches(pattern, name)),
  { error: ({ input }) => `there is no tool "${input}"${didYouMean(String(input))}` },
);

function didYouMean(name: string): string {
  const near = nearestNames(name, TOOL_NAMES);
  return near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
}

const RULE = z.strictObject({
  name: z.string().min(1).max(100).regex(/^\P{C}*$/u, "must be one line of text").optional(),
  effect: z.enum(["allow", "deny", "approve"], { error: "must be allow, deny or approve" }),
  verbs: z.array(verb).min(1).max(20).optional(),
  groups: z.array(group).min(1).max(1000).optional(),
  resources: texts(resource),
  namespaces: texts(namespace),
  names: texts(),
  contexts: texts(),
  tools: texts(tool),
  reveal: z.boolean().optional(),
}).superRefine(({ effect, verbs = [], reveal }, context) => {
  if (reveal !== undefined && effect !== "allow") {
    context.addIssue({
      code: "custom",
      path: ["reveal"],
      message: "goes with effect: allow only",
    });
  }
  const at = verbs.findIndex((verb) => verb === "get" || verb === "list" || verb === "watch");
  if (effect === "approve" && at >= 0) {
    context.addIssue({
      code: "custom",
      path: ["verbs", at],
      message: 'a person is asked about changes, not about reads; "*" means every change',
    });
  }
});

/** See {@linkcode Rule} of lib/policy/types.ts for what each field means. */
export const POLICY_SECTION = z.strictObject({
  mode: z.enum(["read-only", "read-write", "approve"]).optional(),
  profile: z.enum(["none", "guarded", "standard", "open"]).default("standard"),
  rules: z.array(RULE).max(1000).default([]),
});
