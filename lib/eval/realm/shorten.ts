/** Cuts a value that is too long to be told, by its structure: never in the middle of a word. */
import { append, indexOf, isArray, keysOf, lastIndexOf, slice, stringify } from "./primordials.ts";

/** How much is kept of each list, object and string, from much to little. */
const STEPS: readonly (readonly [members: number, characters: number])[] = [
  [500, 4000],
  [200, 2000],
  [100, 1000],
  [50, 500],
  [25, 250],
  [12, 120],
  [6, 80],
  [3, 60],
  [1, 40],
];

/**
 * The JSON of a value of plain data with its lists, objects and strings cut until it fits, each cut
 * told with what was left out; the longest that fits of nine steps.
 *
 * @param value plain data: what JSON has, without a circle
 */
export function shortenedJson(value: unknown, limit: number): string {
  for (let at = 0; at < STEPS.length; at++) {
    const [members, characters] = STEPS[at]!;
    const text = stringify(cut(value, members, characters, 0));
    if (text.length <= limit) return text;
  }
  return stringify(shortenedText(stringify(cut(value, 1, 40, 0)), limit >> 1));
}

/** A string's beginning and end, whole lines where it has any, with how much is missing between. */
export function shortenedText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = limit >> 1;
  const tail = text.length - half;
  const head = lastIndexOf(text, "\n", half - 1);
  const next = indexOf(text, "\n", tail);
  // Lines that are very long are cut like any other text.
  if (head < half >> 1 || next < 0 || next > tail + (half >> 1)) {
    const note = ` …[${tail - half} characters left out]… `;
    return slice(text, 0, half) + note + slice(text, tail);
  }
  let lines = 0;
  for (let at = head; at < next; at = indexOf(text, "\n", at + 1)) lines += 1;
  return `${slice(text, 0, head)}\n…[${lines} lines left out]…${slice(text, next)}`;
}

function cut(value: unknown, members: number, characters: number, depth: number): unknown {
  if (typeof value === "string") return shortenedText(value, characters);
  if (typeof value !== "object" || value === null) return value;
  // The deeper, the less: what a person or model looks at first is the outline.
  const keep = depth === 0 ? members : members > 24 ? members >> 1 : members;
  if (isArray(value)) {
    const list: unknown[] = [];
    for (let at = 0; at < value.length && at < keep; at++) {
      append(list, cut(value[at], members, characters, depth + 1));
    }
    if (value.length > keep) append(list, `…[${value.length - keep} of ${value.length} left out]`);
    return list;
  }
  const copy = { __proto__: null } as unknown as Record<string, unknown>;
  const keys = keysOf(value);
  for (let at = 0; at < keys.length && at < keep + 20; at++) {
    const key = keys[at]!;
    copy[key] = cut((value as Record<string, unknown>)[key], members, characters, depth + 1);
  }
  if (keys.length > keep + 20) {
    copy["…"] = `[${keys.length - keep - 20} of ${keys.length} keys left out]`;
  }
  return copy;
}
