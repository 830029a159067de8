/** The settings as flags of commands: given to the parser, and read from it. */
import { type Command, Option } from "commander";
import { readSettings, type Settings } from "../config/settings/settings.ts";
import type { Setting } from "../config/settings/setting.ts";
import { helpOf, isSwitch, longFlag, ROWS, type SettingName } from "../config/settings/table.ts";

/** Adds the flags of the settings; the program itself, the server, takes all of them. */
export function addSettings(command: Command): Command {
  for (const [, row] of ROWS) {
    if (row.serverOnly && command.parent) continue;
    command.addOption(optionOf(row));
  }
  return command;
}

function optionOf(row: Setting): Option {
  const variable = row.variable === undefined ? "" : ` [${row.variable}]`;
  return new Option(row.flag, `${helpOf(row)}${variable}`).helpGroup(`${row.group}:`);
}

/** Adds the flags of a server on standard input and output. */
export function addServerSettings(command: Command): Command {
  for (const [, row] of ROWS) {
    if (!row.group.startsWith("HTTP")) command.addOption(optionOf(row));
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
  return readSettings(flagsOf(program), (name) => Deno.env.get(name));
}

/** The texts of the flags that are given, by setting. */
export function flagsOf(program: Command): Readonly<Partial<Record<SettingName, string>>> {
  return Object.fromEntries(
    ROWS.map((
      [name, { flag }],
    ) => [name, program.getOptionValue(new Option(flag).attributeName())]),
  );
}

/** The switches by what is written for them: `--demo`, `-A`. */
const SWITCHES: ReadonlyMap<string, string> = new Map(
  ROWS.filter(([, row]) => isSwitch(row)).flatMap(([, row]) =>
    row.flag.replace(/ .BOOL.$/, "").split(", ").map((name) => [name, longFlag(row)] as const)
  ),
);

/** Writes `--demo`, `-A`, `--no-demo` and `--demo false` as the parser needs it: `--demo=false`. */
export function spellOut(args: readonly string[]): string[] {
  const spelled: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return [...spelled, ...args.slice(at)];
    const name = SWITCHES.get(arg.replace(/^--no-/, "--"));
    if (name === undefined) spelled.push(arg);
    else if (arg.startsWith("--no-")) spelled.push(`${name}=false`);
    else if (/^(true|false)$/i.test(args[at + 1] ?? "")) spelled.push(`${name}=${args[++at]}`);
    else spelled.push(`${name}=true`);
  }
  return spelled;
}
