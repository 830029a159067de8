/** Bytes in, lines out: the framing of JSON-RPC over pipes. */
import { concatBytes } from "../std/bytes.ts";

/** A line, or what is left of one that was too long to be kept. */
export type Line =
  | { readonly type: "line"; readonly bytes: Uint8Array }
  | {
    readonly type: "overlong";
    /** Length of the whole line in bytes. */
    readonly length: number;
    /** Its first and its last bytes, a few hundred each: enough to find out what it was. */
    readonly head: Uint8Array;
    readonly tail: Uint8Array;
  };

const LINE_FEED = 0x0a;
const EDGE_BYTES = 512;

/**
 * Cuts a byte stream into lines at each line feed, which is not part of the line; a carriage
 * return before it is left in. Bytes after the last line feed are kept for the next chunk. A line
 * of more than `limitBytes` is never held: its bytes are counted and dropped.
 *
 * @returns a function that takes a chunk, which it may keep, and returns the lines that end in it
 */
export function createLineSplitter(limitBytes: number): (chunk: Uint8Array) => Line[] {
  let parts: Uint8Array[] = [];
  let length = 0;
  let edges: { readonly head: Uint8Array; tail: Uint8Array } | undefined;

  const add = (part: Uint8Array) => {
    length += part.length;
    if (edges) {
      edges.tail = lastBytes([edges.tail, part]);
    } else {
      parts.push(part);
      if (length > limitBytes) {
        edges = { head: firstBytes(parts), tail: lastBytes(parts) };
        parts = [];
      }
    }
  };
  const end = (): Line => {
    const line: Line = edges
      ? { type: "overlong", length, ...edges }
      : { type: "line", bytes: parts.length === 1 ? parts[0]! : concatBytes(parts) };
    parts = [];
    length = 0;
    edges = undefined;
    return line;
  };

  return (chunk) => {
    const lines: Line[] = [];
    let start = 0;
    for (let at; (at = chunk.indexOf(LINE_FEED, start)) !== -1; start = at + 1) {
      add(chunk.subarray(start, at));
      lines.push(end());
    }
    if (start < chunk.length) add(chunk.subarray(start));
    return lines;
  };
}

function firstBytes(parts: readonly Uint8Array[]): Uint8Array {
  const taken: Uint8Array[] = [];
  for (let left = EDGE_BYTES, i = 0; left > 0 && i < parts.length; i++) {
    const part = parts[i]!.subarray(0, left);
    taken.push(part);
    left -= part.length;
  }
  return concatBytes(taken);
}

function lastBytes(parts: readonly Uint8Array[]): Uint8Array {
  const taken: Uint8Array[] = [];
  for (let left = EDGE_BYTES, i = parts.length - 1; left > 0 && i >= 0; i--) {
    const part = parts[i]!.subarray(Math.max(parts[i]!.length - left, 0));
    taken.unshift(part);
    left -= part.length;
  }
  return concatBytes(taken);
}
