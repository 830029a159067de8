/**
 * Errors of the API server quote the object that they refuse: as JSON in a Go string
 * (`Invalid value: "{\"data\":…}"`) or as a Go value (`Invalid value: core.Container{Env:…}`). The
 * reader knows the object or may not see it; either way it goes. Pure.
 */

/** What a quoted value may have before it is taken for an object. */
const PLAIN_CHARACTERS = 200;

/** The longest name of a Go type that is looked for. */
const TYPE_CHARACTERS = 200;

/**
 * The text without the objects that it quotes, and without quoted values longer than 200 characters. A
 * "…" stands for one with no reason after it.
 */
export function withoutObjects(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length;) {
    const end = text[at] === '"'
      ? endOfString(text, at)
      : text[at] === "{"
      ? endOfBraces(text, at)
      : at + 1;
    if (end === at + 1 || isPlain(text, at, end)) {
      at = end;
      continue;
    }
    // The name of a Go type stands before its braces, a colon and the reason after them.
    kept.push(text.slice(from, text[at] === "{" ? startOfType(text, from, at) : at));
    const hasReason = text.startsWith(": ", end);
    if (!hasReason) kept.push("…");
    from = at = hasReason ? end + 2 : end;
  }
  kept.push(text.slice(from));
  return kept.join("");
}

/** Where the name of a type begins that ends at `end`, not before `from`. */
function startOfType(text: string, from: number, end: number): number {
  const before = text.slice(Math.max(from, end - TYPE_CHARACTERS), end);
  let start = before.length;
  while (start > 0 && /[\w.*&[\]]/.test(before[start - 1]!)) start -= 1;
  return end - before.length + start;
}

function isPlain(text: string, start: number, end: number): boolean {
  if (text[start] !== '"') return end - start <= 2;
  return end - start <= PLAIN_CHARACTERS &&
    !/^"\s*(?:[[{]|map\[)/.test(text.slice(start, start + 20));
}

/** Behind the closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Behind the brace that closes; the end of the text where there is none. */
function endOfBraces(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') at = endOfString(text, at) - 1;
    else if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && --depth === 0) return at + 1;
  }
  return text.length;
}
