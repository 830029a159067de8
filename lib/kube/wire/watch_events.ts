/**
 * The lines of a watch: one JSON document each. Pure.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes}
 */
import { LimitError } from "../../errors.ts";
import { collectBytes } from "../../std/bytes.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

/** Kinds of events that are changes of objects. */
type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/** One event, as its line and as what a watch needs to know of it. */
export interface WatchEvent {
  readonly type: ChangeType | "BOOKMARK" | "ERROR";
  /** "namespace/name" of the object; "" for an error. */
  readonly key: string;
  /** Of the object; "" where there is none. */
  readonly resourceVersion: string;
  readonly object: unknown;
  /** The line itself: `{"type":…,"object":…}`. */
  readonly line: Uint8Array<ArrayBuffer>;
}

const NEWLINE = 10;

/**
 * Cuts chunks of bytes into lines, wherever the chunks were cut.
 *
 * @param limitBytes the longest line taken; `push` throws {@linkcode LimitError} above it
 * @param keepEmpty empty lines are given too; else they are left out
 */
export function lineCutter(limitBytes: number, keepEmpty = false): {
  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer>[];
  /** What came after the last line's end; empty where nothing did. */
  rest(): Uint8Array<ArrayBuffer>;
} {
  const pieces = collectBytes();
  const keep = (piece: Uint8Array) => {
    if (pieces.length + piece.length > limitBytes) {
      throw new LimitError(
        `Cannot read the answer: a line of it is longer than ${limitBytes} bytes`,
      );
    }
    pieces.push(piece);
  };
  return {
    push(chunk) {
      const lines: Uint8Array<ArrayBuffer>[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, end));
        from = end + 1;
        const line = pieces.join();
        if (line.length > 0 || keepEmpty) lines.push(line);
      }
      keep(chunk.subarray(from));
      return lines;
    },
    rest: pieces.join,
  };
}

const TYPES = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"] as const;

/** The event that a line stands for; undefined for a line that is none (cut off, of another kind). */
export function readEvent(line: Uint8Array<ArrayBuffer>): WatchEvent | undefined {
  let event: { readonly type?: unknown; readonly object?: unknown };
  try {
    event = Object(parseExact(new TextDecoder().decode(line)));
  } catch {
    return undefined;
  }
  const type = TYPES.find((known) => known === event.type);
  if (type === undefined || typeof event.object !== "object" || event.object === null) {
    return undefined;
  }
  const { metadata } = event.object as { metadata?: Metadata };
  return {
    type,
    key: type === "ERROR" ? "" : objectKey(metadata),
    resourceVersion: String(metadata?.resourceVersion ?? ""),
    object: event.object,
    line,
  };
}

/** What names an object among those of its resource. */
interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly resourceVersion?: string;
}

/** `namespace/name`, by which {@linkcode difference} knows objects. */
export function objectKey(metadata: Metadata | undefined): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

/** An object of a list, as far as a watch looks at it. */
export interface Listed {
  readonly metadata?: Metadata;
}

/** The line of a change. */
export function changeLine(type: ChangeType, object: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(stringifyExact({ type, object }));
}

/**
 * The event that makes up for a listed object: added when it is not known, modified when it is
 * known at another resourceVersion, none when nothing happened to it.
 */
export function difference(
  known: ReadonlyMap<string, string>,
  object: Listed,
): "ADDED" | "MODIFIED" | undefined {
  const before = known.get(objectKey(object.metadata));
  if (before === undefined) return "ADDED";
  return before === object.metadata?.resourceVersion ? undefined : "MODIFIED";
}
