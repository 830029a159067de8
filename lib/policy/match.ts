/**
 * Whether a rule is about a request. Pure. Two questions, because a list is about many objects: a
 * rule *covers* a request when it speaks of all that the request can touch (to allow it must), and
 * *touches* it when it speaks of some of that (to deny it is enough).
 */
import { isEveryday, isRead, mustBeNamed, verbsOf } from "./classify.ts";
import { isAny, matches, matchesOne } from "./rules/patterns.ts";
import type { RuleList } from "./rules/rule.ts";
import type { Action, DiscoveryAction, Permission, ResourceAction, Rule } from "./types.ts";

/** A permission, with the tool that asks for it and the context it is for. */
export type Asked = Permission & Pick<Action, "tool" | "context">;

/** Parts of a rule that a question may leave aside, to find out what stands in the way. */
export type Aside = Extract<RuleList, "namespaces" | "names">;

/** How one list of a rule is held against a request. */
interface ListTest {
  /** It speaks of all that the request can touch. */
  covers(rule: Rule, asked: Asked): boolean;
  /** It speaks of some of that. */
  touches(rule: Rule, asked: Asked): boolean;
  /** It speaks of discovery, which has neither resource nor namespace. */
  touchesDiscovery(rule: Rule, action: DiscoveryAction): boolean;
}

const LISTS: Readonly<Record<RuleList, ListTest>> = {
  verbs: {
    covers: ({ verbs }, asked) =>
      asked.verb === "bind" || asked.verb === "escalate"
        ? verbs?.includes(asked.verb) ?? false
        : speaksOfVerb(verbs, asked),
    touches: ({ verbs }, asked) =>
      speaksOfVerb(verbs, asked) ||
      // All of them go, those too that the rule is to keep.
      (asked.verb === "deletecollection" && speaksOfVerb(verbs, { ...asked, verb: "delete" })),
    touchesDiscovery: ({ verbs }) =>
      verbs === undefined || verbs.includes("*") || verbs.includes("get"),
  },
  groups: {
    covers: ({ groups }, { group }) => matchesOne(groups, group),
    touches: ({ groups }, { group }) => matchesOne(groups, group),
    touchesDiscovery: ({ groups }) => restrictsNothing(groups),
  },
  resources: {
    covers: ({ resources }, asked) => coversResource(resources, asked),
    touches: ({ resources }, asked) => touchesResource(resources, asked),
    touchesDiscovery: ({ resources }) => restrictsNothing(resources),
  },
  namespaces: {
    covers: ({ namespaces }, asked) => coversNamespace(namespaces, asked),
    touches: ({ namespaces }, asked) => touchesNamespace(namespaces, asked),
    touchesDiscovery: ({ namespaces }) => restrictsNothing(namespaces),
  },
  names: {
    covers: ({ names }, { name }) =>
      restrictsNothing(names) || (name !== undefined && matchesOne(names, name)),
    touches: ({ names }, { name }) => name === undefined || matchesOne(names, name),
    touchesDiscovery: ({ names }) => restrictsNothing(names),
  },
  contexts: always(({ contexts }, { context }) => matchesOne(contexts, context)),
  tools: always(({ tools }, { tool }) => matchesOne(tools, tool)),
};

const TESTS = Object.entries(LISTS);

/** Whether a rule that allows speaks of everything that the request can touch. */
export function covers(rule: Rule, asked: Asked, aside?: Aside): boolean {
  return !isReadToApprove(rule, asked) && !namesUsers(rule) && rule.asksOnly === undefined &&
    TESTS.every(([list, test]) => list === aside || test.covers(rule, asked));
}

/** Whether a rule that denies, or asks a person, speaks of something that the request can touch. */
export function touches(rule: Rule, asked: Asked): boolean {
  return !isReadToApprove(rule, asked) && TESTS.every(([, test]) => test.touches(rule, asked));
}

/** Whether a rule speaks of discovery, which has neither resource nor namespace. */
export function touchesDiscovery(rule: Rule, action: DiscoveryAction): boolean {
  return TESTS.every(([, test]) => test.touchesDiscovery(rule, action));
}

/** A request as it is asked about. */
export function askedOf(action: ResourceAction, permission: Permission = action): Asked {
  return { ...permission, tool: action.tool, context: action.context };
}

/** Nobody has held it against a caller yet: it denies, and allows nothing. */
function namesUsers({ users, userGroups }: Rule): boolean {
  return users !== undefined || userGroups !== undefined;
}

/** A list about who asks where, which is known of everything. */
function always(test: (rule: Rule, action: Pick<Action, "tool" | "context">) => boolean): ListTest {
  return { covers: test, touches: test, touchesDiscovery: test };
}

/** A rule that asks a person is about changes: it allows no reading by the way. */
function isReadToApprove({ effect }: Rule, asked: Asked): boolean {
  return effect === "approve" && isRead(asked);
}

function restrictsNothing(patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.some(isAny);
}

function speaksOfVerb(verbs: Rule["verbs"], asked: Asked): boolean {
  return verbs === undefined || verbs.includes("*") ||
    verbsOf(asked).some((verb) => (verbs as readonly string[]).includes(verb));
}

function coversResource(patterns: readonly string[] | undefined, asked: Asked): boolean {
  const everyday = isEveryday(asked);
  // What is not everyday must be named; the RBAC verbs are checked by the list of verbs.
  const named = asked.subresource !== undefined || mustBeNamed(asked);
  return (patterns ?? ["*"]).some((pattern) => {
    const [resource = "", subresource] = pattern.split("/");
    if (!matches(resource, asked.resource)) return false;
    if (subresource === undefined) {
      return asked.subresource === undefined
        ? everyday || !named || resource === asked.resource
        : everyday && isAny(resource);
    }
    return asked.subresource !== undefined &&
      (everyday ? matches(subresource, asked.subresource) : subresource === asked.subresource);
  });
}

function touchesResource(patterns: readonly string[] | undefined, asked: Asked): boolean {
  return patterns === undefined || patterns.some((pattern) => {
    const [resource = "", subresource] = pattern.split("/");
    return matches(resource, asked.resource) &&
      (subresource === undefined ||
        (asked.subresource !== undefined && matches(subresource, asked.subresource)));
  });
}

function coversNamespace(patterns: readonly string[] | undefined, asked: Asked): boolean {
  if (restrictsNothing(patterns)) return true;
  return asked.namespaced && Boolean(asked.namespace) &&
    matchesOne(patterns, asked.namespace ?? "");
}

function touchesNamespace(patterns: readonly string[] | undefined, asked: Asked): boolean {
  if (restrictsNothing(patterns)) return true;
  if (asked.namespace) return matchesOne(patterns, asked.namespace);
  if (asked.namespaced) return true; // All namespaces: those that the rule names are among them.
  // A rule for what is inside a namespace covers the namespace too. A list shows only names.
  return asked.group === "" && asked.resource === "namespaces" && asked.verb !== "list" &&
    asked.verb !== "watch" && (asked.name === undefined || matchesOne(patterns, asked.name));
}
