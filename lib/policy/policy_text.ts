/** What a policy allows, in words for whoever runs into it. Pure. */
import { shown } from "../std/shown.ts";
import { describeRule } from "./decide.ts";
import type { Mode, Policy, ProfileName, Rule } from "./types.ts";

const MODES: Readonly<Record<Mode, string>> = {
  "read-only": "mode read-only: changes are refused. The person who runs kubecode can allow them " +
    "by starting it with --read-write, or with --approve to be asked about each.",
  "read-write": "mode read-write: changes are made at once.",
  approve: "mode approve: a person is asked about changes.",
};

const PROFILES: Readonly<Record<ProfileName, string>> = {
  none: "profile none: nothing but what the rules allow.",
  guarded: "profile guarded: everyday objects of a namespace that is named; no Secrets and " +
    "ConfigMaps, no commands in containers, no deletion of collections.",
  standard:
    "profile standard: all that is everyday. What gives rights, opens tunnels or acts for " +
    "others (bind, escalate, impersonate, webhooks, proxies, tokens) needs a rule that names it.",
  open: "profile open: everything that is known, what gives rights too.",
};

/** Rules of a person's own that are written out. */
const RULES = 20;

/** Mode, profile and a person's own rules, a line each. */
export function policyText({ mode, profile, rules }: Policy): string {
  const own = rules.filter(({ source }) => source !== `profile ${profile}`);
  return [
    MODES[mode],
    PROFILES[profile],
    ...own.slice(0, RULES).map(ruleText),
    ...(own.length > RULES ? [`and ${own.length - RULES} more rules`] : []),
    "The strictest answer wins; a PolicyError names what refused, and its hint says what would help.",
  ].join("\n");
}

const WHERE = ["verbs", "groups", "resources", "namespaces", "names", "contexts", "tools"] as const;

function ruleText(rule: Rule): string {
  const parts = WHERE.flatMap((field) => {
    const members = rule[field];
    return members === undefined ? [] : [`${field}: [${members.join(", ")}]`];
  });
  const values = rule.reveal === true ? ["reveal: true"] : [];
  return shown(
    `${describeRule(rule)}: {${[`effect: ${rule.effect}`, ...parts, ...values].join(", ")}}`,
  );
}
