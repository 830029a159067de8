/** Values on the line below their name, as banners and notes of charts write them. Pure. */
import type { Name } from "./name.ts";
import type { Span } from "../spans.ts";
import { isCredentialValue, isOutOfProse, isReference, isWordOfProse } from "../values.ts";

/** Blank lines, then a line of one word, also as a member of a list and in quotes. */
const BELOW =
  /(?:\\?[ \t]*\r?\n){1,3}([ \t>*#|]{0,80})(?:- |\$ )?(["'`]?)([^\s"'`][^\s]{3,4095})[ \t]*(?=\r?\n|$|[|*])/y;
const ESCAPED_BELOW =
  /(?:(?:\\r)?\\n){1,3}([ \t]{0,80})(["'`]?)([^\s"'`\\][^\s\\"]{3,4095})(?=\\n|\\r|"|$)/y;

/** The value below a name whose line ends at `at`. */
export function belowSpan({ text, strength, open, start }: Name, at: number): Span | undefined {
  if (strength === "pair" || strength === "reference" || strength === "field") return undefined;
  const find = text[at] === "\\" && text[at + 1] !== "\n" ? ESCAPED_BELOW : BELOW;
  find.lastIndex = at;
  const match = find.exec(text);
  if (match === null) return undefined;
  const quote = match[2]!;
  const value = quote !== "" && match[3]!.endsWith(quote) ? match[3]!.slice(0, -1) : match[3]!;
  const begin = at + match[0].lastIndexOf(match[3]!);
  if (!isCredentialValue(strength, value) || isOtherLine(value)) return undefined;
  const isDeeper = match[1]!.length > indentOf(text, open().line, start);
  const may = strength === "password"
    ? isOutOfProse(value) || !isWordOfProse(value) && (isDeeper || quote !== "")
    : isOutOfProse(value) && (!isReference(value) || isDeeper && /\d$/.test(value)) ||
      isDeeper && quote !== "";
  return may ? { start: begin, end: begin + value.length } : undefined;
}

function indentOf(text: string, line: number, start: number): number {
  return /^[ \t>*#|]*/.exec(text.slice(line, Math.min(start, line + 80)))![0].length;
}

/** The next pair, a comment, a place, the beginning of an object or a rule: no value. */
function isOtherLine(line: string): boolean {
  return /^[\w."'-]+:$|^[\w.-]+[:=]["'\w$\/{[<]|^[\w.-]+=$|^(?:#|\/\/|\/[\w.-]+\/|\.\/|https?:|[{[<]|[-=*_~.#]{4})|^\w+\($/
    .test(
      line,
    ) && !/^[A-Za-z0-9+\/]{16,}={1,2}$/.test(line);
}
