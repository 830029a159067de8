/**
 * Commands that are not there. A verb of the line's own program, where the program's name is left out
 * at another place than the beginning, is found before anything of the line has run. Pure.
 */
import { parse } from "just-bash";
import { nearHint } from "../../std/nearest.ts";
import { OFFERED, SHELL_WORDS } from "../offered.ts";
import { PROGRAM_NAMES } from "../../programs/types.ts";
import type { LineHeader } from "../protocol.ts";

/** What a line is for, and what it may start. */
export type LineFor = Pick<LineHeader, "program" | "verbs" | "programs">;

/** Verbs of programs that are words of the shell too. */
const BUILT_IN = ["exec", "help", "wait"];

/** What is wrong with a line that names a verb as a command; undefined where none does. */
export function verbAsCommand(text: string, line: LineFor): string | undefined {
  const called = new Set<string>();
  const defined = new Set<string>();
  try {
    collect(parse(text), called, defined);
  } catch {
    // The interpreter says what is wrong with it.
    return undefined;
  }
  const verb = [...called].find((name) => isVerb(name, line) && !defined.has(name));
  return verb === undefined
    ? undefined
    : `the program's name may be left out at the beginning of a line only: ${advice(verb, line)}`;
}

/** The hint for a command that was not found. */
export function missingHint(name: string, line: LineFor): string {
  if (isVerb(name, line)) return advice(name, line);
  const here = OFFERED.filter((command) =>
    !PROGRAM_NAMES.some((program) => program === command) || line.programs.includes(command)
  );
  const hint = nearHint(name, here);
  return `${hint === undefined ? "commands" : `${hint} Commands`} here: ${
    here.join(" ")
  }, and the shell's own`;
}

function isVerb(name: string, { verbs }: LineFor): boolean {
  return verbs.includes(name) && !OFFERED.includes(name) && !SHELL_WORDS.includes(name) &&
    !BUILT_IN.includes(name);
}

function advice(verb: string, { program }: LineFor): string {
  return `write ${program} ${verb}`;
}

/** Collects the names of commands and of functions, however deep they are. */
function collect(node: unknown, called: Set<string>, defined: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  const { type, name } = node as { type?: unknown; name?: unknown };
  if (type === "SimpleCommand") {
    const literal = literalOf(name);
    if (literal !== undefined) called.add(literal);
  } else if (type === "FunctionDef" && typeof name === "string") defined.add(name);
  for (const part of Object.values(node)) collect(part, called, defined);
}

/** The text of a word that is nothing but text. */
function literalOf(word: unknown): string | undefined {
  const { parts } = Object(word) as { parts?: readonly { type: string; value?: string }[] };
  const [part, ...more] = parts ?? [];
  return part?.type === "Literal" && more.length === 0 ? part.value : undefined;
}
