/**
 * The wire format: from bytes to fields as they stand there, each a number and a value.
 * @see {@link https://protobuf.dev/programming-guides/encoding/}
 */
import { integerOf } from "../std/json/exact.ts";

/** Bytes that are no message, or not this one: what is wrong, without where. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** What a wire type says of a value: an integer, eight bytes, so many bytes as are said, four bytes. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A field as it stands on the wire. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** Its integer, not negative, exact; or its bytes. */
  readonly value: bigint | number | Uint8Array;
}

const ENDS_TOO_EARLY = "the bytes end too early";
/** Bits of so many bytes of an integer are a number that JavaScript has exactly. */
export const SMALL_BYTES = 7;
/** Bytes of an integer of 64 bits. */
export const LONGEST_BYTES = 10;

/** Goes through bytes, from their beginning to their end. */
export interface WireReader {
  readonly done: boolean;
  /** The next value, of that wire type. */
  value(wireType: number): WireField["value"];
  /** The next field. */
  field(): WireField;
}

/** Reads bytes: `value` and `field` throw {@linkcode WireError} where there is none. */
export function readWire(bytes: Uint8Array): WireReader {
  let at = 0;

  function integer(): bigint | number {
    let small = 0;
    for (let count = 0; count < SMALL_BYTES; count++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError(ENDS_TOO_EARLY);
      small += (byte & 127) * 2 ** (7 * count);
      if (byte < 128) return small;
    }
    let large = BigInt(small);
    for (let count = SMALL_BYTES; count < LONGEST_BYTES; count++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError(ENDS_TOO_EARLY);
      large |= BigInt(byte & 127) << BigInt(7 * count);
      if (byte < 128 && large < 2n ** 64n) return integerOf(large);
    }
    throw new WireError("an integer has more than 64 bits");
  }

  function take(length: bigint | number): Uint8Array {
    if (length > bytes.length - at) throw new WireError(ENDS_TOO_EARLY);
    return bytes.subarray(at, at += Number(length));
  }

  function value(wireType: number): WireField["value"] {
    if (wireType === WIRE.varint) return integer();
    if (wireType === WIRE.bytes) return take(integer());
    if (wireType === WIRE.fixed64) return take(8);
    if (wireType === WIRE.fixed32) return take(4);
    throw new WireError(`${wireType} is no wire type in use`);
  }

  return {
    get done() {
      return at >= bytes.length;
    },
    value,
    field() {
      const tag = integer();
      if (tag < 8 || tag >= 2 ** 32) throw new WireError(`${tag} is no field's number and type`);
      const number = Math.floor(Number(tag) / 8);
      const wireType = Number(tag) % 8;
      return { number, wireType, value: value(wireType) };
    },
  };
}

/**
 * An integer below 2^53, as tags and lengths are.
 *
 * @param cursor where it begins; behind it afterwards
 * @throws {WireError} there is none, or it is larger
 */
export function integerAt(bytes: Uint8Array, cursor: { at: number }, end: number): number {
  let value = bytes[cursor.at++]!;
  if (value < 128 && cursor.at <= end) return value;
  value &= 127;
  for (let factor = 128; cursor.at < end && factor < 2 ** 49; factor *= 128) {
    const byte = bytes[cursor.at++]!;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
  throw new WireError(ENDS_TOO_EARLY);
}
