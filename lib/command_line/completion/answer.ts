/**
 * The hidden command `__complete`: what a shell's script asks, and the lines that it gets. The last
 * line is `: files` where a path may stand too, and else `: nothing`.
 */
import { defineProgram } from "../program.ts";
import { readBashLine, writeBashWord } from "./bash_line.ts";
import { type Candidate, complete, type Completion, type Lookups } from "./complete.ts";

/**
 * Answers a shell.
 *
 * @param args the words after `__complete`. For bash the line up to the cursor and COMP_WORDBREAKS;
 * for kubectl all words, that at the cursor last; for others what is typed of the word at the cursor
 * (after a `=` for PowerShell, which drops words that are empty), and the words before it
 */
export async function answerShell(
  [shell = "", ...args]: readonly string[],
  lookups: Lookups,
): Promise<string[]> {
  const program = defineProgram(() => {});
  if (shell === "bash") {
    const line = readBashLine(args[0] ?? "", args[1] ?? "");
    const completion = await complete(program, line.words.slice(1), line.current, lookups);
    return linesOf(completion, ({ value }) => writeBashWord(value, line));
  }
  if (shell === "kubectl") {
    const completion = await complete(program, args.slice(0, -1), args.at(-1) ?? "", lookups);
    // kubectl's own script for bash puts names in unquoted, or expands them (compgen -W), by version.
    const lines = linesOf(completion, (each) => PLAIN.test(each.value) ? withTab(each) : undefined);
    // As Cobra says it: 4 is that no path may stand there.
    return [...lines.slice(0, -1), completion.files ? ":0" : ":4"];
  }
  const [word = "", ...words] = args;
  const current = shell === "powershell" ? word.replace(/^=/, "") : word;
  const completion = await complete(program, words, current, lookups);
  if (shell === "powershell") return linesOf(completion, withTab).slice(0, -1);
  return linesOf(completion, shell === "zsh" ? withColon : withTab);
}

function linesOf(
  { candidates, files }: Completion,
  write: (candidate: Candidate) => string | undefined,
): string[] {
  const lines = candidates.filter(({ value }) => !UNWRITABLE.test(value)).map(write);
  return [...lines.filter((line) => line !== undefined), files ? ": files" : ": nothing"];
}

/** What would make two lines of one, move the terminal's cursor, or look like something else. */
const UNWRITABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** What no shell takes for anything but itself. */
const PLAIN = /^[\p{L}\p{N}_@%+=:,./-]*$/u;

function withTab({ value, description }: Candidate): string {
  return description === undefined ? value : `${value}\t${description}`;
}

/** As zsh's `_describe` takes it. */
function withColon({ value, description }: Candidate): string {
  const name = value.replaceAll(/[\\:]/g, "\\$&");
  return description === undefined ? name : `${name}:${description}`;
}
