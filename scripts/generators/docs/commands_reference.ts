/** The commands with their arguments and flags, made from the definition of the command line. */
import type { Command } from "commander";
import { defineProgram } from "../../../lib/command_line/program.ts";
import { pathOf, usageOf } from "../../../lib/command_line/usage.ts";
import { cell, code, fenced, table } from "./markdown.ts";

/** Each command with its own flags; those of the settings are told elsewhere. */
export function commandsReference(): string {
  const program = defineProgram(() => {});
  const shared = new Set(program.options.map(({ flags }) => flags));
  const leaves = (command: Command): Command[] =>
    command.commands.length > 0 ? command.commands.flatMap(leaves) : [command];
  return leaves(program).map((command) => commandSection(command, shared)).join("\n");
}

function commandSection(command: Command, shared: ReadonlySet<string>): string {
  const rows = command.options.filter(({ flags }) => !shared.has(flags)).map((option) => {
    const standard = option.defaultValue;
    const told = typeof standard === "string" ? ` (default: ${standard})` : "";
    return [code(option.flags.replaceAll(/[<>]/g, "")), cell(`${option.description}${told}`)];
  });
  return `## ${pathOf(command)}\n\n` +
    fenced(`${pathOf(command)} ${usageOf(command)}`.trim(), "sh") +
    `\n${described(command.description())}` +
    (rows.length > 0 ? `\n${table(["flag", "meaning"], rows)}` : "");
}

/** Paragraphs; examples, which are indented, as code. */
function described(text: string): string {
  return text.split("\n\n").map((part) =>
    part.startsWith(" ") ? fenced(part.replaceAll(/^ {2}/gm, ""), "sh") : `${wrapped(part)}\n`
  ).join("\n");
}

const WIDTH = 100;

/** A paragraph in lines as `deno fmt` has them. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}
