/** From the words of the command line to a task. */
import { Command, CommanderError } from "commander";
import { InputError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { calledAs } from "../installed/program.ts";
import { didYouMean } from "../std/nearest.ts";
import { addSettings, spellOut } from "./flags.ts";
import { defineProgram } from "./program.ts";
import type { Task } from "./task.ts";

/** What `kubecode help http` is about: the flags that the help leaves out otherwise. */
const HTTP_TOPIC = "http";

/**
 * Parses the command line; the parser prints help, the version and usage errors.
 *
 * @throws {ConfigError} a flag's value that cannot be used
 */
export async function readCommandLine(args: readonly string[]): Promise<Task> {
  let task: Task = { kind: "end", exitCode: EXIT.usage };
  const isHttpHelp = args[0] === "help" && args[1] === HTTP_TOPIC;
  const program = defineProgram((given) => task = given, {
    showHttp: isHttpHelp,
    name: calledAs(),
  });
  const words = isHttpHelp
    ? ["--help"]
    : args[0] === "help"
    ? [...args.slice(1), "--help"]
    : spellOut(args);
  try {
    refuseUnknownCommand(program, words);
    await program.parseAsync(words, { from: "user" });
    return withProgramApart(task, words);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
}

/** Words for what the program does without a command. */
const SERVER_WORDS: ReadonlySet<string> = new Set(["mcp", "serve", "server", "start", "stdio"]);

/**
 * Refuses a command that is none before anything else is looked at: `kubecode serve --help` must not
 * print the help as if there were one.
 */
function refuseUnknownCommand(program: Command, words: readonly string[]): void {
  // A program of its own: what is parsed leaves its values there.
  const [command] = addSettings(new Command()).parseOptions([...words]).operands;
  const known = program.commands.map((command) => command.name());
  if (command === undefined || known.includes(command)) return;
  const hint = SERVER_WORDS.has(command)
    ? "; without a command it is the server"
    : didYouMean(command, [...known, HTTP_TOPIC]);
  program.error(`error: unknown command '${command}'${hint}`);
}

/** Flags of the program that is run must not be taken for ours. */
function withProgramApart(task: Task, words: readonly string[]): Task {
  if (task.kind !== "run") return task;
  const { command } = task;
  const dashes = words.indexOf("--");
  if (dashes >= 0 && words.length - dashes - 1 === command.length) return task;
  // Without flags behind the program there is nothing to tell apart.
  const [program = ""] = command;
  const rest = words.slice(words.indexOf(program, words.indexOf("run") + 1));
  const isPlain = rest.length === command.length && !rest.some((word) => word.startsWith("-"));
  if (isPlain) return task;
  throw new InputError("Cannot tell the program's flags from those of kubecode", {
    hint: `Write -- before the program: kubecode run -- ${program} …`,
  });
}
