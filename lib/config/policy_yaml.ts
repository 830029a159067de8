/** A policy as the section of a config file that says the same. Pure. */
import { toYaml } from "../yaml/yaml.ts";
import type { Policy, Rule } from "../policy/types.ts";
import { flowList } from "./flow_list.ts";

/** A rule of a person's, or of a profile. */
type WrittenRule = Omit<Rule, "source"> & { readonly source?: string };

/** The lists of a rule, in the order in which a request is read. */
const LISTS = ["verbs", "groups", "resources", "namespaces", "names", "contexts", "tools"] as const;

/** The section `policy`, as text that the loader takes as it is. */
export function policySection(
  { mode, profile, rules }: Partial<Pick<Policy, "mode">> & Pick<Policy, "profile"> & {
    readonly rules: readonly WrittenRule[];
  },
): string {
  const head = `policy:\n${mode === undefined ? "" : `  mode: ${mode}\n`}  profile: ${profile}\n`;
  return rules.length === 0
    ? `${head}  rules: []\n`
    : `${head}  rules:\n${rules.map(ruleText).join("")}`;
}

function ruleText(rule: WrittenRule): string {
  const { name, source, effect, reveal } = rule;
  const fields = [
    ...name === undefined ? [] : [toYaml({ name }).trimEnd()],
    `effect: ${effect}`,
    ...LISTS.flatMap((list) => {
      const texts = rule[list];
      return texts === undefined ? [] : [`${list}: ${flowList(texts)}`];
    }),
    ...reveal === undefined ? [] : [`reveal: ${reveal}`],
  ];
  const origin = source === undefined ? "" : `    # ${source}\n`;
  return `${origin}    - ${fields.join("\n      ")}\n`;
}
