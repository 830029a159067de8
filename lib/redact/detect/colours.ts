/** Terminal colours, which stand between a name and its value and are part of neither. Pure. */

/** ECMA-48, section 5.4: control sequences. */
// deno-lint-ignore no-control-regex -- the escape character is what it looks for
const CODES = /\x1b\[[0-9;:?]{0,40}[A-Za-z]/g;
/** The same as JSON, Go, shells and syslog write the escape character. */
const ESCAPED_CODES = /(?:\\u001[bB]|\\x1[bB]|\\033|#033|\^\[)\[[0-9;:?]{0,40}[A-Za-z]/g;

/** The text with blanks in place of colours: each character keeps its place. */
export function withoutColours(text: string): string {
  if (text.includes("\x1b[")) text = text.replace(CODES, blanks);
  return /(?:1[bB]|33|\^\[)\[/.test(text) ? text.replace(ESCAPED_CODES, blanks) : text;
}

function blanks(code: string): string {
  return code.length === 4 ? "    " : " ".repeat(code.length);
}
