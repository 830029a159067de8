/** A policy as the section of a config file that says the same. Pure. */
import { toYaml, toYamlFlow } from "../yaml/yaml.ts";
import { RULE, type WrittenRule } from "../policy/rule.ts";
import type { Policy } from "../policy/types.ts";

/** A rule of a person's, or of a profile. */
type ShownRule = WrittenRule & { readonly source?: string };

/** The section `policy`, as text that the loader takes as it is. */
export function policySection(
  { mode, profile, rules }: Partial<Pick<Policy, "mode">> & Pick<Policy, "profile"> & {
    readonly rules: readonly ShownRule[];
  },
): string {
  const head = `policy:\n${mode === undefined ? "" : `  mode: ${mode}\n`}  profile: ${profile}\n`;
  return rules.length === 0
    ? `${head}  rules: []\n`
    : `${head}  rules:\n${rules.map(ruleText).join("")}`;
}

/** The fields in the order of the schema, which is that in which a request is read. */
function ruleText(rule: ShownRule): string {
  const fields = (Object.keys(RULE.shape) as (keyof WrittenRule)[]).flatMap((field) => {
    const value = rule[field];
    if (value === undefined) return [];
    return typeof value === "object"
      ? [`${field}: ${toYamlFlow(value)}`]
      : [toYaml({ [field]: value }).trimEnd()];
  });
  const origin = rule.source === undefined ? "" : `    # ${rule.source}\n`;
  return `${origin}    - ${fields.join("\n      ")}\n`;
}
