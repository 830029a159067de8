/** Where a text says once more what was hidden in it. Pure. */
import type { Span } from "./spans.ts";
import { isOutOfProse } from "./values.ts";

/** Shorter values are found in words that have nothing to do with them. */
const LEAST_LENGTH = 8;
const MOST_LENGTH = 512;
/** Values of several words, each of which is looked for by itself. */
const MOST_PHRASES = 16;

const WORD = /[^\s"'`<>,;()\[\]{}=:&|\\]+/g;
const ONE_WORD = new RegExp(`^${WORD.source}$`);

/** The other places of what these spans hide, where it could be nothing else. */
export function repeatedSpans(text: string, spans: readonly Span[]): Span[] {
  const words = new Set<string>();
  const phrases = new Set<string>();
  for (const { start, end } of spans) {
    if (end - start < LEAST_LENGTH || end - start > MOST_LENGTH) continue;
    const value = text.slice(start, end);
    if (!isOutOfProse(value) || !/\d|[^\w.-]/.test(value)) continue;
    if (ONE_WORD.test(value)) words.add(value);
    else if (phrases.size < MOST_PHRASES) phrases.add(value);
  }
  const found: Span[] = [];
  if (words.size > 0) {
    for (const match of text.matchAll(WORD)) {
      if (words.has(match[0])) {
        found.push({ start: match.index, end: match.index + match[0].length });
      }
    }
  }
  for (const phrase of phrases) {
    for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + phrase.length)) {
      found.push({ start: at, end: at + phrase.length });
    }
  }
  return found;
}
