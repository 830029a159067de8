/** Lines that need no shell, and what a line begins with. Pure. */
import { PROGRAM_NAMES } from "../programs/types.ts";
import { OFFERED, SHELL_WORDS } from "./offered.ts";

/** Words that mean the same to a shell as they stand: no quotes, no expansion, nothing that it joins. */
const PLAIN = /^[A-Za-z0-9_@%+:,./=-][A-Za-z0-9_@%+:,./=^-]*$/;

/**
 * The words of a line in which nothing is quoted, expanded, joined or redirected, so that its program
 * can be started without a shell; undefined for any other line.
 *
 * ```ts
 * plainWords("kubectl get pods -n shop"); // ["kubectl", "get", "pods", "-n", "shop"]
 * plainWords("kubectl get pods | head"); // undefined
 * ```
 */
export function plainWords(text: string): string[] | undefined {
  const words = text.trim().split(/ +/);
  if (!words.every((word) => PLAIN.test(word))) return undefined;
  const [first = ""] = words;
  // An assignment, or a word of the shell's own.
  return first.includes("=") || SHELL_WORDS.includes(first) ? undefined : words;
}

/** Verbs of programs that are names of commands too: for their program they are verbs. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  kubectl: ["cp", "diff", "exec", "set", "wait"],
  helm: ["env", "history", "test", "create"],
};

/**
 * A line for a program with the program's name before its first word, where that is neither a command
 * nor the beginning of something that only a shell reads.
 */
export function withProgram(text: string, program: string | undefined): string {
  if (program === undefined) return text;
  const [first = ""] = /^[A-Za-z0-9._/-]+(?![A-Za-z0-9._/-]*[=(+])/.exec(text.trimStart()) ?? [];
  if (first === "") return text.trimStart().startsWith("--") ? `${program} ${text}` : text;
  const isVerb = VERBS[program]?.includes(first) ?? false;
  const isCommand = !isVerb && (OFFERED.includes(first) || SHELL_WORDS.includes(first));
  return isCommand || isProgram(first) ? text : `${program} ${text.trimStart()}`;
}

function isProgram(word: string): boolean {
  return PROGRAM_NAMES.some((program) => program === word);
}
