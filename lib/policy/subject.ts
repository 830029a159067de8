/**
 * The policy as it is for one caller: rules that name users or their groups are held against the
 * caller once, so that decisions are about requests only. Pure.
 */
import { matchesOne } from "./rules/patterns.ts";
import type { Policy, Rule } from "./types.ts";

/** A caller who has proved who they are. */
export interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * The policy for a caller; what it has left speaks of users no more. Of somebody who has proved
 * nothing the worst is assumed, as of a list that spans more than a rule names: a rule that allows
 * does not speak of them, one that denies does, and one that asks a person asks and allows nothing.
 *
 * @param subject undefined where nobody has proved who they are
 */
export function policyFor(policy: Policy, subject: Subject | undefined): Policy {
  return { ...policy, rules: policy.rules.flatMap((rule) => ruleFor(rule, subject)) };
}

function ruleFor(rule: Rule, subject: Subject | undefined): readonly Rule[] {
  const { users, userGroups, ...rest } = rule;
  if (users === undefined && userGroups === undefined) return [rule];
  if (subject === undefined) {
    if (rule.effect === "allow") return [];
    return [rule.effect === "approve" ? { ...rest, asksOnly: true } : rest];
  }
  const isTheirs = matchesOne(users, subject.user) &&
    (userGroups === undefined || subject.groups.some((group) => matchesOne(userGroups, group)));
  return isTheirs ? [rest] : [];
}
