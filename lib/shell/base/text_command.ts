/** What the commands of our own over text have in common: options, files, standard input. */
import {
  type Command,
  defineCommand,
  type ExecResult,
  type ResolvedCommandContext,
} from "just-bash";
import { failure, result, stdinOf, toBinary } from "./bytes.ts";
import { type Options, type OptionTable, readOptions, UsageError } from "./options.ts";

/** One input, as a string of bytes. */
export interface Input {
  /** As it was given; "" for standard input that was not named. */
  readonly name: string;
  readonly text: string;
}

/** What a command gives. */
export interface Output {
  readonly stdout: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** A command over its inputs. @param run is given those that there are */
export function textCommand(
  name: string,
  table: OptionTable,
  run: (options: Options, inputs: readonly Input[], context: ResolvedCommandContext) =>
    | Output
    | Promise<Output>,
): Command {
  return defineCommand(name, async (words, context): Promise<ExecResult> => {
    try {
      const options = readOptions(words, table);
      const missing: string[] = [];
      const inputs: Input[] = [];
      for (const operand of options.operands.length > 0 ? options.operands : [""]) {
        const text = await readInput(operand, context);
        if (typeof text === "string") inputs.push({ name: operand, text });
        else missing.push(`${name}: ${text.why}\n`);
      }
      const { stdout, stderr = "", exitCode = 0 } = await run(options, inputs, context);
      return result(stdout, missing.join("") + stderr, missing.length > 0 ? 1 : exitCode);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return failure(name, error.message, name === "sort" ? 2 : 1);
    }
  });
}

/** The bytes of a file, or of standard input for "-" and "". */
export async function readInput(
  operand: string,
  context: ResolvedCommandContext,
): Promise<string | { readonly why: string }> {
  if (operand === "" || operand === "-" || operand === "/dev/stdin") return stdinOf(context);
  const path = context.fs.resolvePath(context.cwd, operand);
  if (!await context.fs.exists(path)) return { why: `${operand}: No such file or directory` };
  if ((await context.fs.stat(path)).isDirectory) return { why: `${operand}: Is a directory` };
  return toBinary(await context.fs.readFileBuffer(path));
}

/** The lines of a text, without their ends; none for an empty one. */
export function linesOf(text: string, end = "\n"): string[] {
  if (text === "") return [];
  const lines = text.split(end);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Lines as a text. */
export function textOf(lines: readonly string[], end = "\n"): string {
  return lines.length === 0 ? "" : lines.join(end) + end;
}

/** A count as GNU programs read it: a number with a suffix. @throws {UsageError} it is none */
export function readCount(value: string, what: string): number {
  const match = /^[+-]?(\d+)(k|K|KiB|M|MiB|kB|KB|MB|b)?$/.exec(value);
  if (!match) throw new UsageError(`invalid number of ${what}: '${value}'`);
  const units: Record<string, number> = { k: 1024, K: 1024, KiB: 1024, M: 2 ** 20, MiB: 2 ** 20 };
  const more: Record<string, number> = { kB: 1000, KB: 1000, MB: 1e6, b: 512 };
  return Number(match[1]) * ({ ...units, ...more }[match[2] ?? ""] ?? 1);
}
