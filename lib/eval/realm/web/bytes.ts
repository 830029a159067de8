/** The bytes of what a script hands over: read by the built-ins themselves, whatever it overrides. */
import { usageError } from "../base/errors.ts";

const getterOf = (prototype: object, key: PropertyKey) => {
  const { get } = Reflect.getOwnPropertyDescriptor(prototype, key)!;
  return (object: unknown): unknown => Reflect.apply(get!, object, []);
};

const VIEW = Object.getPrototypeOf(Uint8Array.prototype) as object;
const [viewTag, viewBuffer, viewOffset, viewLength] = [
  Symbol.toStringTag,
  "buffer",
  "byteOffset",
  "byteLength",
].map((key) => getterOf(VIEW, key)) as [Read, Read, Read, Read];
const [dataBuffer, dataOffset, dataLength] = ["buffer", "byteOffset", "byteLength"].map((key) =>
  getterOf(DataView.prototype, key)
) as [Read, Read, Read];
const bufferLength = getterOf(ArrayBuffer.prototype, "byteLength");

type Read = (object: unknown) => unknown;

/** The name of a typed array's class; undefined for anything else. */
export function viewKind(value: unknown): string | undefined {
  return viewTag(value) as string | undefined;
}

/** Whether it is an ArrayBuffer. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  try {
    bufferLength(value);
    return true;
  } catch {
    return false;
  }
}

/** A DataView's place in its buffer; undefined for anything else. */
export function dataViewOf(value: unknown): ViewPlace | undefined {
  try {
    return {
      buffer: dataBuffer(value) as ArrayBuffer,
      byteOffset: dataOffset(value) as number,
      byteLength: dataLength(value) as number,
    };
  } catch {
    return undefined;
  }
}

/** Where in its buffer a view lies. */
export interface ViewPlace {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A typed array's place in its buffer. */
export function typedArrayOf(value: unknown): ViewPlace {
  return {
    buffer: viewBuffer(value) as ArrayBuffer,
    byteOffset: viewOffset(value) as number,
    byteLength: viewLength(value) as number,
  };
}

/**
 * The bytes of a buffer or a view of one, not copied; of a list of numbers, as logs are read, a copy.
 *
 * @throws {TypeError} it is none of them
 */
export function bytesOf(value: unknown, verb: string): Uint8Array {
  if (isBuffer(value)) return new Uint8Array(value);
  const place = viewKind(value) === undefined ? dataViewOf(value) : typedArrayOf(value);
  if (place) return new Uint8Array(place.buffer, place.byteOffset, place.byteLength);
  if (Array.isArray(value)) {
    const bytes = new Uint8Array(value.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = Number(value[at]);
    return bytes;
  }
  throw usageError("TypeError", `${verb} takes an ArrayBuffer or a view of one`);
}
