/**
 * A live object as it is and as it is shown, side by side: what stands at a place of it, and what of it
 * is hidden. What is found out about a part is kept, so that many looks cost no more than one. Pure.
 */
import { isRecord } from "../../std/json/unknown.ts";
import { TOKEN } from "../tokens.ts";

/** A value, and its redacted form. */
export interface Live {
  readonly raw: unknown;
  readonly shown: unknown;
}

/** A field of an object, by the key under which it is shown. */
interface Field extends Live {
  readonly rawKey: string;
}

/** What was found out, by the value as it is shown: that one was made for its raw value alone. */
const fields = new WeakMap<object, ReadonlyMap<string, Field>>();
const named = new WeakMap<object, ReadonlyMap<string, readonly number[]>>();
const hiding = new WeakMap<object, boolean>();

/** The field that is shown under a key. */
export function fieldOf(live: Live | undefined, key: string): Field | undefined {
  if (live === undefined || !isRecord(live.raw) || !isRecord(live.shown)) return undefined;
  const { raw, shown } = live;
  return remembered(fields, shown, () => {
    // Keys are in the same order on both sides; one that holds a credential is shown as its token.
    const was = Object.entries(raw);
    return new Map(
      Object.entries(shown).flatMap(([key, value], at) => {
        const pair = was[at];
        return pair ? [[key, { rawKey: pair[0], raw: pair[1], shown: value }]] : [];
      }),
    );
  }).get(key);
}

/** The element at an index. */
export function elementAt(live: Live | undefined, index: number): Live | undefined {
  if (!Array.isArray(live?.raw) || !Array.isArray(live.shown)) return undefined;
  return index >= 0 && index < live.raw.length
    ? { raw: live.raw[index], shown: live.shown[index] }
    : undefined;
}

/** The element of that name; where several have it, the one that comes as late among them. */
export function elementNamed(
  live: Live | undefined,
  name: string,
  count: number,
): Live | undefined {
  if (!Array.isArray(live?.raw) || !Array.isArray(live.shown)) return undefined;
  const { shown } = live;
  const places = remembered(named, shown, () => {
    const places = new Map<string, number[]>();
    for (const [index, element] of shown.entries()) {
      const name = nameOf(element);
      if (name === undefined) continue;
      const known = places.get(name);
      if (known) known.push(index);
      else places.set(name, [index]);
    }
    return places;
  }).get(name);
  return elementAt(live, places?.[count] ?? -1);
}

/** The name by which an element of a list is known. */
export function nameOf(element: unknown): string | undefined {
  return isRecord(element) && typeof element.name === "string" ? element.name : undefined;
}

/** What a JSON pointer (RFC 6901) names; undefined where there is nothing. */
export function at(live: Live | undefined, pointer: unknown): Live | undefined {
  if (typeof pointer !== "string") return undefined;
  let found = live;
  for (const part of pointer.split("/").slice(1)) {
    if (found === undefined) return undefined;
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    // Signs and leading zeros are no index, but a lenient server might take them for one.
    found = Array.isArray(found.raw)
      ? /^[-+]?\d+$/.test(key) ? elementAt(found, Number(key)) : undefined
      : fieldOf(found, key);
  }
  return found;
}

/** Whether anything in it is shown otherwise than it is. */
export function hidesSomething(live: Live | undefined): boolean {
  if (live === undefined || live.raw === live.shown) return false;
  const look = () => hiddenStrings(live).size > 0;
  return typeof live.shown === "object" && live.shown !== null
    ? remembered(hiding, live.shown, look)
    : look();
}

/** The strings of a value that are shown otherwise than they are, with what is shown. */
export function hiddenStrings(live: Live, found = new Map<string, string>()): Map<string, string> {
  const { raw, shown } = live;
  if (raw === shown) return found;
  if (Array.isArray(raw) && Array.isArray(shown)) {
    raw.forEach((one, index) => hiddenStrings({ raw: one, shown: shown[index] }, found));
  } else if (isRecord(raw) && isRecord(shown)) {
    const [was, now] = [Object.entries(raw), Object.entries(shown)];
    was.forEach(([key, child], index) => {
      const pair = now[index];
      if (pair === undefined) return;
      if (pair[0] !== key) hiddenParts(key, pair[0], found);
      hiddenStrings({ raw: child, shown: pair[1] }, found);
    });
  } else if (typeof shown === "string") hiddenParts(String(raw), shown, found);
  return found;
}

/** What stood in a text where now tokens stand. */
function hiddenParts(raw: string, shown: string, found: Map<string, string>): void {
  const kept = shown.split(new RegExp(TOKEN, "g"));
  const tokens = shown.match(new RegExp(TOKEN, "g")) ?? [];
  let from = 0;
  kept.forEach((text, index) => {
    if (index === 0) {
      from = raw.startsWith(text) ? text.length : from;
      return;
    }
    // What is last stands at the end, wherever else the same words stand.
    const isLast = index === kept.length - 1 && raw.endsWith(text);
    const end = isLast ? Math.max(from, raw.length - text.length) : raw.indexOf(text, from);
    // JSON in a string was written anew: it is hidden as a whole.
    const part = end < 0 ? raw : raw.slice(from, end);
    if (part !== "") found.set(part, tokens[index - 1]!);
    from = end < 0 ? from : end + text.length;
  });
}

function remembered<Value>(known: WeakMap<object, Value>, of: object, find: () => Value): Value {
  const value = known.get(of) ?? find();
  known.set(of, value);
  return value;
}
