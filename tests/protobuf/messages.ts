/** Messages of protobuf written by hand. */
import { concatBytes } from "../../lib/std/bytes.ts";

const encoder = new TextEncoder();

/** An integer, seven bits a byte. */
export function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value));; rest >>= 7n) {
    const byte = Number(rest & 127n);
    if (rest < 128n) return new Uint8Array([...bytes, byte]);
    bytes.push(byte | 128);
  }
}

/** A field that holds an integer, a text, bytes, or a message of fields. */
export function field(
  number: number,
  value: bigint | number | string | Uint8Array | readonly Uint8Array[],
): Uint8Array {
  if (typeof value === "bigint" || typeof value === "number") {
    return concatBytes([varint(number * 8), varint(value)]);
  }
  const bytes = typeof value === "string"
    ? encoder.encode(value)
    : value instanceof Uint8Array
    ? value
    : concatBytes(value);
  return concatBytes([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** An object as clients send it. */
export function body(apiVersion: string, kind: string, ...fields: Uint8Array[]): Uint8Array {
  return concatBytes([
    encoder.encode("k8s\0"),
    field(1, [field(1, apiVersion), field(2, kind)]),
    field(2, fields),
  ]);
}
