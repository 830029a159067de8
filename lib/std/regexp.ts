/**
 * Regular expressions for code that runs beside scripts, in their realm: by the built-in `exec` alone.
 * The language's own `test`, `match`, `replace` and `split` look up `exec` and `flags` on
 * `RegExp.prototype`, where a script may have put others: it is the one built-in that is not frozen
 * there (`lib/eval/realm/base/frozen_built_ins.ts` says why). The lint rule `realm-regexp` holds what
 * is bundled into the realm to these functions.
 */

const { exec } = RegExp.prototype;

/** What the expression finds in the text, from its `lastIndex` where it has the flag `g`. */
export function execOf(expression: RegExp, text: string): RegExpExecArray | null {
  return Reflect.apply(exec, expression, [text]);
}

/**
 * The text with each match replaced.
 *
 * @param found a fresh expression with the flag `g`
 */
export function replaceAll(
  text: string,
  found: RegExp,
  by: string | ((match: RegExpExecArray) => string),
): string {
  let out = "";
  let from = 0;
  for (let match = execOf(found, text); match; match = execOf(found, text)) {
    out += text.slice(from, match.index) + (typeof by === "string" ? by : by(match));
    from = match.index + match[0].length;
    if (match[0] === "") found.lastIndex += 1;
  }
  return out + text.slice(from);
}
