/** Terminal colours, which stand between a name and its value and are part of neither. Pure. */

/** ECMA-48, section 5.4: control sequences; also as JSON, Go, shells and syslog write the escape character. */
// deno-lint-ignore no-control-regex -- the escape character is what it looks for
const CODES = /(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|#033|\^\[)\[[0-9;:?]{0,40}[A-Za-z]/g;

/** The text with blanks in place of colours: each character keeps its place. */
export function withoutColours(text: string): string {
  if (!mayHold(text)) return text;
  return text.replace(CODES, (code) => " ".repeat(code.length));
}

function mayHold(text: string): boolean {
  return text.includes("\x1b[") || text.includes("1b[") || text.includes("33[") ||
    text.includes("1B[") || text.includes("^[[");
}
