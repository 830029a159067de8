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

/** Chunks smaller than this are put together: each of them alone costs more than it holds. */
const SMALL_BYTES = 4 * 1024;
const BLOCK_BYTES = 64 * 1024;

/** Chunks of bytes as they come, however small. */
export interface ByteCollector {
  /** How many bytes there are. */
  readonly length: number;
  /** Keeps a chunk; a small one is copied. */
  push(chunk: Uint8Array<ArrayBuffer>): void;
  /** All of them in one; the collector must not be used again. */
  join(): Uint8Array<ArrayBuffer>;
}

/** Makes a collector: what it holds is of the order of its bytes, also of chunks of one byte. */
export function collectBytes(): ByteCollector {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let block: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  let length = 0;
  const closeBlock = () => {
    // A copy, since one small chunk between large ones would hold a whole block.
    if (block !== undefined) blocks.push(block.slice(0, filled));
    block = undefined;
    filled = 0;
  };
  return {
    get length() {
      return length;
    },
    push(chunk) {
      length += chunk.length;
      if (chunk.length >= SMALL_BYTES) {
        closeBlock();
        blocks.push(chunk);
        return;
      }
      if (filled + chunk.length > BLOCK_BYTES) closeBlock();
      block ??= new Uint8Array(BLOCK_BYTES);
      block.set(chunk, filled);
      filled += chunk.length;
    },
    join() {
      closeBlock();
      const whole = new Uint8Array(length);
      let at = 0;
      for (const part of blocks) {
        whole.set(part, at);
        at += part.length;
        // All is in memory twice here; what was copied is freed now, not some time later.
        if (part.length === part.buffer.byteLength) part.buffer.transfer(0);
      }
      return whole;
    },
  };
}
