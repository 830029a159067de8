/**
 * `JSON.parse` with the keys that a text has. V8 takes a key with an escape for another one, if it has
 * lately read an object with a key that is written as the beginning of it: after `{"a":0,"\\":0}`, the
 * line feed of `{"a":0,"\n":0}` is a backslash. Two keys can become one that way, and a value is lost.
 * Seen in V8 13.6 to 15.0. Pure.
 *
 * @see {@link https://github.com/nodejs/node/issues/63785}
 */
import { execOf } from "../regexp.ts";

type Reviver = (this: unknown, key: string, value: unknown, context?: unknown) => unknown;

/** The parser itself: in a script's realm, `JSON.parse` is replaced later on. */
const { parse } = JSON as unknown as { parse(text: string, reviver?: unknown): unknown };

/**
 * A text up to this is searched by an expression first: in a fresh realm a loop over it would be
 * optimized for it, which takes V8 longer than all the rest of a small script.
 */
export const SHORT = 256 * 1024;

const BACKSLASH = 92;
const QUOTE = 34;
const COLON = 58;

/**
 * The value of a JSON text, as `JSON.parse` has it by ECMA-262. In a text with escapes in keys, a
 * reviver's `this` has other keys in their place until it has seen all its fields.
 *
 * @throws {SyntaxError} it is no JSON
 */
export function parseStandard(text: string, reviver?: unknown): unknown {
  if (!hasEscapedKey(text)) return parse(text, reviver);
  // Whatever is wrong with it is told of the text as it was given.
  parse(text);
  const { plain, keys } = withPlainKeys(text);
  if (typeof reviver !== "function") return named(parse(plain), keys);
  return parse(plain, function (this: unknown, key: string, value: unknown, context: unknown) {
    nameKeys(value, keys);
    return Reflect.apply(reviver as Reviver, this, [keys.get(key) ?? key, value, context]);
  });
}

/** Whether a key of a JSON text is written with an escape; of what is no JSON, anything. */
export function hasEscapedKey(text: string): boolean {
  if (!text.includes("\\")) return false;
  // The last escape of a key, or what may look like one within JSON in JSON.
  if (text.length <= SHORT && execOf(/\\[^][^"\\]*"\s*:/, text) === null) return false;
  // Outside of strings there is none: the first one is within a string, and so is each that is found.
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at)) {
    at = endOfString(text, at - 1) + 1;
    if (isBeforeColon(text, at)) return true;
  }
  return false;
}

/** The place of the closing quote of a string that begins at `at`; the text's end where there is none. */
export function endOfString(text: string, at: number): number {
  for (at += 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) break;
  }
  return at;
}

/** Whether a character is white space to JSON. */
export function isJsonSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}

function isBeforeColon(text: string, at: number): boolean {
  while (isJsonSpace(text[at])) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** What a key cannot have but by an escape. */
const NEEDS_ESCAPE = /["\\]|[^ -\uffff]/;

/**
 * The text without escapes in keys: a key that needs none stands as it is, and any other has a name in
 * its place, the same one however it is written; and the keys by these names.
 */
function withPlainKeys(text: string): { plain: string; keys: ReadonlyMap<string, string> } {
  const mark = markFor(text);
  const names = new Map<string, string>();
  const marks = new Map<string, string>();
  let plain = "";
  let copied = 0;
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', start)) {
    const end = endOfString(text, start) + 1;
    if (text.slice(start, end).includes("\\") && isBeforeColon(text, end)) {
      const written = text.slice(start, end);
      let name = names.get(written);
      if (name === undefined) {
        const key = parse(written) as string;
        // One key has one name: of its values the last counts, which cannot be told among indices.
        const isPlain = execOf(NEEDS_ESCAPE, key) === null && !key.includes(mark);
        name = isPlain ? key : marks.get(key) ?? `${mark}${marks.size}`;
        if (!isPlain) marks.set(key, name);
        names.set(written, name);
      }
      plain += `${text.slice(copied, start)}"${name}"`;
      copied = end;
    }
    start = end;
  }
  const keys = new Map([...marks].map(([key, name]) => [name, key]));
  return { plain: plain + text.slice(copied), keys };
}

const MARK = "key";

/** Digits behind a mark: more numbers than there is room for in a text. */
const MARK_DIGITS = 9;

/** What a text does not have in it: short, and found by one look over it, whatever it is. */
function markFor(text: string): string {
  const used = new Set<string>();
  for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at)) {
    at += MARK.length;
    used.add(text.slice(at, at + MARK_DIGITS));
  }
  for (let number = 0;; number++) {
    const digits = `${number}`.padStart(MARK_DIGITS, "0");
    if (!used.has(digits)) return `${MARK}${digits}`;
  }
}

/** The value with the keys that it has in truth; not by recursion, it may be nested deep. */
function named(value: unknown, keys: ReadonlyMap<string, string>): unknown {
  const open = [value];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    nameKeys(one, keys);
    for (const member of Object.values(Object(one))) {
      if (typeof member === "object" && member !== null) open.push(member);
    }
  }
  return value;
}

/** Gives an object the keys that it has in truth, in their order. */
function nameKeys(value: unknown, keys: ReadonlyMap<string, string>): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const object = value as Record<string, unknown>;
  const names = Object.keys(object);
  const first = names.findIndex((name) => keys.has(name));
  if (first < 0) return;
  const later = names.slice(first);
  const fields = later.map((name) => object[name]);
  // The last one first: V8 then takes a property away as it came.
  for (let at = later.length - 1; at >= 0; at--) delete object[later[at]!];
  const attributes = { writable: true, enumerable: true, configurable: true };
  for (const [at, name] of later.entries()) {
    const key = keys.get(name) ?? name;
    // What is inherited may be frozen, or a setter.
    if (!(key in object)) object[key] = fields[at];
    else Reflect.defineProperty(object, key, { value: fields[at], ...attributes });
  }
}
