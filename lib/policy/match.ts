/**
 * Whether a rule is about a request. Pure. Two questions, because a list is about many objects: a
 * rule *covers* a request when it speaks of all that the request can touch (to allow it must), and
 * *touches* it when it speaks of some of that (to deny it is enough).
 */
import { isEveryday, isRead, mustBeNamed, verbsOf } from "./classify.ts";
import type { Action, DiscoveryAction, Permission, ResourceAction, Rule } from "./types.ts";

/** A permission, with the tool that asks for it and the context it is for. */
export type Asked = Permission & Pick<Action, "tool" | "context">;

/** Parts of a rule that a question may leave aside, to find out what stands in the way. */
export type Aside = "namespaces" | "names";

/** Whether a rule that allows speaks of everything that the request can touch. */
export function covers(rule: Rule, asked: Asked, aside?: Aside): boolean {
  return isMeant(rule, asked) && coversVerb(rule, asked) &&
    coversResource(rule.resources, asked) &&
    (aside === "namespaces" || coversNamespace(rule.namespaces, asked)) &&
    (aside === "names" || rule.names === undefined || rule.names.some(isAny) ||
      (asked.name !== undefined && matchesOne(rule.names, asked.name)));
}

/** Whether a rule that denies, or asks a person, speaks of something that the request can touch. */
export function touches(rule: Rule, asked: Asked): boolean {
  return isMeant(rule, asked) && touchesVerb(rule, asked) &&
    (rule.resources === undefined || rule.resources.some((pattern) => {
      const [resource = "", subresource] = pattern.split("/");
      return matches(resource, asked.resource) &&
        (subresource === undefined ||
          (asked.subresource !== undefined && matches(subresource, asked.subresource)));
    })) &&
    touchesNamespace(rule.namespaces, asked) &&
    (rule.names === undefined || asked.name === undefined || matchesOne(rule.names, asked.name));
}

/** Whether a rule speaks of discovery, which has neither resource nor namespace. */
export function touchesDiscovery(rule: Rule, action: DiscoveryAction): boolean {
  return [rule.groups, rule.resources, rule.namespaces, rule.names]
    .every((patterns) => patterns === undefined || patterns.some(isAny)) &&
    (rule.verbs === undefined || rule.verbs.includes("*") || rule.verbs.includes("get")) &&
    matchesOne(rule.tools, action.tool) && matchesOne(rule.contexts, action.context);
}

/** A request as it is asked about. */
export function askedOf(action: ResourceAction, permission: Permission = action): Asked {
  return { ...permission, tool: action.tool, context: action.context };
}

/**
 * Whether a text fits a pattern: `*` stands for any characters, `?` for one. In time proportional
 * to the product of both lengths, whatever the pattern.
 */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length;) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** Whether a text fits one of the patterns; without patterns any text fits. */
export function matchesOne(patterns: readonly string[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(pattern, text));
}

/** Whether a pattern restricts nothing. */
function isAny(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}

function isMeant(rule: Rule, asked: Asked): boolean {
  return matchesOne(rule.groups, asked.group) && matchesOne(rule.tools, asked.tool) &&
    matchesOne(rule.contexts, asked.context);
}

function coversVerb({ effect, verbs }: Rule, asked: Asked): boolean {
  // A rule that asks a person is about changes: it allows no reading by the way.
  if (effect === "approve" && isRead(asked)) return false;
  if (asked.verb === "bind" || asked.verb === "escalate") {
    return verbs?.includes(asked.verb) ?? false;
  }
  return speaksOfVerb(verbs, asked);
}

function touchesVerb({ effect, verbs }: Rule, asked: Asked): boolean {
  return !(effect === "approve" && isRead(asked)) && speaksOfVerb(verbs, asked);
}

function speaksOfVerb(verbs: Rule["verbs"], asked: Asked): boolean {
  return verbs === undefined || verbs.includes("*") ||
    verbsOf(asked).some((verb) => (verbs as readonly string[]).includes(verb));
}

function coversResource(patterns: readonly string[] | undefined, asked: Asked): boolean {
  const everyday = isEveryday(asked);
  // What is not everyday must be named; coversVerb has checked that the RBAC verbs are.
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

function coversNamespace(patterns: readonly string[] | undefined, asked: Asked): boolean {
  if (patterns === undefined || patterns.some(isAny)) return true;
  return asked.namespaced && Boolean(asked.namespace) &&
    matchesOne(patterns, asked.namespace ?? "");
}

function touchesNamespace(patterns: readonly string[] | undefined, asked: Asked): boolean {
  if (patterns === undefined || patterns.some(isAny)) return true;
  if (asked.namespace) return matchesOne(patterns, asked.namespace);
  if (asked.namespaced) return true; // All namespaces: those that the rule names are among them.
  // A rule for what is inside a namespace covers the namespace too. A list shows only names.
  return asked.group === "" && asked.resource === "namespaces" && asked.verb !== "list" &&
    asked.verb !== "watch" && (asked.name === undefined || matchesOne(patterns, asked.name));
}
