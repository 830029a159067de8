/** What a setting is, and the values that several have. */
import { z } from "zod";
import type { Mode } from "../../policy/types.ts";
import { parseDuration } from "../duration.ts";

/** Under which heading the help shows a setting. */
export type SettingGroup =
  | "Cluster"
  | "Policy"
  | "Tools"
  | "Configuration and logs"
  | "HTTP: listening"
  | "HTTP: callers"
  | "HTTP: load";

/** One setting. */
export interface Setting {
  /** As `--help` shows it: `-n, --namespace <NAME>`; `[BOOL]` makes a switch, `<PATH>` a file. */
  readonly flag: string;
  readonly group: SettingGroup;
  /** The environment variable that is read where the flag is not given. */
  readonly variable?: string;
  /** Read where that one is not set: its name in k8s-mcp-server. Empty is not set. */
  readonly otherVariable?: string;
  /** Another part of the program reads the variable, in another syntax. */
  readonly variableReadElsewhere?: true;
  /** Its name in the config file (`audit.file`), which counts after flag and variable. */
  readonly key?: string;
  /** From the text of the flag or variable to its value. */
  readonly schema: z.ZodType;
  /** What a shell completes the flag to, where that is known. */
  readonly values?: readonly string[] | "contexts";
  /** It takes several values, with commas between them. */
  readonly several?: true;
  /** What the flag is by default, as text. */
  readonly default?: string;
  /** What it does, for `--help` and the reference; words in double quotes are to be typed. */
  readonly help: string;
  /** The other commands do not take it. */
  readonly serverOnly?: true;
  /** The mode that the switch turns on; "named": the value is the mode. */
  readonly mode?: Mode | "named";
  /** An empty variable is as none: forms of desktop clients pass on what was left blank. */
  readonly blankIsNone?: true;
}

/** Any text. */
export const text = z.string().min(1, "must not be empty");

/** Names with commas between them. */
export const names = z.string().transform(namesOf);

/** A time, in milliseconds. */
export const duration = z.string().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('must be a duration such as "10s", "500ms" or "2m"');
  return z.NEVER;
});

/** On or off. */
export const onOff = z.string().transform((value, context) => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off|)$/i.test(value)) return false;
  context.addIssue("must be true or false");
  return z.NEVER;
});

/** Names with commas between them. */
export function namesOf(value: string): string[] {
  return value.split(",").map((name) => name.trim()).filter((name) => name !== "");
}
