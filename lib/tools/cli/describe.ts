/** `describe_kubectl` and the like: the help of a program or of one of its commands, and nothing else. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import type { ProgramName } from "../../programs/types.ts";
import { argvOf, readWords } from "../../programs/words/words.ts";
import { argumentsOf } from "../support/arguments.ts";
import { READS } from "../support/define_tool.ts";
import type { Tool } from "../types.ts";
import { installedPath } from "./call.ts";
import { plainWords, readLine } from "./line.ts";
import type { CliParts } from "./parts.ts";
import { commandResult, failureResult } from "./result.ts";
import { cutText } from "./shown_output.ts";

/** What such a tool takes. */
export interface DescribeInput {
  readonly command?: string | undefined;
}

const INPUT: z.ZodType<DescribeInput> = argumentsOf({
  command: z.string().optional().describe("A command, such as: get"),
}, { aliases: { cmd: "command", subcommand: "command", verb: "command" } });

/** Help is told at once, or not at all. */
const TIMEOUT_MS = 20_000;

/** Makes the tool that shows the help of a program. */
export function describeTool(program: ProgramName, parts: CliParts): Tool<DescribeInput> {
  return {
    name: `describe_${program}`,
    description: `The help text of ${program} or of one of its commands.`,
    input: INPUT,
    rate: "other",
    annotations: { title: `Help of ${program}`, ...READS, openWorldHint: false },
    failure: failureResult,
    async run({ command = "" }, { signal }) {
      const started = performance.now();
      const path = installedPath(parts, program);
      const argv = helpOf(program, command, [...parts.programs.keys()]);
      await using folder = await parts.runner.openFolder();
      const { stdout, stderr, exitCode, ending } = await parts.runner.run({
        path,
        argv,
        kubeconfig: "",
        folder: folder.path,
        limits: { timeoutMs: TIMEOUT_MS, outputBytes: parts.outputCharacters },
        signal,
      });
      signal.throwIfAborted();
      const show = (bytes: Uint8Array) =>
        cutText(new TextDecoder().decode(bytes), parts.outputCharacters);
      return commandResult({
        stdout: show(stdout),
        stderr: show(stderr),
        exitCode,
        executionMs: performance.now() - started,
        ...(ending === "timeout" ? { ended: { by: "timeout", afterMs: TIMEOUT_MS } } : {}),
      });
    },
  };
}

/**
 * The words that show the help of what a command is about, and do nothing else.
 *
 * @throws {InputError} more than a command and its words
 * @throws {PolicyError} no command of the program
 */
function helpOf(
  program: ProgramName,
  command: string,
  installed: readonly ProgramName[],
): readonly string[] {
  if (command.trim() === "") return ["--help"];
  const words = plainWords(readLine(command));
  if (words === undefined) {
    throw new InputError(
      `Cannot describe "${command.slice(0, 100)}": it is not the name of a command`,
      { hint: `Name one, such as "get"; execute_${program} runs commands.` },
    );
  }
  // The last of a flag's values counts, and behind `--` there are none.
  const argv = argvOf(program, words, installed);
  const dash = argv.indexOf("--");
  const named = dash < 0 ? argv : argv.slice(0, dash);
  const { normal, help } = readWords(program, [...named, "--help"]);
  // A flag that takes it for its value leaves no verb to speak of.
  return help ? normal : ["--help"];
}
