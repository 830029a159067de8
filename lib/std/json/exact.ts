/**
 * JSON whose integers keep their digits: those beyond 2^53, which a JavaScript number would round, are
 * BigInts here. Whatever passes objects of a cluster on reads and writes them by these. Pure.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-6}
 */
import { endOfString, isJsonSpace, parseStandard, SHORT } from "./keys.ts";
import { execOf } from "../regexp.ts";

/** The part of `JSON` that lets digits through, which TypeScript does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** Digits of the shortest integer beyond 2^53. */
const DIGITS = 16;

/**
 * Whether a JSON text may have an integer beyond 2^53. What looks like one in a string seldom counts:
 * to read a text number by number takes many times as long.
 */
export function mayHoldLargeIntegers(text: string): boolean {
  if (text.length <= SHORT && execOf(/\d{16}/, text) === null) return false;
  const half = DIGITS / 2;
  // So many digits in a row take up one of the places looked at, and another half as far away.
  for (let at = DIGITS - 1; at < text.length; at += DIGITS) {
    if (!isDigit(text.charCodeAt(at))) continue;
    if (!isDigit(text.charCodeAt(at - half)) && !isDigit(text.charCodeAt(at + half))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    if (end - start >= DIGITS && beginsNumber(text, start)) return true;
    // A long run is not gone over again from within.
    if (end > at + DIGITS) at = end - 1;
  }
  return false;
}

/** Whether digits that begin at `start` are where JSON has a number, as far as can be seen. */
function beginsNumber(text: string, start: number): boolean {
  let before = start - 1;
  if (text[before] === "-") before -= 1;
  while (isJsonSpace(text[before])) before -= 1;
  if (before < 0 || text[before] === "[" || text[before] === ",") return true;
  if (text[before] !== ":") return false;
  do before -= 1; while (isJsonSpace(text[before]));
  return text[before] === '"';
}

/** @param code NaN beyond the text */
function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether a value is a number that is an integer to which others are rounded as well. */
export function isLargeInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** An integer as {@linkcode parseExact} has it: a number where that is exact. */
export function integerOf(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/**
 * The value of a JSON text, as {@linkcode parseStandard} has it but for integers beyond 2^53.
 *
 * @throws {SyntaxError} it is no JSON
 *
 * @example
 * ```ts
 * parseExact('{"serial":9007199254740993,"replicas":3}'); // {serial: 9007199254740993n, replicas: 3}
 * ```
 */
export function parseExact(text: string): unknown {
  if (!mayHoldLargeIntegers(text)) return parseStandard(text);
  // A reviver would be told the digits too: it takes ten times as long, and the stack for each level.
  const mark = crypto.randomUUID();
  return unmarked(parseStandard(marked(text, mark)), mark);
}

const QUOTE = 34;
const MINUS = 45;

/** The text with an object in place of each large integer, which is no JSON wherever that is none. */
function marked(text: string, mark: string): string {
  let result = "";
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === MINUS || isDigit(code)) {
      const start = at;
      while (isOfNumber(text.charCodeAt(at + 1))) at += 1;
      if (at + 1 - start < DIGITS) continue;
      const digits = text.slice(start, at + 1);
      // With a point or an exponent it is a double to the API server too.
      if (!/^-?[1-9]\d+$/.test(digits) || !isLargeInteger(Number(digits))) continue;
      result += `${text.slice(copied, start)}{"${mark}":"${digits}"}`;
      copied = at + 1;
    }
  }
  return result + text.slice(copied);
}

/** Whether a number of JSON, which has begun, may go on with that character. */
function isOfNumber(code: number): boolean {
  return isDigit(code) || ".eE+-".includes(String.fromCharCode(code));
}

/** The value with BigInts in place of the marked integers; not by recursion, it may be nested deep. */
function unmarked(value: unknown, mark: string): unknown {
  const root: Record<string, unknown> = { value };
  const open = [root];
  for (let fields = open.pop(); fields !== undefined; fields = open.pop()) {
    for (const key of Object.keys(fields)) {
      const member = fields[key];
      if (typeof member !== "object" || member === null) continue;
      const digits = (member as Record<string, unknown>)[mark];
      if (typeof digits === "string") fields[key] = BigInt(digits);
      else open.push(member as Record<string, unknown>);
    }
  }
  return root.value;
}

/** The JSON text of a value, BigInts as their digits. */
export function stringifyExact(value: unknown, indent?: string | number): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    // It throws at the first BigInt; going over each value from the start is slow.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(
      value,
      (_key, one: unknown) => typeof one === "bigint" ? rawJSON(`${one}`) : one,
      indent,
    );
  }
}

/** Whether a value holds a number that JSON has not, and would write as null: 1e400, NaN. */
export function holdsNonFinite(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsNonFinite);
}
