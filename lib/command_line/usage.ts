/** How a command is written. Pure. */
import type { Command } from "commander";

/** `kubecode policy check`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** What may stand behind it. */
export function usageOf(command: Command): string {
  const own = command.usage();
  if (!own.startsWith("[options]")) return own;
  if (command.commands.length > 0) return command.parent ? "<command>" : "[command] [flags]";
  return [...command.registeredArguments.map(argumentOf), "[flags]"].join(" ");
}

/** `<SHELL>`, `[ARG...]`. */
export function argumentOf(
  argument: { name(): string; required: boolean; variadic: boolean },
): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
