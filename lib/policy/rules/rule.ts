/**
 * What a rule may say: the one list of its fields. How each is held against a request stands in
 * match.ts; the config file, its table in the reference and `kubecode policy show` follow from this one.
 */
import { z } from "zod";
import { type Verb, VERBS } from "../../names/requests.ts";
import { groupOf } from "../../names/groups.ts";
import { didYouMean } from "../../std/nearest.ts";
import { deadParts } from "./dead_parts.ts";
import { knownResource } from "./known_resources.ts";
import { TOOL_NAMES } from "./known_tools.ts";
import { matches } from "./patterns.ts";

/**
 * The verbs of requests, and the two of RBAC that a request can imply: to give somebody a role
 * (`bind`), and to write a role that gives more than everyday rights (`escalate`).
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping}
 */
export type PolicyVerb = Verb | "bind" | "escalate";

/** The verbs that a rule can name. */
export const RULE_VERBS = [...VERBS, "bind", "escalate"] as const satisfies readonly PolicyVerb[];

/** One or more; an empty list would match nothing, which nobody means. */
const listOf = <Item extends z.ZodType>(item: Item, most = 1000) =>
  z.array(item).min(1).max(most).readonly().optional();

const texts = (text: z.ZodString = z.string()) => listOf(text.min(1).max(512));

const verb = z.enum(["*", ...RULE_VERBS], {
  error: ({ input }) =>
    `must be "*" or one of ${RULE_VERBS.join(", ")}${didYouMean(String(input), RULE_VERBS)}`,
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
    // The rule would never apply: the worst that can happen to one that denies.
    if (known && known.resource !== name) {
      context.addIssue(`must be the plural name "${known.resource}", not "${name}"`);
    }
  });

const namespace = z.string()
  .regex(/^[a-z0-9*?-]+$/, "must be a namespace: lower-case letters, digits, -, and * or ?");

const tool = z.string().refine(
  (pattern) => TOOL_NAMES.some((name) => matches(pattern, name)),
  { error: ({ input }) => `there is no tool "${input}"${didYouMean(String(input), TOOL_NAMES)}` },
);

/** The lists of a rule. One that is left out restricts nothing; `*` and `?` work in all but verbs. */
const LISTS = {
  // `*` is every verb but `bind` and `escalate`, which a rule that allows must name.
  verbs: listOf(verb, 20).describe("list of [verbs](../policy.md#rules)"),
  groups: listOf(group)
    .describe('list of API groups without version (`""` or `core` is the core group)'),
  // A rule that denies a resource denies its subresources; one that allows `*` allows the everyday
  // ones, and the others must be named (`pods/attach`, `*/proxy`).
  resources: texts(resource).describe(
    "list of plural names, with a subresource if one is meant: `pods`, `pods/log`",
  ),
  namespaces: texts(namespace).describe("list of namespaces"),
  names: texts().describe("list of objects' names"),
  contexts: texts().describe("list of the kubeconfig's contexts"),
  tools: texts(tool).describe("list of tools (`eval` is the command at a terminal)"),
};

/** Whom a rule is about: see subject.ts. */
const CALLERS = {
  users: texts().describe("list of users of a shared server, to whose calls the rule applies"),
  userGroups: texts().describe("list of groups of users, to whose members' calls the rule applies"),
};

/** The name of a list of a rule. */
export type RuleList = keyof typeof LISTS;

const EFFECTS = ["allow", "deny", "approve"] as const;

/** A rule as a person writes it. */
export const RULE = z.strictObject({
  name: z.string().min(1).max(100).regex(/^\P{C}*$/u, "must be one line of text").optional()
    .describe("one line of text, by which messages and the audit name the rule"),
  effect: z.enum(EFFECTS, {
    error: ({ input }) =>
      input === undefined
        ? "must be given"
        : `must be allow, deny or approve${didYouMean(String(input), EFFECTS)}`,
  })
    .describe("`allow`, `deny` or `approve`; must be given"),
  ...LISTS,
  ...CALLERS,
  reveal: z.boolean().optional()
    .describe("`true`: secret values in what the rule allows are shown"),
}).superRefine((rule, context) => {
  const { effect, verbs = [], reveal } = rule;
  for (const { list, at, message } of deadParts(rule)) {
    context.addIssue({ code: "custom", path: [list, at], message });
  }
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

/** A rule, whoever has written it. */
export type WrittenRule = Readonly<z.output<typeof RULE>>;
