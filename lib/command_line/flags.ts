/** The settings as flags of commands: given to the parser, and read from it. */
import { type Command, Option } from "commander";
import { readSettings, type Settings } from "../config/settings.ts";
import { helpOf, isSwitch, longFlag, ROWS } from "../config/settings_table.ts";

/** Adds the flags of the settings; the program itself, the server, takes all of them. */
export function addSettings(command: Command): Command {
  for (const [, row] of ROWS) {
    if (row.serverOnly && command.parent) continue;
    const variable = row.variable === undefined ? "" : ` [${row.variable}]`;
    const option = new Option(row.flag, `${helpOf(row)}${variable}`).helpGroup(`${row.group}:`);
    command.addOption(option);
  }
  return command;
}

/** A command that takes the settings of the program. @param summary its line in the help */
export function inherit(parent: Command, usage: string, summary: string): Command {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return addSettings(
    parent.command(usage).summary(summary).description(sentence).copyInheritedSettings(parent),
  );
}

/** Reads flags and environment; the parser keeps the flags of every command at the program. */
export function settingsOf(program: Command): Settings {
  const flags = ROWS.map(([name, { flag }]) =>
    [name, program.getOptionValue(new Option(flag).attributeName())] as const
  );
  return readSettings(Object.fromEntries(flags), (name) => Deno.env.get(name));
}

const SWITCHES: ReadonlySet<string> = new Set(
  ROWS.filter(([, row]) => isSwitch(row)).map(([, row]) => longFlag(row)),
);

/** Writes `--demo`, `--no-demo` and `--demo false` as the parser needs it: `--demo=false`. */
export function spellOut(args: readonly string[]): string[] {
  const spelled: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return [...spelled, ...args.slice(at)];
    const [, no, name = ""] = /^--(no-)?([a-z-]+)$/.exec(arg) ?? [];
    if (!SWITCHES.has(`--${name}`)) spelled.push(arg);
    else if (no) spelled.push(`--${name}=false`);
    else if (/^(true|false)$/i.test(args[at + 1] ?? "")) spelled.push(`${arg}=${args[++at]}`);
    else spelled.push(`${arg}=true`);
  }
  return spelled;
}
