/**
 * Redaction of the text of large JSON answers in one pass: what is not rewritten is not parsed. Each
 * string is looked at for the kinds of characters in it; the few that can hold a credential, and the
 * objects whose fields say something of one another, go through tree.ts. Pure.
 *
 * It goes over the bytes of the UTF-8, of which strings are made only where they are looked at: a list is
 * large, and each copy of it is memory.
 */
import { Buffer } from "node:buffer";
import { DIGIT, ESCAPED, isHarmless, KINDS } from "./character_classes.ts";
import { envStrength } from "../detect/fragments.ts";
import type { NameStrength } from "../detect/names.ts";
import { type Key, keyAt, keyOf, NO_KEY } from "./keys.ts";
import { CONTINUE } from "../detect/values.ts";
import { flagStrength, isManagedFields, isShortOption, type Place, type Tree } from "./tree.ts";
import { concatBytes } from "../../std/bytes.ts";

const encoder = new TextEncoder();

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** What JSON has outside of strings, beside its signs: numbers, true, false, null, white space. */
const BARE = new Uint8Array(256);
for (const character of "0123456789+-.eEtrufalsn \t\r\n") BARE[character.charCodeAt(0)] = 1;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** An object or array that the pass is in. */
interface Frame {
  readonly isObject: boolean;
  readonly start: number;
  /** How many pieces were written, and up to where the text was copied, when it began. */
  readonly pieces: number;
  readonly copied: number;
  /** The key under which it stands. */
  readonly key: Key;
  /** Its parts can only be judged together. */
  together: boolean;
  isSecret: boolean;
  hasData: boolean;
  hasValue: boolean;
  /** Positions of strings under `name` or `key`, in pairs. */
  names: number[] | undefined;
}

/**
 * The UTF-8 of a JSON document, redacted; the same bytes where nothing is hidden.
 *
 * @returns undefined for what is no JSON
 */
export function redactJson(
  bytes: Uint8Array<ArrayBuffer>,
  tree: Tree,
  place: Place,
): Uint8Array<ArrayBuffer> | undefined {
  const { length } = bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  const pieces: Uint8Array[] = [];
  const frames: Frame[] = [];
  let copied = 0;
  let frame: Frame | undefined;
  let key = NO_KEY;
  let isKey = false;
  let begun = false;

  const write = (start: number, end: number, replacement: string) => {
    pieces.push(bytes.subarray(copied, start), encoder.encode(replacement));
    copied = end;
  };

  /** What a string in quotes says; it begins at `start`, its closing quote is before `end`. */
  const decode = (start: number, end: number, kinds: number) =>
    (kinds & ESCAPED) === 0
      ? buffer.toString("latin1", start + 1, end - 1)
      : JSON.parse(buffer.toString("utf8", start, end)) as string;

  for (let at = 0; at < length; at++) {
    switch (bytes[at]) {
      case QUOTE: {
        const start = at;
        let kinds = 0;
        if (isKey) {
          let hash = 0;
          for (at += 1; at < length; at++) {
            const code = bytes[at]!;
            if (code === QUOTE) break;
            if (code === BACKSLASH) at += 1;
            if (code >= 128 || code === BACKSLASH) kinds = ESCAPED;
            hash = (Math.imul(hash, 31) + code) | 0;
          }
          if (at >= length) return undefined;
          key = kinds === 0
            ? keyAt(bytes, start + 1, at, hash)
            : keyOf(decode(start, at + 1, kinds));
          if (key.credential && frame) frame.together = true;
          break;
        }
        for (at += 1; at < length; at++) {
          const code = bytes[at]!;
          if (code === QUOTE) break;
          if (code === BACKSLASH) at += 1;
          kinds |= KINDS[code]!;
        }
        if (at >= length) return undefined;
        const end = at + 1;
        if (key.role === "continue" && CONTINUE.test(decode(start, end, kinds))) break;
        if (frame?.isObject) {
          if (key.role === "kind") frame.isSecret ||= decode(start, end, kinds) === "Secret";
          else if (key.role === "name") (frame.names ??= []).push(start, end);
          else if (key.role === "value") frame.hasValue = true;
        } else if (frame && mayBegin(bytes[start + 1]!, MINUS)) {
          const word = decode(start, end, kinds);
          if (flagStrength(word) !== "none" || isShortOption(word)) {
            frame.together = true;
            const outer = frames.at(-2);
            if (outer) outer.together = true;
          }
        }
        if (key.strength === "none" && isHarmless(bytes, start, end, kinds)) break;
        const value = decode(start, end, kinds);
        const redacted = tree.leaf(key.strength, value);
        if (redacted !== value) write(start, end, JSON.stringify(redacted));
        break;
      }
      case COLON:
        isKey = false;
        break;
      case COMMA:
        isKey = frame?.isObject ?? false;
        if (!isKey && frame) key = frame.key;
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY: {
        const isObject = bytes[at]! === OPEN_OBJECT;
        if (frame && key.role === "sealed") frame.together = true;
        if (frame && key.role === "data") frame.hasData = true;
        if (key.role === "table") return redactWhole(bytes, tree, place);
        if (key.role === "managedFields" && !isObject) {
          const end = endOfArray(bytes, at + 1);
          if (isManagedFields(buffer.toString("latin1", at, end))) {
            at = end - 1;
            break;
          }
        }
        frame = {
          isObject,
          start: at,
          pieces: pieces.length,
          copied,
          // What a key says, it says of the strings of an array too, not of the fields of objects.
          key: isObject ? NO_KEY : key.elements ?? key,
          together: false,
          isSecret: place.secrets,
          hasData: false,
          hasValue: false,
          names: undefined,
        };
        frames.push(frame);
        begun = true;
        isKey = isObject;
        key = frame.key;
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_ARRAY: {
        const closed = frames.pop();
        if (closed?.isObject !== (bytes[at]! === CLOSE_OBJECT)) return undefined;
        const pair = pairOf(buffer, closed);
        if (closed.together || (closed.isSecret && closed.hasData) || pair !== "none") {
          pieces.length = closed.pieces;
          copied = closed.copied;
          const was: unknown = JSON.parse(buffer.toString("utf8", closed.start, at + 1));
          const now = Array.isArray(was)
            ? tree.array(was, closed.key.strength, place)
            : tree.value(was, place, { secret: closed.isSecret && !place.secrets, pair });
          if (now !== was) write(closed.start, at + 1, JSON.stringify(now));
        }
        frame = frames.at(-1);
        key = NO_KEY;
        isKey = false;
        break;
      }
      default:
        if (BARE[bytes[at]!] !== 1 || frame === undefined) {
          if (!isSpace(bytes[at]!)) return undefined;
        }
        // A number that is a password: rare enough to be looked at with its object.
        if (key.strength === "password" && !isKey && frame?.isObject) {
          if (KINDS[bytes[at]!] === DIGIT) frame.together = true;
        } else if (key.role === "value" && !isKey && frame) {
          if (KINDS[bytes[at]!] === DIGIT) frame.hasValue = true;
        }
    }
  }
  if (frames.length > 0 || !begun) return undefined;
  if (pieces.length === 0) return bytes;
  pieces.push(bytes.subarray(copied));
  return concatBytes(pieces);
}

/** The same by way of parsing it whole. */
export function redactWhole(
  bytes: Uint8Array<ArrayBuffer>,
  tree: Tree,
  place: Place,
): Uint8Array<ArrayBuffer> {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const redacted = tree.value(parsed, place);
  return redacted === parsed ? bytes : encoder.encode(JSON.stringify(redacted));
}

/** Whether a string that begins with this character can say one that begins with the other. */
function mayBegin(code: number, wanted: number): boolean {
  return code === wanted || code === BACKSLASH;
}

/** What the names of an object say of its `value`. */
function pairOf(buffer: Buffer, { hasValue, names }: Frame): NameStrength {
  if (!hasValue || names === undefined) return "none";
  let strongest: NameStrength = "none";
  for (let at = 0; at < names.length; at += 2) {
    const name = JSON.parse(buffer.toString("utf8", names[at], names[at + 1])) as string;
    const strength = envStrength(name);
    if (strongest === "none" || strength === "password") strongest = strength;
  }
  return strongest;
}

/** Just behind the bracket that closes the array whose content begins at `at`. */
function endOfArray(bytes: Uint8Array, at: number): number {
  let depth = 1;
  for (; at < bytes.length && depth > 0; at++) {
    const code = bytes[at]!;
    if (code === QUOTE) {
      for (at++; bytes[at]! !== QUOTE && at < bytes.length; at++) {
        if (bytes[at]! === BACKSLASH) at += 1;
      }
    } else if (code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_ARRAY) depth -= 1;
  }
  return at;
}
