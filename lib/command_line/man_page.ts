/**
 * The manual page, kubecode(1), from the definition of the command line. Pure.
 *
 * @see man(7), the macros that it uses
 */
import type { Command, Option } from "commander";
import { pathOf, usageOf } from "./usage.ts";
import { VERSION } from "../version.ts";

const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "it worked"],
  ["1", "the command ran, and its answer is no: a script failed, a check found a fault"],
  ["2", "a command line or a configuration that cannot be used"],
  ["124", "a script took longer than --timeout"],
  ["130", "interrupted"],
];

const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ["~/.config/kubecode/config.yaml", "the config file: policy, contexts, rate limits, programs"],
  ["~/.kube/config", "the kubeconfig, where neither --kubeconfig nor KUBECONFIG names another"],
];

/** The page as roff. @param program the definition (program.ts) */
export function manPage(program: Command): string {
  return [
    `.TH KUBECODE 1 "" "kubecode ${VERSION}" "User Commands"`,
    // No hyphens that are not in the words, and no stretched lines.
    ".nh",
    ".ad l",
    ".SH NAME",
    "kubecode \\- MCP server for Kubernetes with a code mode",
    ".SH SYNOPSIS",
    ".B kubecode",
    "[\\fIflags\\fR]",
    ".br",
    ".B kubecode",
    "\\fIcommand\\fR [\\fIarguments\\fR] [\\fIflags\\fR]",
    ".SH DESCRIPTION",
    ...filled(program.description()),
    ".SH COMMANDS",
    ...program.commands.flatMap((command) => describeCommand(command, program)),
    ".SH FLAGS",
    ...filled(
      "A flag goes before its environment variable, which stands in brackets, and that before the config file.",
    ),
    ...flagGroups(program.options),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap((row) => item(...row)),
    ".SH FILES",
    ...FILES.flatMap((row) => item(...row)),
    ".SH SEE ALSO",
    ".BR kubectl (1)",
  ].join("\n");
}

function describeCommand(command: Command, program: Command): string[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((sub) => describeCommand(sub, program));
  }
  const shared = new Set(program.options.map(({ flags }) => flags));
  const own = command.options.filter(({ flags }) => !shared.has(flags));
  return [
    `.SS "${escape(`${pathOf(command)} ${usageOf(command)}`)}"`,
    ...paragraphs(command.description()),
    ...own.flatMap(describeFlag),
  ];
}

function flagGroups(options: readonly Option[]): string[] {
  const groups = Map.groupBy(options, ({ helpGroupHeading }) => helpGroupHeading ?? "General:");
  return [...groups].flatMap(([heading, all]) => [
    `.SS "${escape(heading.replace(/:$/, ""))}"`,
    ...all.flatMap(describeFlag),
  ]);
}

function describeFlag({ flags, description }: Option): string[] {
  return item(flags, description);
}

function item(term: string, text: string): string[] {
  return [".TP", `.B "${escape(term).replaceAll('"', "\\(dq")}"`, ...filled(text)];
}

/** Paragraphs, and examples, which are indented. */
function paragraphs(text: string): string[] {
  return text.split("\n\n").flatMap((part, at) => {
    if (part.startsWith(" ")) return [".PP", ".nf", escape(part), ".fi"];
    return [...at > 0 ? [".PP"] : [], ...filled(part)];
  });
}

/** Text that roff fills, in lines of at most 78 characters. */
function filled(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of escape(text).split(" ")) {
    if (line !== "" && line.length + word.length > 77) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Text as roff shows it unchanged: no escapes, no control lines, hyphens that can be copied. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll(/^([.'])/gm, "\\&$1")
    .replaceAll("~", "\\(ti").replaceAll("^", "\\(ha").replaceAll("`", "\\(ga");
}
