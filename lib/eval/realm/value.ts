/** From any value of a script to text: the result, a line of the console. */
import { base64 } from "./base64.ts";
import { describeThrown } from "./errors.ts";
import { shortenedJson, shortenedText } from "./shorten.ts";
import {
  append,
  isArray,
  keysOf,
  mapEach,
  type SafeMap,
  safeMap,
  setEach,
  stringify,
} from "./primordials.ts";

/** A completion value as text. */
export interface ValueText {
  readonly type: "empty" | "string" | "json";
  readonly text: string;
  /** How many characters the whole has, where the text is only a part of it. */
  readonly wholeCharacters?: number;
}

/**
 * The text of a completion value: nothing for null, undefined and functions; strings as they are;
 * everything else as compact JSON. Maps become objects (lists of pairs where a key is no string),
 * Sets lists, BigInts numbers where that is exact, bytes base64, errors `{name, message}`; what
 * refers back to itself is named by its path.
 *
 * @param limit in characters; what is longer is shortened by its structure
 */
export function valueText(value: unknown, limit: number): ValueText {
  const plain = toPlain(value, "$", safeMap());
  if (plain === undefined || plain === null) return { type: "empty", text: "" };
  if (typeof plain === "string") {
    if (plain.length <= limit) return { type: "string", text: plain };
    // The note on what is missing takes its own room.
    const text = shortenedText(plain, limit - 60);
    return { type: "string", text, wholeCharacters: plain.length };
  }
  const text = stringify(plain);
  if (text.length <= limit) return { type: "json", text };
  return { type: "json", text: shortenedJson(plain, limit), wholeCharacters: text.length };
}

/** The text of a value in a line of the console. */
export function consoleText(value: unknown): string {
  try {
    if (typeof value === "string") return value;
    if (value === undefined) return "undefined";
    if (typeof value === "symbol") return String(value);
    if (value instanceof Error) return describeThrown(value);
    return stringify(toPlain(value, "$", safeMap())) ?? `[${typeof value}]`;
  } catch (error) {
    return `[unreadable: ${describeThrown(error)}]`;
  }
}

/** A copy made of what JSON has; `path` and `seen` name what refers back to itself. */
function toPlain(value: unknown, path: string, seen: SafeMap<object, string>): unknown {
  if (typeof value === "bigint") {
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : `${value}`;
  }
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return `[Circular ${known}]`;
  seen.set(value, path);
  try {
    return objectToPlain(value, path, seen);
  } finally {
    // Only what lies on the way down refers back; an object met twice side by side is written twice.
    seen.delete(value);
  }
}

function objectToPlain(value: object, path: string, seen: SafeMap<object, string>): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") {
    return toPlain((value as { toJSON(): unknown }).toJSON(), path, seen);
  }
  if (value instanceof String || value instanceof Number || value instanceof Boolean) {
    return value.valueOf();
  }
  if (value instanceof Error) {
    return { name: value.name, message: value.message, ...entriesToPlain(value, path, seen) };
  }
  if (value instanceof Map) return mapToPlain(value, path, seen);
  if (value instanceof Set) {
    const members: unknown[] = [];
    setEach(value, (member) => append(members, toPlain(member, path, seen) ?? null));
    return members;
  }
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof ArrayBuffer) return base64(new Uint8Array(value));
  if (isArray(value)) {
    const list: unknown[] = [];
    for (let at = 0; at < value.length; at++) {
      append(list, toPlain(value[at], `${path}[${at}]`, seen) ?? null);
    }
    return list;
  }
  if (value instanceof RegExp) return `${value}`;
  return entriesToPlain(value, path, seen);
}

function entriesToPlain(value: object, path: string, seen: SafeMap<object, string>) {
  // No prototype: a key named __proto__ is data like any other.
  const plain = Object.create(null) as Record<string, unknown>;
  const keys = keysOf(value);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    const member = toPlain((value as Record<string, unknown>)[key], `${path}.${key}`, seen);
    if (member !== undefined) plain[key] = member;
  }
  return plain;
}

function mapToPlain(map: Map<unknown, unknown>, path: string, seen: SafeMap<object, string>) {
  let allStrings = true;
  mapEach(map, (_, key) => {
    if (typeof key !== "string") allStrings = false;
  });
  const object = Object.create(null) as Record<string, unknown>;
  const pairs: unknown[] = [];
  mapEach(map, (member, key) => {
    const plain = toPlain(member, `${path}.${allStrings ? key as string : "entries"}`, seen);
    if (allStrings) object[key as string] = plain ?? null;
    else append(pairs, [toPlain(key, path, seen) ?? null, plain ?? null]);
  });
  return allStrings ? object : pairs;
}
