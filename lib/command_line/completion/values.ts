/** What the values of flags and arguments can be completed to. */
import type { Option } from "commander";
import { OUTPUT_FORMATS } from "../../cli/output.ts";
import { ROWS } from "../../config/settings/table.ts";
import { CLIENTS } from "../../install/clients.ts";
import { SCOPES } from "../../install/find.ts";
import { TOOL_NAMES } from "../../policy/rules/known_tools.ts";
import { RULE_VERBS } from "../../policy/rules/rule.ts";
import { PROFILE_NAMES } from "../../policy/types.ts";
import { SHELLS } from "./shells.ts";

/** What a value can be. */
interface Values {
  readonly values: readonly string[];
  /** Several may be given, with commas between them. */
  readonly several: boolean;
  readonly files: boolean;
}

/** Values of what is no setting, by the word that stands for it in the usage: `<FORMAT>`. */
const BY_PLACEHOLDER: Readonly<Record<string, readonly string[]>> = {
  CLIENT: CLIENTS.map(({ id }) => id),
  FORMAT: OUTPUT_FORMATS,
  PROFILE: PROFILE_NAMES,
  SCOPE: SCOPES,
  SHELL: SHELLS,
  TOOL: TOOL_NAMES,
  VERB: RULE_VERBS,
};

/** What stands for a path. */
const PATHS: ReadonlySet<string> = new Set(["FILE", "PATH"]);

/** The values of a flag, or of an argument by its name. */
export async function valuesOf(
  argument: Option | string,
  contexts: () => Promise<readonly string[]>,
): Promise<Values> {
  const placeholder = typeof argument === "string"
    ? argument
    : /[<[]([A-Z]+)/.exec(argument.flags)?.[1] ?? "";
  const setting = typeof argument === "string"
    ? undefined
    : ROWS.find(([, row]) => row.flag === argument.flags)?.[1];
  const known = setting?.values === "contexts" ? await contexts() : setting?.values;
  return {
    values: placeholder === "BOOL" ? ["true", "false"] : known ?? BY_PLACEHOLDER[placeholder] ?? [],
    several: setting?.several === true,
    files: PATHS.has(placeholder),
  };
}
