/**
 * Words as bash has them on a line that is being typed: taken apart, and written so that bash takes
 * them as they are. Pure.
 */

/** The quote that is open where the line ends. */
type Quote = "'" | '"' | "";

/** A line up to the cursor. */
export interface BashLine {
  /** The words before the one at the cursor, without quotes. */
  readonly words: readonly string[];
  /** What is typed of the one at the cursor, without quotes. */
  readonly current: string;
  /** How much of it stands before the part that bash replaces. */
  readonly kept: string;
  readonly quote: Quote;
}

/**
 * Takes a line apart as bash does, without expanding anything in it.
 *
 * @param line the line up to the cursor
 * @param breaks `COMP_WORDBREAKS`: bash replaces only what follows the last of them in a word
 * @see {@link https://www.gnu.org/software/bash/manual/html_node/Quoting.html}
 */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let current: string | undefined;
  let kept = "";
  let quote: Quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (quote === "" && /\s/.test(character)) {
      if (current !== undefined) words.push(current);
      [current, kept] = [undefined, ""];
      continue;
    }
    const before: string = current ?? "";
    current = before;
    if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      kept = before;
    } else if (escapes(character, quote, line[at + 1])) {
      current += line[++at] ?? "";
    } else {
      current += character;
      if (quote === "" && breaks.includes(character)) kept = current;
    }
  }
  return { words, current: current ?? "", kept, quote };
}

function escapes(character: string, quote: Quote, next: string | undefined): boolean {
  if (character !== "\\" || quote === "'") return false;
  return quote === "" || (next !== undefined && '$`"\\'.includes(next));
}

/**
 * A word as it is to be put in for what follows {@linkcode BashLine.kept}; undefined where the open
 * quote does not let it be written.
 */
export function writeBashWord(word: string, { kept, quote }: BashLine): string | undefined {
  if (!word.startsWith(kept)) return undefined;
  const rest = word.slice(kept.length);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  if (quote === "") return rest.replaceAll(/[^\w@%+=:,./-]/gu, "\\$&");
  // A backslash would stay before "!", and without one it is the history's.
  return rest.includes("!") ? undefined : rest.replaceAll(/[$`"\\]/g, "\\$&");
}
