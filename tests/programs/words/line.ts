/** Command lines of the tests: split at blanks, without quotes. */
import { checkWords, type WordRules } from "../../../lib/programs/words/check.ts";
import { builtInRules } from "../../../lib/programs/words/security/built_in.ts";
import { argvOf, readWords, type Words } from "../../../lib/programs/words/words.ts";
import { describeError } from "../../../lib/errors.ts";
import { PROGRAM_NAMES } from "../../../lib/programs/types.ts";

/** Strict, with nothing allowed. */
export const STRICT: WordRules = { mode: "strict", security: builtInRules(), allow: [] };

/** Nothing allowed on this machine, and no rules of security. */
export const PERMISSIVE: WordRules = { ...STRICT, mode: "permissive" };

/** The words of a command line that begins with its program. */
export function wordsOf(line: string): Words {
  const words = line.split(" ").filter((word) => word !== "");
  const program = PROGRAM_NAMES.find((name) => words[0]?.includes(name)) ?? "kubectl";
  return readWords(program, argvOf(program, words));
}

/** The normal form of a command line, or its error's text. */
export function normalOf(line: string): string {
  return said(() => wordsOf(line).normal.join(" "));
}

/** What the rules say of a command line: "" where it passes, or the error's text. */
export function refusalOf(line: string, rules: WordRules = STRICT): string {
  return said(() => {
    checkWords(wordsOf(line), rules);
    return "";
  });
}

function said(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return describeError(error);
  }
}
