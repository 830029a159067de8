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

/** A buffer that was not grown beyond this serves another collector. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** The last one that was, as long as nobody needs its memory. */
let spare: WeakRef<ArrayBuffer> | undefined;

/**
 * Makes a collector. It copies all into one buffer that doubles, so that it holds no chunk, and out of
 * that in the end: a new one to grow for each page of a list would be most of the memory that is asked
 * for in its course.
 */
export function collectBytes(): ByteCollector {
  let bytes = new Uint8Array();
  let length = 0;
  function makeRoom(needed: number): void {
    if (length === 0 && needed > FIRST_BYTES) {
      bytes = new Uint8Array(spare?.deref() ?? new ArrayBuffer());
      spare = undefined;
    }
    if (needed <= bytes.length) return;
    const room = Math.max(needed, bytes.length * 2, FIRST_BYTES);
    bytes = new Uint8Array(bytes.buffer.transfer(room));
  }
  return {
    get length() {
      return length;
    },
    push(chunk) {
      const needed = length + chunk.length;
      if (needed > bytes.length) makeRoom(needed);
      bytes.set(chunk, length);
      length = needed;
    },
    join() {
      const whole = bytes.slice(0, length);
      if (bytes.length > FIRST_BYTES && bytes.length <= KEPT_BYTES) {
        spare = new WeakRef(bytes.buffer);
      }
      bytes = new Uint8Array();
      length = 0;
      return whole;
    },
  };
}
