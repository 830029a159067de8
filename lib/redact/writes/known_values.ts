/**
 * Known hidden values in a text: many values are looked for at once, in time proportional to the text.
 * Pure.
 */
import { Buffer } from "node:buffer";

/** Shorter values are looked for as whole strings only: parts of that length are found anywhere. */
const PART_LENGTH = 6;

/** Of a longer value its beginning is enough: who sees that much of it sees too much. */
const HEAD_LENGTH = 64;

/** Looks for values in texts. */
export interface Finder {
  /** Whether a value of at least 6 characters stands in the text, or the first 64 characters of one. */
  isIn(text: string): boolean;
}

/** Makes a finder of many values. */
export function createFinder(values: Iterable<string>): Finder {
  const heads = headsOf(values);
  const starts = new Set(heads.map((head) => head.slice(0, PART_LENGTH)));
  return {
    isIn(text) {
      for (let at = 0; at + PART_LENGTH <= text.length; at++) {
        if (!starts.has(text.slice(at, at + PART_LENGTH))) continue;
        const here = text.slice(at, at + HEAD_LENGTH);
        if (here.startsWith(lastUpTo(heads, here) ?? "\0none")) return true;
      }
      return false;
    },
  };
}

/** Sorted, and none the beginning of another: the shorter one is found first. */
function headsOf(values: Iterable<string>): readonly string[] {
  const sorted = [...values].filter(({ length }) => length >= PART_LENGTH)
    .map((value) => value.slice(0, HEAD_LENGTH)).sort(byCodeUnits);
  const heads: string[] = [];
  for (const head of sorted) {
    const last = heads.at(-1);
    if (last === undefined || !head.startsWith(last)) heads.push(head);
  }
  return heads;
}

/** The last of sorted texts that does not come after another one: the only one it can begin with. */
function lastUpTo(sorted: readonly string[], text: string): string | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) <= text) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is said instead of a text that quotes a hidden value in a form that cannot be taken out. */
const QUOTES_HIDDEN = "(the words of the API server quote a redacted value, and are left out)";

/**
 * The text with hidden values replaced by their tokens wherever they stand. One that still holds a
 * value once its escapes are undone, however often it was quoted, is left out altogether.
 *
 * @param hidden values, each with its token
 */
export function hideKnown(text: string, hidden: ReadonlyMap<string, string>): string {
  return createHider(hidden)(text);
}

/** The same for many texts: what is looked for is prepared once. */
export function createHider(hidden: ReadonlyMap<string, string>): (text: string) => string {
  const forms = [...hidden].flatMap(([secret, token]) =>
    [
      ...new Set([
        secret,
        JSON.stringify(secret).slice(1, -1),
        ...encoded(secret),
        ...decoded(secret),
      ]),
    ]
      .filter((form) => form !== undefined && form !== "")
      .map((form) => [form!, token] as const)
  ).sort(([a], [b]) => b.length - a.length);
  const finder = createFinder(forms.map(([form]) => form));
  return (text) => {
    const hasLong = finder.isIn(text);
    for (const [form, token] of forms) {
      if (form.length >= PART_LENGTH && !hasLong) continue;
      // A short one is found in other words too: only where it is quoted it is a value.
      if (form.length < 4) text = text.replaceAll(`"${form}"`, `"${token}"`);
      else text = text.replaceAll(form, token);
    }
    for (const plain of unquoted(text)) if (finder.isIn(plain)) return QUOTES_HIDDEN;
    return text;
  };
}

/** How often a text may be quoted within quotes. */
const QUOTED_DEPTH = 4;

/** The text with its escapes undone, once and again: as Go, JSON, YAML, shells, URLs and HTML write them. */
function* unquoted(text: string): Generator<string> {
  yield text.replaceAll(
    /(?:%[0-9a-fA-F]{2})+|\+/g,
    (part) =>
      part === "+" ? " " : textOf(part.slice(1).split("%").map((byte) => parseInt(byte, 16))),
  );
  yield text.replaceAll(
    /(?:[0-9a-fA-F]{2}){6,}/g,
    (part) => textOf((part.match(/../g) ?? []).map((byte) => parseInt(byte, 16))),
  );
  // Bytes as Go writes them by itself.
  yield text.replaceAll(
    /\b(?:\d{1,3}[ ,]{1,2}){5,}\d{1,3}\b/g,
    (part) => textOf(part.split(/[ ,]+/).map(Number)),
  );
  yield text.replaceAll(
    /&(?:#(\d{1,7})|(amp|lt|gt|quot));/g,
    (_, code?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(Math.min(Number(code), 0x10ffff))
        : ENTITIES[name] ?? "",
  );
  for (let depth = 0; depth < QUOTED_DEPTH; depth++) {
    const plain = text
      .replaceAll(/'\\''|''/g, "'")
      .replaceAll(
        /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([^uUx]))/g,
        unescape,
      );
    if (plain === text) return;
    yield plain;
    text = plain;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function textOf(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "0": "\0",
};

function unescape(
  whole: string,
  four: string | undefined,
  eight: string | undefined,
  two: string | undefined,
  one: string | undefined,
): string {
  const code = four ?? eight ?? two;
  if (code === undefined) return CONTROLS[one ?? ""] ?? one ?? whole;
  const point = parseInt(code, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
}

/** In base64 of UTF-8, also in the alphabet of URLs (RFC 4648, section 5). */
function encoded(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [bytes.toString("base64"), bytes.toString("base64url")];
}

function decoded(text: string): readonly string[] {
  if (!/^[A-Za-z0-9+/]{4,}={0,2}$/.test(text)) return [];
  const bytes = Buffer.from(text, "base64");
  return [bytes.toString(), bytes.toString("latin1")];
}
