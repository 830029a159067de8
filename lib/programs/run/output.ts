/** The output of a program, kept from its beginning up to a limit. */
import { collectBytes } from "../../std/bytes.ts";

/** What a program has written so far. */
export interface Output {
  /** All bytes that came, kept or not. */
  readonly seenBytes: number;
  /** Whether some were left out. */
  readonly cut: boolean;
  push(chunk: Uint8Array): void;
  /** What was kept; the output is empty then. */
  take(): Uint8Array<ArrayBuffer>;
}

/** Makes an output of which the first bytes are kept. */
export function createOutput(limitBytes: number): Output {
  const kept = collectBytes();
  let seen = 0;
  return {
    get seenBytes() {
      return seen;
    },
    get cut() {
      return seen > limitBytes;
    },
    push(chunk) {
      const room = limitBytes - seen;
      seen += chunk.length;
      if (room > 0) kept.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    },
    take: () => kept.join(),
  };
}
