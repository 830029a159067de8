/** TextEncoder and TextDecoder (https://encoding.spec.whatwg.org/), of UTF-8. */
import { shown, usageError } from "../base/errors.ts";
import { bytesOf, viewKind } from "./bytes.ts";

/** Labels of UTF-8. */
const LABELS: ReadonlySet<string> = new Set(
  ["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"],
);

/** Code units that are put together at once. */
const CHUNK = 4096;

/** Stands for what is no text. */
const REPLACEMENT = 0xfffd;

/** Text to UTF-8. */
export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(given: unknown = ""): Uint8Array {
    const text = `${given}`;
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, encodeInto(text, bytes).written);
  }

  encodeInto(given: unknown, into: Uint8Array): { read: number; written: number } {
    if (viewKind(into) !== "Uint8Array") {
      throw usageError("TypeError", "encodeInto writes to a Uint8Array");
    }
    return encodeInto(`${given}`, bytesOf(into, "encodeInto"));
  }
}

/** Writes as many whole characters as there is room for. */
function encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
  let read = 0;
  let written = 0;
  while (read < text.length) {
    const given = text.codePointAt(read)!;
    const code = given >= 0xd800 && given <= 0xdfff ? REPLACEMENT : given;
    const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (written + length > into.length) break;
    if (length === 1) into[written] = code;
    else {
      into[written] = (0xf00 >> length) & 0xff | code >> (6 * (length - 1));
      for (let at = 1; at < length; at++) {
        into[written + at] = 0x80 | code >> (6 * (length - 1 - at)) & 0x3f;
      }
    }
    written += length;
    read += given > 0xffff ? 2 : 1;
  }
  return { read, written };
}

/** UTF-8 to text; what is none becomes U+FFFD, or with `fatal` an error. */
export class TextDecoder {
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  /** A character that is not whole yet, from calls with `stream`. */
  #rest: number[] = [];
  #begun = false;

  constructor(label: unknown = "utf-8", options?: unknown) {
    const { fatal, ignoreBOM } = Object(options ?? {}) as Record<string, unknown>;
    if (!LABELS.has(`${label}`.trim().toLowerCase())) {
      throw usageError(
        "RangeError",
        `Cannot decode ${shown(label)}: there is utf-8 alone`,
        "atob() gives a string of the bytes as they are.",
      );
    }
    this.#fatal = Boolean(fatal);
    this.#ignoreBom = Boolean(ignoreBOM);
  }

  get encoding(): string {
    return "utf-8";
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  decode(given?: unknown, options?: unknown): string {
    const stream = Boolean((Object(options ?? {}) as { stream?: unknown }).stream);
    const bytes = given === undefined ? new Uint8Array(0) : bytesOf(given, "decode");
    const whole = new Uint8Array(this.#rest.length + bytes.length);
    whole.set(this.#rest);
    whole.set(bytes, this.#rest.length);
    this.#rest = [];
    const { text, end } = decode(whole, this.#fatal, stream);
    for (let at = end; at < whole.length; at++) this.#rest.push(whole[at]!);
    const isStart = !this.#begun && text !== "";
    this.#begun = stream && (this.#begun || text !== "");
    return isStart && !this.#ignoreBom && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}

/** @param stream a character that is cut off at the end is left for later */
function decode(bytes: Uint8Array, fatal: boolean, stream: boolean): { text: string; end: number } {
  let text = "";
  let units: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { code, length } = characterAt(bytes, at);
    if (code === undefined) {
      if (stream && at + length === bytes.length && isCutOff(bytes, at, length)) break;
      if (fatal) throw usageError("TypeError", "The encoded data was not valid utf-8");
      units.push(REPLACEMENT);
    } else if (code > 0xffff) {
      units.push(0xd800 + (code - 0x10000 >> 10), 0xdc00 + (code - 0x10000 & 0x3ff));
    } else units.push(code);
    at += length;
    if (units.length < CHUNK) continue;
    text += Reflect.apply(String.fromCharCode, undefined, units);
    units = [];
  }
  return { text: text + Reflect.apply(String.fromCharCode, undefined, units), end: at };
}

/** A character, or without a code as many bytes as one U+FFFD stands for. */
function characterAt(bytes: Uint8Array, at: number): { code?: number; length: number } {
  const first = bytes[at]!;
  if (first < 0x80) return { code: first, length: 1 };
  const needed = neededBehind(first);
  if (needed === 0) return { length: 1 };
  let code = first & (0x3f >> needed);
  for (let next = 1; next <= needed; next++) {
    const byte = bytes[at + next];
    const [low, high] = next === 1 ? boundsBehind(first) : [0x80, 0xbf];
    if (byte === undefined || byte < low || byte > high) return { length: next };
    code = code << 6 | byte & 0x3f;
  }
  return { code, length: needed + 1 };
}

function neededBehind(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 1;
  if (first >= 0xe0 && first <= 0xef) return 2;
  return first >= 0xf0 && first <= 0xf4 ? 3 : 0;
}

/** The second byte's bounds: neither longer than needed, nor a surrogate, nor beyond U+10FFFF. */
function boundsBehind(first: number): readonly [low: number, high: number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/** Whether the bytes begin a character whose end is still to come. */
function isCutOff(bytes: Uint8Array, at: number, length: number): boolean {
  return length <= neededBehind(bytes[at]!);
}
