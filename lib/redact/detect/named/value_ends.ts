/** Where values end: in quotes, on their line, at a blank. Pure. */
import type { Open } from "./lines.ts";
import type { Span } from "../spans.ts";

/** The inside of quotes that begin at `at`, also of escaped ones, to their end or the text's. */
export function quotedSpan(text: string, at: number): Span | undefined {
  let slashes = 0;
  while (text[at + slashes] === "\\" && slashes < 8) slashes += 1;
  const quote = text[at + slashes];
  if (quote !== '"' && quote !== "'" && quote !== "`") return undefined;
  if (slashes > 0 && slashes % 2 === 0) return undefined;
  const start = at + slashes + 1;
  const close = "\\".repeat(slashes) + quote;
  for (let from = start;;) {
    const end = text.indexOf(close, from);
    if (end < 0) return { start, end: text.length };
    let before = 0;
    while (text[end - 1 - before] === "\\") before += 1;
    // A quote of the value has more backslashes in front of it than the one that closes.
    if (before % 2 === 0 || (slashes > 0 && before === 0) || quote === "'" && slashes === 0) {
      return { start, end };
    }
    from = end + close.length;
  }
}

/** An unquoted value up to the end of its line, without a comment. */
export function lineSpan(text: string, at: number): Span | undefined {
  const newline = text.slice(at, at + 65_536).search(/[\r\n]|\\n/);
  const line = text.slice(at, newline < 0 ? undefined : at + newline);
  const comment = /\s#/.exec(line)?.index ?? line.length;
  const value = line.slice(0, comment).trimEnd();
  return value === "" ? undefined : { start: at, end: at + value.length };
}

const WORD_LIMIT = 4096;
/** Signs behind which another pair may follow: `password=x;Encrypt=true`, `token=x&page=2`. */
const NEXT_PAIR =
  /[;&,|](?:[A-Za-z_][\w.\-\[\]]{1,60}|[A-Za-z]+ [A-Za-z]+)(?:[=:]|%3D)|%26|\\[nrt]|\\+$/;

/**
 * An unquoted value up to white space, or to the quote or bracket that was open before it.
 *
 * @param whole nothing else can follow the value, as in a list of variables
 */
export function wordSpan(text: string, at: number, open: Open, whole: boolean): Span | undefined {
  let word = text.slice(at, closing(text, at, open, whole));
  if (!whole) {
    const next = NEXT_PAIR.exec(word);
    if (next) word = word.slice(0, next.index);
    word = trimmed(word);
  }
  return word === "" ? undefined : { start: at, end: at + word.length };
}

/** Where a word ends: at a blank, or where what was open before it is closed. */
function closing(text: string, start: number, open: Open, whole: boolean): number {
  const limit = Math.min(text.length, start + WORD_LIMIT);
  for (let at = start; at < limit; at++) {
    const sign = text[at]!;
    if (sign <= " " || (sign > "~" && /\s/.test(sign))) return at;
    if (sign === '"' && open.double) return at > start && text[at - 1] === "\\" ? at - 1 : at;
    if (sign === "'" && open.single || sign === "`" && open.back) return at;
    if (sign === ">" && open.angle) return at;
    if (
      sign === "<" && !whole && /^<\/?[A-Za-z][\w:-]{0,60}[\s\/>]/.test(text.slice(at, at + 64))
    ) {
      return at;
    }
  }
  return limit;
}

/** Without signs of the sentence or list that the word is in. */
function trimmed(word: string): string {
  word = word.replace(/[,;]+$/, "").replace(/^([^"]*[^"\\])\\?"[,;}\])]*$/, "$1").replace(
    /^([^']*)'[,;}\])]+$/,
    "$1",
  );
  // A bracket that closes what was opened before the value.
  for (let last = word.at(-1)!; word !== "" && isUnopened(word, last); last = word.at(-1)!) {
    word = word.slice(0, -1).replace(/[,;]+$/, "");
  }
  return word;
}

const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function isUnopened(word: string, bracket: string): boolean {
  const opening = OPENING[bracket];
  return opening !== undefined && !word.includes(opening);
}

/** The value of a variable in a list of them: to its line's end where quotes do not end it before. */
export function variableSpan(text: string, at: number, open: Open): Span | undefined {
  const quote = text[at];
  if (quote === '"' || quote === "'" || quote === "`") {
    const rest = text.slice(at, at + WORD_LIMIT);
    const quoted = quotedSpan(rest, 0);
    if (
      quoted && quoted.end < rest.length && !rest.slice(0, quoted.end).includes("\n") &&
      /^(?:[\s,;)}\]|&]|$)/.test(rest.slice(quoted.end + 1, quoted.end + 2))
    ) return { start: at + quoted.start, end: at + quoted.end };
  }
  return wordSpan(text, at, open, true);
}
