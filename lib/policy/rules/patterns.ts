/** Patterns of names in rules and settings. Pure. */

/**
 * Whether a text fits a pattern: `*` stands for any characters, `?` for one. In time proportional
 * to the product of both lengths, whatever the pattern.
 */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length;) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** Whether a text fits one of the patterns; without patterns any text fits. */
export function matchesOne(patterns: readonly string[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(pattern, text));
}

/** Whether a pattern restricts nothing. */
export function isAny(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
