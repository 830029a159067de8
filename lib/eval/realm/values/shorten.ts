/** Cuts a value that is too long to be told, by its structure: never in the middle of a word. */
import { stringifyExact } from "../../../std/json/exact.ts";

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
 * told with what was left out: at the first of nine steps that fits, and from there with as many
 * members, then with strings as long, as there is room for.
 *
 * @param value plain data: what JSON has, without a circle
 */
export function shortenedJson(value: unknown, limit: number): string {
  const attempt = (members: number, characters: number): string | undefined => {
    const room = { left: limit };
    const part = cut(value, { members, characters, room }, 0);
    if (room.left < 0) return undefined;
    const text = stringifyExact(part);
    return text.length <= limit ? text : undefined;
  };
  for (const [members, characters] of STEPS) {
    const text = attempt(members, characters);
    if (text === undefined) continue;
    const most = largest(members, limit, (more) => attempt(more, characters) !== undefined);
    const longest = largest(characters, limit, (more) => attempt(most, more) !== undefined);
    return attempt(most, longest) ?? text;
  }
  const least = cut(value, { members: 1, characters: 40, room: { left: Infinity } }, 0);
  return JSON.stringify(shortenedText(stringifyExact(least), limit >> 1));
}

/** By bisection the largest number that fits, of those from one that does; to a sixteenth of it. */
function largest(low: number, high: number, fits: (number: number) => boolean): number {
  if (high <= low || fits(high)) return high > low ? high : low;
  while (high - low > 1 && high - low > low >> 4) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** A string's beginning and end, whole lines where it has any, with how much is missing between. */
export function shortenedText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = limit >> 1;
  const tail = text.length - half;
  const head = text.lastIndexOf("\n", half - 1);
  const next = text.indexOf("\n", tail);
  // Lines that are very long are cut like any other text.
  if (head < half >> 1 || next < 0 || next > tail + (half >> 1)) {
    const note = ` …[${tail - half} characters left out]… `;
    return text.slice(0, half) + note + text.slice(tail);
  }
  let lines = 0;
  for (let at = head; at < next; at = text.indexOf("\n", at + 1)) lines += 1;
  return `${text.slice(0, head)}\n…[${lines} lines left out]…${text.slice(next)}`;
}

/** How much of each is kept, and how many characters all may have. */
interface Measure {
  readonly members: number;
  readonly characters: number;
  /** Below zero it is certain that it is too much, and nothing more is looked at. */
  readonly room: { left: number };
}

function cut(value: unknown, measure: Measure, depth: number): unknown {
  const { members, characters, room } = measure;
  if (typeof value === "string") {
    const text = shortenedText(value, characters);
    room.left -= text.length + 2;
    return text;
  }
  room.left -= 1;
  if (typeof value !== "object" || value === null) return value;
  // The deeper, the less: what a person or model looks at first is the outline.
  const keep = depth === 0 ? members : members > 24 ? members >> 1 : members;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const member of value.slice(0, keep)) {
      if (room.left < 0) break;
      list.push(cut(member, measure, depth + 1));
    }
    if (value.length > keep) list.push(`…[${value.length - keep} of ${value.length} left out]`);
    return list;
  }
  const copy = { __proto__: null } as unknown as Record<string, unknown>;
  const keys = Object.keys(value);
  for (const key of keys.slice(0, keep + 20)) {
    if (room.left < 0) break;
    room.left -= key.length + 3;
    copy[key] = cut((value as Record<string, unknown>)[key], measure, depth + 1);
  }
  if (keys.length > keep + 20) {
    copy["…"] = `[${keys.length - keep - 20} of ${keys.length} keys left out]`;
  }
  return copy;
}
