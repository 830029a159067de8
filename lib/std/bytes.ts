/** Bytes. Pure. */

/** The parts one after the other, copied: none of them is held by the whole. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Chunks of bytes as they come, however small. */
export interface ByteCollector {
  /** How many bytes there are. */
  readonly length: number;
  /** Copies a chunk. */
  push(chunk: Uint8Array): void;
  /** All of them in one; the collector is empty then. */
  join(): Uint8Array<ArrayBuffer>;
}

/** The first chunks of a few bytes do not each make a buffer of their own. */
const FIRST_BYTES = 1024;

/** Makes a collector. It copies all into one buffer that doubles, so that it holds no chunk. */
export function collectBytes(): ByteCollector {
  let bytes = new Uint8Array();
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(chunk) {
      const needed = length + chunk.length;
      if (needed > bytes.length) {
        const room = Math.max(needed, bytes.length * 2, FIRST_BYTES);
        bytes = new Uint8Array(bytes.buffer.transfer(room));
      }
      bytes.set(chunk, length);
      length = needed;
    },
    join() {
      const whole = new Uint8Array(bytes.buffer.transfer(length));
      bytes = new Uint8Array();
      length = 0;
      return whole;
    },
  };
}
