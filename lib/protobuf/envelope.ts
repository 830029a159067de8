/** The envelope in which Kubernetes sends every object as protobuf: `runtime.Unknown`. */
import { PROTOBUF_PREFIX } from "./media_type.ts";
import { integerAt, WIRE, WireError } from "./wire.ts";

const decoder = new TextDecoder();

/** What is in an envelope, and where the bytes of its object are. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Opens an envelope.
 *
 * @throws {WireError} it is none, or its object is in another encoding
 */
export function envelopeOf(bytes: Uint8Array): Envelope {
  if (!PROTOBUF_PREFIX.every((byte, index) => bytes[index] === byte)) {
    throw new WireError("it does not begin as Kubernetes' protobuf does");
  }
  const found = { apiVersion: "", kind: "", start: 0, end: 0 };
  eachField(bytes, PROTOBUF_PREFIX.length, bytes.length, (number, start, end) => {
    if (number === 2) Object.assign(found, { start, end });
    else if (number === 1) {
      eachField(bytes, start, end, (inner, from, to) => {
        const text = decoder.decode(bytes.subarray(from, to));
        if (inner === 1) found.apiVersion = text;
        else if (inner === 2) found.kind = text;
      });
    } else if (start < end) throw new WireError("its object is in another encoding");
  });
  return found;
}

/** Goes through the fields of a message that has only bytes. */
function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (number: number, start: number, end: number) => void,
): void {
  const cursor = { at: start };
  while (cursor.at < end) {
    const tag = integerAt(bytes, cursor, end);
    if (tag % 8 !== WIRE.bytes) throw new WireError("it is no message");
    const length = integerAt(bytes, cursor, end);
    if (length > end - cursor.at) throw new WireError("the bytes end too early");
    take(Math.floor(tag / 8), cursor.at, cursor.at += length);
  }
}
