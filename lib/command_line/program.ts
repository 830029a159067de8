/**
 * The definition of the command line: commands, flags and their help. The parser, the help, the
 * completion of shells and the manual page are all made from it.
 */
import { argumentOf, pathOf, usageOf } from "./usage.ts";
import { Command, type Help, type HelpConfiguration } from "commander";
import { describeVersion, installedAs } from "../installed/kind.ts";
import { runningProgram } from "../installed/program.ts";
import { VERSION } from "../version.ts";
import { defineClients } from "./commands/clients.ts";
import { defineDoors } from "./commands/doors.ts";
import { defineEval } from "./commands/eval.ts";
import { definePolicy } from "./commands/policy.ts";
import { defineShell } from "./commands/shell.ts";
import { defineToken } from "./commands/token.ts";
import { addSettings, inherit, settingsOf } from "./flags.ts";
import type { Choose } from "./task.ts";

/** Headings of the commands in the help, in its order. */
const COMMAND_GROUPS = {
  first: "First steps:",
  cluster: "Ask the cluster:",
  rules: "Rules and callers:",
  shell: "Shell:",
} as const;

const NAME = "kubecode";

/** A text of the help, whose examples call the program by that name. */
function calledBy(name: string, text: string): string {
  return text.replace(/(^ *|")kubecode(?= )/gm, `$1${name}`);
}

const EXAMPLES = `
Examples:
  kubecode demo                                  a tour, over a demo cluster in the process
  kubecode eval -e 'k8s.coreV1().pods("").list().items.length'
  kubecode --context staging                     the server, as an MCP client starts it

"kubecode help COMMAND" describes a command, "kubecode help http" the flags of a server over HTTP.`;

/** What the help depends on. */
export interface HelpOptions {
  /** It shows the flags of a server over HTTP too. */
  readonly showHttp?: boolean;
  /** What the program is called there: "kubectl code" for kubectl's plugin. */
  readonly name?: string;
}

/**
 * Defines the whole command line.
 *
 * @param choose takes the task once a command line is parsed
 */
export function defineProgram(
  choose: Choose,
  { showHttp = false, name = NAME }: HelpOptions = {},
): Command {
  const program = new Command(name)
    .description(
      "MCP server for Kubernetes with a code mode. Without a command it serves an MCP client on " +
        "standard input and output; everything is read-only unless --read-write is given.",
    )
    .version(versionLine(), "-V, --version", "print the version and how it was installed")
    .helpOption("-h, --help", "print this help")
    .configureHelp(HELP)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText("after", calledBy(name, EXAMPLES));
  addSettings(program).action(() => choose({ kind: "serve", settings: settingsOf(program) }));
  if (!showHttp) {
    for (const option of program.options) {
      if (option.helpGroupHeading?.startsWith("HTTP")) option.hideHelp();
    }
  }

  program.commandsGroup(COMMAND_GROUPS.first);
  simple("demo", "show some scripts and their answers over the embedded demo cluster");
  simple("doctor", "show the configuration in use, and whether the cluster can be reached");
  defineClients(program, choose);
  program.commandsGroup(COMMAND_GROUPS.cluster);
  defineEval(program, choose);
  defineDoors(program, choose);
  program.commandsGroup(COMMAND_GROUPS.rules);
  definePolicy(program, choose);
  defineToken(program, choose);
  program.commandsGroup(COMMAND_GROUPS.shell);
  defineShell(program, choose);
  pointToHelp(program);
  return program;

  function simple(kind: "demo" | "doctor", description: string): void {
    inherit(program, kind, description)
      .action(() => choose({ kind, settings: settingsOf(program) }));
  }
}

function versionLine(): string {
  return describeVersion(VERSION, installedAs(runningProgram()), Deno.version.deno);
}

/** Ends the errors of a command with where its own help is. */
function pointToHelp(command: Command): void {
  const lists = command.commands.length > 0 ? "commands" : "arguments";
  const dashes = startsProgram(command) ? "write -- before the program; " : "";
  command.showHelpAfterError(`(${dashes}${pathOf(command)} --help lists ${lists} and flags)`);
  command.commands.forEach(pointToHelp);
}

/** Whether a program stands behind the command, after dashes. */
function startsProgram(command: Command): boolean {
  return command.usage().startsWith("[flags] -- ");
}

/** The help: what a command is, then its commands, then its flags in groups. */
const HELP: HelpConfiguration = {
  formatHelp(command: Command, help: Help): string {
    const width = help.padWidth(command, help);
    const item = (term: string, text: string) => help.formatItem(term, width, text, help);
    const commands = help.groupItems(
      [...command.commands],
      help.visibleCommands(command),
      (sub) => sub.helpGroup() || "Commands:",
    );
    const options = help.groupItems(
      [...command.options],
      help.visibleOptions(command),
      (option) => option.helpGroupHeading ?? "Flags:",
    );
    const sections: [heading: string, lines: string[]][] = [
      ...[...commands].map(([heading, all]): [string, string[]] => [
        heading,
        all.map((sub) => item(help.subcommandTerm(sub), help.subcommandDescription(sub))),
      ]),
      ...[...options].toSorted(ownFirst).map(([heading, all]): [string, string[]] => [
        heading,
        all.map((option) => item(help.optionTerm(option), help.optionDescription(option))),
      ]),
    ];
    return [
      `Usage: ${help.commandUsage(command)}\n`,
      `${help.boxWrap(description(command, help), help.helpWidth ?? 80)}\n`,
      ...sections.filter(([, lines]) => lines.length > 0).map(([heading, lines]) =>
        `${heading}\n${lines.join("\n")}\n`
      ),
    ].join("\n");
  },
  commandUsage: (command: Command) => `${pathOf(command)} ${usageOf(command)}`,
  subcommandTerm: (command: Command) =>
    [
      command.name(),
      ...startsProgram(command) ? ["--"] : [],
      ...command.registeredArguments.map(argumentOf),
    ].join(" "),
};

/** With the name that the program has in this help. */
function description(command: Command, help: Help): string {
  const [name = NAME] = /^kubectl code|^\S+/.exec(pathOf(command)) ?? [];
  return calledBy(name, help.commandDescription(command));
}

function ownFirst([a]: [string, unknown], [b]: [string, unknown]): number {
  return Number(b === "Flags:") - Number(a === "Flags:");
}
