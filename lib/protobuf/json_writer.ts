/** JSON as bytes, written value by value into one buffer that grows. */
import { Buffer } from "node:buffer";
import { WireError } from "./wire.ts";

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Texts of moments are kept, since those of one list are often the same; so many at most. */
const MOMENTS_KEPT = 4_096;

/** Writes JSON. Whoever calls sees to commas and brackets; `back` takes the last comma away. */
export class JsonWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;
  readonly #moments = new Map<number, Uint8Array>();

  /** @param expectedBytes about how much will be written */
  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** All that was written. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Forgets what was written after that size. */
  back(size: number): void {
    this.#size = size;
  }

  /** One byte of ASCII. */
  byte(value: number): void {
    if (this.#size === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#size++] = value;
  }

  /** Closes a list or object: in the place of the comma that its last member has left. */
  close(bracket: number): void {
    if (this.#bytes[this.#size - 1] === COMMA) this.#size -= 1;
    this.byte(bracket);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    const start = this.#size;
    if (start + length > this.#bytes.length) this.#grow(length);
    const out = this.#bytes;
    // Keys are short: a call of `set` takes longer.
    if (length > 64) out.set(bytes, start);
    else for (let at = 0; at < length; at++) out[start + at] = bytes[at]!;
    this.#size = start + length;
  }

  /** Text of ASCII without signs that JSON escapes, as it is. */
  ascii(text: string): void {
    const { length } = text;
    if (this.#size + length > this.#bytes.length) this.#grow(length);
    const out = this.#bytes;
    const start = this.#size;
    for (let at = 0; at < length; at++) out[start + at] = text.charCodeAt(at);
    this.#size = start + length;
  }

  /**
   * A string.
   *
   * @param from where its UTF-8 lies
   * @throws {WireError} it is not UTF-8
   */
  string(from: Uint8Array, start: number, end: number): void {
    // An escaped byte is six at most.
    const most = (end - start) * 6 + 2;
    if (this.#size + most > this.#bytes.length) this.#grow(most);
    const bytes = this.#bytes;
    let size = this.#size;
    let all = 0;
    bytes[size++] = QUOTE;
    for (let at = start; at < end; at++) {
      const byte = from[at]!;
      all |= byte;
      if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) bytes[size++] = byte;
      else if (byte >= 32) {
        bytes[size++] = BACKSLASH;
        bytes[size++] = byte;
      } else size = escape(bytes, size, byte);
    }
    bytes[size++] = QUOTE;
    this.#size = size;
    if (all > 127) checkUtf8(from.subarray(start, end));
  }

  /** Bytes, as a string of base64 (RFC 4648, section 4). */
  base64({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.byte(QUOTE);
    this.ascii(Buffer.from(buffer, byteOffset, byteLength).toString("base64"));
    this.byte(QUOTE);
  }

  /** A moment, as RFC 3339 has it in UTC. @param seconds since 1970, whole */
  moment(seconds: number): void {
    const known = this.#moments.get(seconds);
    if (known !== undefined) return this.raw(known);
    const text = encoder.encode(`"${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z"`);
    if (this.#moments.size < MOMENTS_KEPT) this.#moments.set(seconds, text);
    this.raw(text);
  }

  #grow(by: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + by, 1_024));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

/** A control character, as Go and JavaScript write it. */
function escape(bytes: Uint8Array, at: number, byte: number): number {
  const text = JSON.stringify(String.fromCharCode(byte)).slice(1, -1);
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function checkUtf8(bytes: Uint8Array): void {
  try {
    UTF8.decode(bytes);
  } catch {
    throw new WireError("the text is not UTF-8");
  }
}
