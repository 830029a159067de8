/**
 * What may be done: decided from the resolved request, never from text. Pure. What is not known is
 * refused. The strictest answer wins: what any rule denies is refused, then what no rule allows,
 * then what the mode does not allow.
 */
import { PolicyError } from "../errors.ts";
import { isAboutSelf, isEveryday, isRead } from "./classify.ts";
import { type Asked, askedOf, covers, touches, touchesDiscovery } from "./match.ts";
import { RULE_VERBS } from "./rules/rule.ts";
import type { Action, Decision, DiscoveryAction, Permission, Policy, Rule } from "./types.ts";

/** Decides about one action. */
export function decide(action: Action, policy: Policy): Decision {
  if (!("verb" in action)) return decideDiscovery(action, policy);
  let decision = decideOne(askedOf(action), policy);
  for (const implied of action.implies ?? []) {
    if (decision.outcome === "refuse") break;
    const also = decideOne(askedOf(action, implied), policy);
    if (also.outcome === "allow") continue;
    decision = also.outcome === "approve" ? { ...also, reveal: decision.reveal } : {
      ...also,
      reasonIsRule: false,
      reason: `it would ${describePermission(implied)}${
        implied.because === undefined ? "" : ` (${implied.because})`
      }: ${also.reason}`,
    };
  }
  return decision;
}

const ASKS = "a person has to approve it";

/** What decided, in words and as data. */
type DecidedBy = Pick<Decision, "rule" | "by">;

/** What is no rule of anybody's. */
function unwritten(name: string): DecidedBy {
  return { rule: name, by: { name } };
}

function written(rule: Rule): DecidedBy {
  const { name = rule.source, profile, file, line } = rule;
  return {
    rule: describeRule(rule),
    by: profile === undefined ? { name, file, line } : { name, profile },
  };
}

const DISCOVERY: Decision = { outcome: "allow", ...unwritten("discovery"), reveal: false };

/** What the cluster serves may be looked at, unless a rule denies a tool or a context everything. */
function decideDiscovery(action: DiscoveryAction, { rules }: Policy): Decision {
  const denying = rules.find((rule) => rule.effect === "deny" && touchesDiscovery(rule, action));
  return denying ? deniedBy(denying) : DISCOVERY;
}

function decideOne(asked: Asked, policy: Policy): Decision {
  if (!RULE_VERBS.includes(asked.verb)) {
    return refuse(unwritten("known verbs"), `there is no verb "${asked.verb}"`);
  }
  const denying = policy.rules.find((rule) => rule.effect === "deny" && touches(rule, asked));
  if (denying) return deniedBy(denying, asked);
  if (isAboutSelf(asked)) return DISCOVERY;
  const covering = policy.rules.filter((rule) => rule.effect !== "deny" && covers(rule, asked));
  const [allowing] = covering;
  if (!allowing) {
    // Who may write the object at all may ask a person for what it gives.
    const update = { ...asked, verb: "update" } as const;
    const mayWrite = policy.rules.some((rule) => rule.effect !== "deny" && covers(rule, update));
    return givesRights(asked) && mayWrite && policy.mode === "approve"
      ? { outcome: "approve", ...unwritten("mode approve"), reveal: false, reason: ASKS }
      : notCovered(asked, policy);
  }
  if (!isRead(asked)) {
    if (policy.mode === "read-only") {
      return refuse(
        unwritten("mode read-only"),
        "the server is read-only",
        "The person who runs kubecode can allow changes by starting it with --read-write.",
      );
    }
    const asking = policy.rules.find((rule) => rule.effect === "approve" && touches(rule, asked));
    if (asking || policy.mode === "approve") {
      const by = asking ? written(asking) : unwritten("mode approve");
      return { outcome: "approve", ...by, reveal: false, reason: ASKS };
    }
  }
  return {
    outcome: "allow",
    ...written(allowing),
    reveal: covering.some((rule) => rule.reveal === true),
  };
}

function deniedBy(rule: Rule, asked?: Asked): Decision {
  const spansNamespaces = asked?.namespaced && !asked.namespace && rule.namespaces !== undefined;
  const spansNames = asked !== undefined && asked.name === undefined && rule.names !== undefined;
  const refusal = refuse(
    written(rule),
    `${describeRule(rule)} denies it`,
    spansNamespaces
      ? `Name one namespace; the rule denies ${rule.namespaces.join(", ")}.`
      : spansNames
      ? `Name one object; the rule denies ${rule.names?.join(", ")}.`
      : undefined,
  );
  return { ...refusal, reasonIsRule: true };
}

/** Whether somebody gets rights by it, which must be allowed by name. */
function givesRights({ verb }: Asked): boolean {
  return verb === "bind" || verb === "escalate";
}

/** Says what stands in the way of a request that no rule allows. */
function notCovered(asked: Asked, { rules, profile }: Policy): Decision {
  const allowing = rules.filter(({ effect }) => effect !== "deny");
  const source = unwritten(`profile ${profile}`);
  const spanning = asked.namespace || !asked.namespaced
    ? undefined
    : allowing.find((rule) => covers(rule, asked, "namespaces"));
  if (spanning) {
    return refuse(
      written(spanning),
      "the policy does not allow it over all namespaces",
      `Name one namespace; allowed: ${spanning.namespaces?.join(", ")}.`,
    );
  }
  const unnamed = asked.name === undefined
    ? allowing.find((rule) => covers(rule, asked, "names"))
    : undefined;
  if (unnamed) {
    return refuse(
      written(unnamed),
      "the policy allows it for objects of certain names only",
      `Name one object; allowed: ${unnamed.names?.join(", ")}.`,
    );
  }
  if (isEveryday(asked)) return refuse(source, "no rule allows it");
  const { resource, subresource } = asked;
  const isGrant = givesRights(asked);
  const place = [
    ...(asked.namespace ? [`namespaces: [${asked.namespace}]`] : []),
    ...(asked.name === undefined ? [] : [`names: [${asked.name}]`]),
  ];
  const field = isGrant
    ? [`verbs: [${asked.verb}]`, `resources: [${resource}]`, ...place].join(", ")
    : `resources: [${resource}${subresource === undefined ? "" : `/${subresource}`}]`;
  const rule = `add a rule to its config file: {effect: allow, ${field}}`;
  return refuse(
    source,
    "that needs a rule which names it",
    isGrant
      ? `Give less: a role may hand on what this server's policy allows. Else the person who runs kubecode can start it with --approve, or ${rule}.`
      : `The person who runs kubecode can ${rule}.`,
  );
}

function refuse(decided: DecidedBy, reason: string, hint?: string): Decision {
  return { outcome: "refuse", ...decided, reveal: false, reason, ...(hint ? { hint } : {}) };
}

/** `rule "no prod" (config.yaml:12)`. */
export function describeRule({ name, source }: Rule): string {
  return name === undefined ? `rule ${source}` : `rule "${name}" (${source})`;
}

/**
 * Throws {@linkcode PolicyError} for an action that is refused.
 *
 * @returns the decision for any other: it is allowed, or a person has to approve it
 */
export function enforce(action: Action, policy: Policy): Decision {
  const decision = decide(action, policy);
  if (decision.outcome !== "refuse") return decision;
  throw new PolicyError(`Cannot ${describeAction(action)}: ${decision.reason}`, {
    hint: decision.hint,
    rule: decision.by,
  });
}

/** Whether there is any change that a person would have to approve. */
export function mayAsk({ mode, rules }: Policy): boolean {
  return mode === "approve" ||
    (mode === "read-write" && rules.some(({ effect }) => effect === "approve"));
}

/** What is said where a person would have to approve and cannot be asked. */
export function approvalMissing(action: Action, decision: Decision): PolicyError {
  return new PolicyError(
    `Cannot ${describeAction(action)}: ${decision.reason} (${decision.rule})`,
    {
      hint: "This server cannot ask anybody. Show the change, and have it made with kubectl.",
      rule: decision.by,
    },
  );
}

/** `delete pods "web-0" in namespace "shop"`. */
export function describeAction(action: Action): string {
  return "verb" in action ? describePermission(action) : `read "${action.path}"`;
}

function describePermission({ verb, resource, subresource, namespace, name }: Permission): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what}${name === undefined ? "" : ` "${name}"`}${
    namespace ? ` in namespace "${namespace}"` : ""
  }`;
}
