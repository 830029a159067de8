/**
 * Integers beyond 2^53 in scripts. A script sees a JavaScript number, which is rounded; the digits
 * that were read are kept beside it, by the object and field in which it stands and by the number
 * itself, and are written again wherever that number is. Where two integers that were read are the
 * same number to JavaScript, a copy of one cannot tell which it is, and is refused.
 */
import { isLargeInteger, mayHoldLargeIntegers } from "../../../std/json/exact.ts";
import { parseStandard } from "../../../std/json/keys.ts";
import { execOf } from "../../../std/regexp.ts";
import { usageError } from "./errors.ts";

type Callback = (this: unknown, key: string, value: unknown, context?: unknown) => unknown;

/** `JSON` as it is before it is changed, with the parts that TypeScript does not know yet. */
const { stringify, rawJSON } = JSON as unknown as {
  stringify(value: unknown, replacer?: unknown, space?: unknown): string;
  rawJSON(digits: string): object;
};
const { toString: bigIntText } = BigInt.prototype;

/** Digits by the number that they are rounded to; null where several are. */
const digitsOf = new Map<number, string | null>();
/** Digits by the object and the field in which they were read. */
const placesOf = new WeakMap<object, Map<string, string>>();
/** Digits in the script's own text, by the number that they are rounded to. */
const literalOf = new Map<number, string>();

/**
 * Has `JSON.parse`, `JSON.stringify` and `BigInt` of the realm keep digits. Called once, before any
 * script.
 */
export function keepDigits(): void {
  const attributes = { writable: true, configurable: true, enumerable: false };
  const define = (object: object, name: string, value: unknown) =>
    Object.defineProperty(object, name, { value, ...attributes });
  define(JSON, "parse", parseNoting);
  define(JSON, "stringify", stringifyNoted);
  define(BigInt.prototype, "toJSON", toJSON);
  const exactBigInt = (given: unknown) => BigInt(exactNumber(given) as bigint);
  define(
    globalThis,
    "BigInt",
    new Proxy(BigInt, { apply: (_, __, [given]) => exactBigInt(given) }),
  );
}

/** Numbers of a script's own text, as they are written there. */
export function noteLiterals(literals: readonly string[]): void {
  for (const literal of literals) {
    for (const digits of [literal, `-${literal}`]) {
      note(digits);
      literalOf.set(Number(digits), digits);
    }
  }
}

/** The digits of an object's fields count for a copy of it too. */
export function carryDigits<Copy extends object>(from: object, copy: Copy): Copy {
  const places = placesOf.get(from);
  if (places) placesOf.set(copy, places);
  return copy;
}

function note(digits: string): void {
  const number = Number(digits);
  const known = digitsOf.get(number);
  digitsOf.set(number, known === undefined || known === digits ? digits : null);
}

function parseNoting(text: unknown, reviver?: unknown): unknown {
  const json = `${text}`;
  if (!mayHoldLargeIntegers(json)) return parseStandard(json, reviver);
  return parseStandard(json, function (this: object, key: string, value: unknown, context: Source) {
    const { source } = context;
    if (isLargeInteger(value) && source !== undefined) {
      note(source);
      const places = placesOf.get(this) ?? new Map<string, string>();
      placesOf.set(this, places.set(key, source));
    }
    return typeof reviver === "function"
      ? Reflect.apply(reviver, this, [key, value, context])
      : value;
  });
}

/** What a reviver is told of a number beside its value. */
interface Source {
  /** As it stands in the text; left out of what a reviver has put there. */
  readonly source?: string;
}

function stringifyNoted(value: unknown, replacer?: unknown, space?: unknown): string {
  if (digitsOf.size === 0) return stringify(value, replacer, space);
  const replace = replacing(replacer);
  return stringify(value, function (this: object, key: string, given: unknown) {
    const one = Reflect.apply(replace, this, [key, given]);
    const digits = isLargeInteger(one) ? digitsAt(one, this, key) : undefined;
    return digits === undefined ? one : rawJSON(digits);
  }, space);
}

/** The second argument of `JSON.stringify` as a function: it may be a list of keys too. */
function replacing(replacer: unknown): Callback {
  if (typeof replacer === "function") return replacer as Callback;
  if (!Array.isArray(replacer)) return (_, value) => value;
  const kept = new Set<string>();
  for (let at = 0; at < replacer.length; at++) kept.add(`${replacer[at]}`);
  let isTop = true;
  return function (key, value) {
    const isKept = isTop || Array.isArray(this) || kept.has(key);
    isTop = false;
    return isKept ? value : undefined;
  };
}

function toJSON(this: bigint): object {
  return rawJSON(Reflect.apply(bigIntText, this, []));
}

/** What was read in a field, unless the script may have put an integer of its own text there. */
function readAt(number: number, holder: object | undefined, key: string): string | undefined {
  const read = holder && placesOf.get(holder)?.get(key);
  if (read === undefined || Number(read) !== number) return undefined;
  return (literalOf.get(number) ?? read) === read ? read : undefined;
}

/**
 * The digits that a number has been read as; undefined where it has not been read.
 *
 * @throws InputError where they are not known
 */
function digitsAt(number: number, holder?: object, key = ""): string | undefined {
  const digits = readAt(number, holder, key) ?? digitsOf.get(number);
  if (digits !== null) return digits;
  throw usageError(
    "InputError",
    `Cannot tell which integer ${number} is: several that the script has are the same JavaScript number`,
    "Take the object in which it stands as a whole, or write a BigInt: 9007199254740993n.",
  );
}

/**
 * A number as a BigInt, where it is an integer beyond 2^53 that has been read; anything else as it is.
 *
 * @param holder the object in which it stands
 * @throws InputError where its digits are not known
 */
export function exactNumber(value: unknown, holder?: object, key?: string): unknown {
  if (!isLargeInteger(value)) return value;
  const digits = digitsAt(value, holder, key);
  return digits === undefined || execOf(/^-?\d+$/, digits) === null ? value : BigInt(digits);
}

/** What a field of an object holds, as {@linkcode exactNumber} has it. */
export function exactField(object: object, key: string): unknown {
  return exactNumber((object as Record<string, unknown>)[key], object, key);
}

/**
 * The JSON of what a script wants to have stored.
 *
 * @throws InputError a number that JSON has not, or that JavaScript has rounded
 */
export function bodyText(value: unknown): string {
  const text = stringifyNoted(value);
  if (text === undefined || !mayHoldUnsure(text)) return text;
  return stringify(value, function (this: object, key: string, one: unknown) {
    if (typeof one !== "number") return one;
    if (!Number.isFinite(one)) throw unfit(`${one} at "${key}": JSON has no such number`);
    if (!isLargeInteger(one)) return one;
    const digits = digitsAt(one, this, key);
    if (digits !== undefined) return rawJSON(digits);
    throw unfit(`${one} at "${key}": it is beyond 2^53, where JavaScript rounds integers`);
  });
}

/** Whether a JSON text may come of numbers that cannot be trusted. */
function mayHoldUnsure(text: string): boolean {
  return mayHoldLargeIntegers(text) || execOf(/null|\de\+/, text) !== null;
}

function unfit(what: string): Error {
  const hint = "Write large integers as BigInt with all digits: 9007199254740993n.";
  return usageError("InputError", `Cannot write ${what}`, hint);
}
