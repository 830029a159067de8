/** Expressions of yq, cut into tokens. Pure. */

/** A fault in an expression. */
export class YqError extends Error {}

/** One token. */
export type Token =
  | { readonly kind: "path"; readonly key: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "sign"; readonly sign: string };

const SIGNS = [
  "...",
  "..",
  "*+=",
  "|=",
  "+=",
  "-=",
  "*=",
  "/=",
  "//",
  "==",
  "!=",
  "<=",
  ">=",
  "*+",
  "*d",
  "*n",
  "*?",
  "|",
  ",",
  "=",
  "<",
  ">",
  "+",
  "-",
  "*",
  "/",
  "%",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ":",
  ";",
  "?",
  ".",
];

/** @throws {YqError} what is no token, with its place */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(expression.slice(at));
    if (!match) return undefined;
    at += match[0].length;
    return match;
  };
  while (at < expression.length) {
    if (take(/^(\s+|#.*)/)) continue;
    const path = take(/^\.([A-Za-z_$][\w$-]*\*?|\*)/) ?? take(/^\.(?=")/);
    if (path) {
      const quoted = path[1] === undefined ? take(/^"((?:\\.|[^"\\])*)"/) : undefined;
      if (path[1] === undefined && !quoted) throw new YqError(`unterminated text at ${at + 1}`);
      tokens.push({ kind: "path", key: path[1] ?? unescaped(quoted?.[1] ?? "") });
      continue;
    }
    const text = take(/^"((?:\\.|[^"\\])*)"/) ?? take(/^'([^']*)'/);
    const number = text ? undefined : take(/^\d+(\.\d+)?([eE][+-]?\d+)?/);
    const variable = text || number ? undefined : take(/^\$(\w+)/);
    const name = text || number || variable ? undefined : take(/^@?[A-Za-z_]\w*/);
    const sign = SIGNS.find((each) => expression.startsWith(each, at));
    if (text) tokens.push({ kind: "text", text: unescaped(text[1] ?? "") });
    else if (number) tokens.push({ kind: "number", text: number[0] });
    else if (variable) tokens.push({ kind: "variable", name: variable[1] ?? "" });
    else if (name) tokens.push({ kind: "name", name: name[0] });
    else if (sign !== undefined) {
      tokens.push({ kind: "sign", sign });
      at += sign.length;
    } else throw new YqError(`invalid input text "${expression.slice(at, at + 20)}" at ${at + 1}`);
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescaped(text: string): string {
  // `\(` begins an interpolation: it is read later.
  return text.replace(/\\([^(])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
