/** Writes a policy as the section `policy` of a config file. Pure. */
import { toYaml, toYamlFlow } from "../yaml/yaml.ts";
import { RULE, type WrittenRule } from "../policy/rules/rule.ts";
import type { Policy } from "../policy/types.ts";

/** A rule of the config file, or of a profile. */
type ShownRule = WrittenRule & { readonly source?: string };

/** The section as YAML, which the loader reads back unchanged. */
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

/** The fields stand in the order of the schema: verb, group, resource, namespace, name. */
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
