/** What a line for a program begins with. Pure. */
import { PROGRAM_NAMES } from "../programs/types.ts";
import { OFFERED, SHELL_WORDS } from "./offered.ts";

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
  if (first === "") return text.trimStart().startsWith("-") ? `${program} ${text}` : text;
  const isVerb = VERBS[program]?.includes(first) ?? false;
  const isCommand = !isVerb && (OFFERED.includes(first) || SHELL_WORDS.includes(first));
  return isCommand || isProgram(first) ? text : `${program} ${text.trimStart()}`;
}

function isProgram(word: string): boolean {
  return PROGRAM_NAMES.some((program) => program === word);
}
