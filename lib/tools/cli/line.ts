/** A command line as it was given: read into plain words where it has nothing else in it. Pure. */
import { InputError } from "../../errors.ts";
import { PROGRAM_NAMES, type ProgramName } from "../../programs/types.ts";
import { withProgram } from "../../shell/plain_line.ts";

/** The longest line, in characters. */
const LINE_CHARACTERS = 256 * 1024;

/** Controls that have no business in a command. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/** What a shell would do something about, outside of quotes. */
const SPECIAL = /[|&;<>()$`\\\n]/;

/**
 * A line, ready to be looked at: without what surrounds it.
 *
 * @throws {InputError} a line that is none
 */
export function readLine(given: string): string {
  if (given.length > LINE_CHARACTERS) {
    throw new InputError(
      `Cannot run the command: it has more than ${LINE_CHARACTERS} characters`,
      { hint: "Pass long texts in stdin or files." },
    );
  }
  const line = given.replaceAll("\r\n", "\n").trim();
  if (line === "") throw new InputError("Cannot run the command: it is empty");
  const [control] = CONTROLS.exec(line) ?? [];
  if (control === undefined) return line;
  const code = control.charCodeAt(0).toString(16).padStart(4, "0");
  throw new InputError(`Cannot run the command: it holds the control character U+${code}`);
}

/**
 * The words of a line that needs no shell; undefined where one might read it differently: then a
 * shell has to.
 *
 * @param options.files whether there are files, which a pattern may stand for
 */
export function plainWords(
  line: string,
  { files = false }: { readonly files?: boolean } = {},
): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === " " || character === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const end = line.indexOf(character, at + 1);
      const quoted = line.slice(at + 1, end);
      if (end < 0 || (character === '"' && /[$`\\]/.test(quoted))) return undefined;
      word = (word ?? "") + quoted;
      at = end;
    } else {
      if (SPECIAL.test(character)) return undefined;
      if (word === undefined && /[#~!]/.test(character)) return undefined;
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words.some((word) => needsShell(word, files)) ? undefined : words;
}

/** Whether a word may be a pattern or a list of alternatives. */
function needsShell(word: string, files: boolean): boolean {
  // Without a file that it fits, a pattern stands for itself.
  if (/[*?[]/.test(word) && (files || word.includes("/"))) return true;
  return /\{[^}]*(,|\.\.)/.test(word);
}

/** Whether words begin with a program, or with the words of one, and not with a command of the shell. */
export function namesProgram(words: readonly string[], program: ProgramName): boolean {
  const [first = ""] = words;
  return PROGRAM_NAMES.some((name) => name === first) || withProgram(first, program) !== first;
}
