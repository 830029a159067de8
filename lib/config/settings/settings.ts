/** Reads the settings of a run from flags, environment and config file. Pure. */
import type { z } from "zod";
import { ConfigError } from "../../errors.ts";
import type { Mode } from "../../policy/types.ts";
import { didYouMean } from "../../std/nearest.ts";
import type { Config } from "../schema.ts";
import type { Setting } from "./setting.ts";
import { longFlag, ROWS, type SettingName, SETTINGS } from "./table.ts";

type Rows = typeof SETTINGS;

/** The settings that make the mode. */
type ModeName = { [Name in SettingName]: Rows[Name] extends { mode: string } ? Name : never }[
  SettingName
];

/** Settings with a default that the config file cannot change: they always have a value. */
type DefaultedName = {
  [Name in SettingName]: Rows[Name] extends { key: string } ? never
    : Rows[Name] extends { default: string } ? Name
    : never;
}[SettingName];

/** The settings of a run; table.ts says what each means. */
export type Settings =
  & { readonly [Name in DefaultedName]: z.output<Rows[Name]["schema"]> }
  & {
    readonly [Name in Exclude<SettingName, DefaultedName | ModeName>]?: z.output<
      Rows[Name]["schema"]
    >;
  }
  & {
    /** What is allowed at most; left out: what the config file says, or else reads only. */
    readonly mode?: Mode;
  };

/**
 * Reads flags and environment: a flag goes before its variable.
 *
 * @param flags the texts of the flags that are given
 * @param env the environment's variables by name
 * @throws {ConfigError} naming the flag or variable and what it takes
 */
export function readSettings(
  flags: Readonly<Partial<Record<SettingName, string>>>,
  env: (name: string) => string | undefined = () => undefined,
): Settings {
  const settings: Partial<Record<SettingName, unknown>> = {};
  const switches: ModeSwitch[] = [];
  for (const [name, row] of ROWS) {
    const read = variableRead(name, row, flags, env);
    // withConfig() sets the default where the config file has a say.
    const text = flags[name] ?? read?.text ?? (row.key === undefined ? row.default : undefined);
    if (text === undefined) continue;
    const from = read?.variable ?? longFlag(row);
    const value = parse(row, text, from);
    if (row.mode === undefined) settings[name] = value;
    else if (row.mode === "named") switches.push({ mode: value as Mode, on: true, from });
    else switches.push({ mode: row.mode, on: value === true, from });
  }
  return { ...settings, ...modeOf(switches) } as Settings;
}

/** A variable that {@linkcode readSettings} reads, with the setting that it is of. */
export interface VariableRead {
  readonly row: Setting;
  readonly variable: string;
  readonly text: string;
}

/** The variables that are set and count beside these flags. */
export function variablesRead(
  flags: Readonly<Partial<Record<SettingName, string>>>,
  env: (name: string) => string | undefined,
): VariableRead[] {
  return ROWS.flatMap(([name, row]) => variableRead(name, row, flags, env) ?? []);
}

function variableRead(
  name: SettingName,
  row: Setting,
  flags: Readonly<Partial<Record<SettingName, string>>>,
  env: (name: string) => string | undefined,
): VariableRead | undefined {
  if (flags[name] !== undefined || isOverridden(row, flags)) return undefined;
  const variable = variableOf(row, env);
  const text = variable === undefined ? undefined : readVariable(row, env(variable));
  return variable === undefined || text === undefined ? undefined : { row, variable, text };
}

/** Whether the variable of a setting is not read, although the setting's own flag is not given. */
function isOverridden(
  { mode, variableReadElsewhere }: Setting,
  flags: Readonly<Partial<Record<SettingName, string>>>,
): boolean {
  if (variableReadElsewhere) return true;
  return mode !== undefined && ROWS.some(([name, other]) => {
    if (other.mode === undefined || flags[name] === undefined) return false;
    // Any of the flags, --no-read-write too, overrides KUBECODE_MODE.
    if (mode === "named") return true;
    // `--approve` overrides KUBECODE_READ_WRITE as well as its own variable, and so on.
    const value = other.schema.safeParse(flags[name]).data;
    return value !== undefined && value !== false;
  });
}

/** The variable that counts: the first that is set, or else the first. */
function variableOf(
  row: Setting,
  env: (name: string) => string | undefined,
): string | undefined {
  const { variable, otherVariable } = row;
  if (variable === undefined || readVariable(row, env(variable)) !== undefined) return variable;
  return otherVariable !== undefined && env(otherVariable) ? otherVariable : variable;
}

function readVariable({ blankIsNone }: Setting, text: string | undefined): string | undefined {
  return text === "" && blankIsNone ? undefined : text;
}

/** Adds what the config file says where no flag or variable does, and the remaining defaults. */
export function withConfig(settings: Settings, config: Config): Settings {
  const added: Partial<Record<SettingName, unknown>> = {};
  for (const [name, row] of ROWS) {
    // The mode is part of the policy, which is read again with the file: see policy_source.ts.
    if (row.key === undefined || row.mode !== undefined) continue;
    if ((settings as typeof added)[name] !== undefined) continue;
    added[name] = valueAt(config, row.key) ??
      (row.default === undefined ? undefined : parse(row, row.default, longFlag(row)));
  }
  return { ...settings, ...added } as Settings;
}

function parse({ schema, group, values, several }: Setting, text: string, name: string): unknown {
  const { success, data, error } = schema.safeParse(text);
  if (success) return data;
  // Which of several is wrong only its schema knows.
  const near = several || typeof values !== "object" ? "" : didYouMean(text, values);
  throw new ConfigError(`Cannot use ${name} "${text}": ${error.issues[0]?.message}${near}`, {
    hint: `kubecode ${
      group.startsWith("HTTP") ? "help http" : "--help"
    } lists the flags and their variables.`,
  });
}

/** A switch of the mode, and the flag or variable that set it. */
interface ModeSwitch {
  readonly mode: Mode;
  readonly on: boolean;
  readonly from: string;
}

function modeOf(switches: readonly ModeSwitch[]): { mode?: Mode } {
  const [one, ...more] = switches.filter(({ on }) => on);
  const other = more.find(({ mode }) => mode !== one?.mode) ??
    switches.find(({ on, mode }) => !on && mode === one?.mode);
  if (one && other) {
    throw new ConfigError(`Cannot use ${one.from} and ${other.from} together`, {
      hint: "With --approve a person is asked about each change; with --read-write nobody is.",
    });
  }
  if (one) return { mode: one.mode };
  return switches.length > 0 ? { mode: "read-only" } : {};
}

function valueAt(config: Config, key: string): unknown {
  return key.split(".").reduce<unknown>(
    (outer, name) => (outer as Record<string, unknown> | undefined)?.[name],
    config,
  );
}
