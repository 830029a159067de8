/** Reads the beginning of a command, as security rules have them. Pure. */
import type { ProgramName } from "../../types.ts";
import { argvOf, readOpenWords } from "../words.ts";
import type { CommandPattern } from "./rules.ts";

/**
 * Reads `kubectl delete pod`, in any spelling of it.
 *
 * @throws {InputError} or {PolicyError}: no command of the program begins so
 */
export function readPattern(program: ProgramName, text: string): CommandPattern {
  const argv = argvOf(program, text.trim().split(/\s+/));
  const { verb, flags, args, help } = readOpenWords(program, argv);
  return { text, verb, flags, args, help };
}
