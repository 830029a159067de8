/**
 * Frames between the broker's process and a sandbox child, over its standard input and output.
 *
 * ```text
 * u32 length of what follows (little endian) | u8 type | u32 id | u32 header length | header (JSON) | body
 * ```
 *
 * The body is bytes that neither side parses on the way: an object's JSON, a page of a list, a log.
 * All that comes from a child is untrusted: {@linkcode readFrames} bounds lengths, and whoever reads
 * a header validates it.
 */

/** What a frame is about; the number is its byte on the wire. */
export const FRAME = {
  /** Parent → child: run this script. Header {@linkcode RunHeader}, body the script's text. */
  run: 1,
  /** Parent → child: (a part of) the answer to a call. Header {@linkcode AnswerHeader}. */
  answer: 2,
  /** Child → parent: it may be sent a script. Said again after one that has left nothing behind. */
  ready: 3,
  /** Child → parent: a call. Its header is validated by the broker. */
  call: 4,
  /** Child → parent: one line of the console. Header `{level}`, body the text. */
  log: 5,
  /** Child → parent: the end. Header {@linkcode DoneHeader}, body the result's text. */
  done: 6,
  /** Child → parent: that call is to end; nothing more of it is wanted. */
  cancel: 7,
  /** Child → parent: the script has taken parts of that watch. Header {@linkcode TakenHeader}. */
  taken: 8,
} as const;

/** One frame. */
export interface Frame {
  readonly type: number;
  /** Number of the call it belongs to; 0 for none. */
  readonly id: number;
  readonly header: unknown;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Header of a `run` frame. */
export interface RunHeader {
  /** Namespace of the context; what `namespace` shows. */
  readonly namespace: string;
  /** Milliseconds since the epoch at which the parent ends the script. */
  readonly deadline: number;
  /** What the SDK's own changes take for now, in milliseconds since the epoch. */
  readonly startedAt?: number;
  /** Changes are tried out, not made. */
  readonly trial?: boolean;
  readonly limits: ChildLimits;
}

/** The limits that a child itself keeps; the parent keeps them again. */
export interface ChildLimits {
  readonly memoryBytes: number;
  readonly calls: number;
  readonly argumentBytes: number;
  readonly consoleBytes: number;
  readonly resultCharacters: number;
}

/** Header of an `answer` frame. */
export interface AnswerHeader {
  /** More parts follow: pages of a list. */
  readonly more?: boolean;
  /** The list began anew: the parts before this one are void. */
  readonly again?: boolean;
  /** How the body is meant: JSON of an object or list, or bytes as they are. */
  readonly form: "json" | "bytes" | "error";
  readonly error?: AnswerError;
}

/**
 * Header of a `taken` frame: how many parts more. A watch is sent no further ahead than
 * {@linkcode WINDOW}, so that what a script does not take stays with the API server.
 */
export interface TakenHeader {
  readonly count: number;
}

/** How far a watch may be ahead of its script: so many parts; one above so many bytes. */
export const WINDOW = { parts: 64, bytes: 1024 * 1024 } as const;

/** Why a call failed, as a script sees it. */
export interface AnswerError {
  readonly name: string;
  readonly message: string;
  readonly hint?: string;
  /** HTTP status, where the API server answered. */
  readonly code?: number;
  readonly reason?: string;
  readonly causes?: readonly { readonly field?: string; readonly message: string }[];
}

/** Header of a `done` frame. */
export type DoneHeader =
  | {
    readonly ok: true;
    readonly type: "empty" | "string" | "json";
    readonly wholeCharacters?: number;
  }
  | {
    readonly ok: false;
    readonly kind: "syntax" | "error" | "memory" | "limit";
    readonly name: string;
    readonly message: string;
    readonly hint?: string;
    readonly line?: number;
    readonly column?: number;
    /** What else failed in the same script, a few of them. */
    readonly others?: readonly { readonly message: string; readonly line?: number }[];
    /** How many more there are. */
    readonly othersLeftOut?: number;
  };

/** Exit code of a child that found its own memory over the limit. */
export const MEMORY_EXIT_CODE = 86;

/** Resident memory up to which a child is kept for another script, in bytes. */
export const KEPT_BYTES = 192 * 1024 * 1024;

/** Headers are parsed by whoever reads them: a large one would hold the parent up. */
export const HEADER_LIMIT_BYTES = 128 * 1024;

const PREFIX = 13;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

/** A frame's head (all but the body), so that a large body is written as it is, never copied. */
export function encodeHead(
  type: number,
  id: number,
  header: unknown,
  bodyLength: number,
): Uint8Array<ArrayBuffer> {
  const json = header === undefined ? NOTHING : encoder.encode(JSON.stringify(header));
  const head = new Uint8Array(PREFIX + json.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, PREFIX - 4 + json.length + bodyLength, true);
  view.setUint8(4, type);
  view.setUint32(5, id, true);
  view.setUint32(9, json.length, true);
  head.set(json, PREFIX);
  return head;
}

/** A whole frame in one piece. */
export function encodeFrame(
  type: number,
  id: number,
  header: unknown,
  body: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  const head = encodeHead(type, id, header, body.length);
  if (body.length === 0) return head;
  const frame = new Uint8Array(head.length + body.length);
  frame.set(head);
  frame.set(body, head.length);
  return frame;
}

/** Where bytes come from: fills what it can of an array, null at the end (as `Deno.Reader`). */
export interface ByteSource {
  read(into: Uint8Array<ArrayBuffer>): Promise<number | null>;
}

/**
 * The frames of a source, one after the other; ends where the source ends between two frames. Bodies
 * are read straight into buffers of their own, so that a large one is neither copied nor kept twice.
 *
 * @param limitBytes a frame longer than this ends the reading
 * @throws {RangeError} a frame that is too long, cut off, or whose header is no JSON
 */
export async function* readFrames(
  source: ByteSource,
  limitBytes: number,
): AsyncGenerator<Frame> {
  const prefix = new Uint8Array(PREFIX);
  const view = new DataView(prefix.buffer);
  while (await fill(source, prefix, "between frames")) {
    const length = view.getUint32(0, true) - (PREFIX - 4);
    const headerLength = view.getUint32(9, true);
    if (length > limitBytes || length < 0) {
      throw new RangeError(`frame of ${length} bytes: the limit is ${limitBytes}`);
    }
    if (headerLength > length) throw new RangeError("header beyond its frame");
    if (headerLength > HEADER_LIMIT_BYTES) {
      throw new RangeError(`header of ${headerLength} bytes: the limit is ${HEADER_LIMIT_BYTES}`);
    }
    const header = new Uint8Array(headerLength);
    const body = new Uint8Array(length - headerLength);
    await fill(source, header);
    await fill(source, body);
    yield {
      type: view.getUint8(4),
      id: view.getUint32(5, true),
      header: headerLength === 0 ? undefined : parseHeader(header),
      body,
    };
  }
}

/** Fills an array from the source; false when the source ends before its first byte, where it may. */
async function fill(
  source: ByteSource,
  into: Uint8Array<ArrayBuffer>,
  end?: "between frames",
): Promise<boolean> {
  for (let at = 0; at < into.length;) {
    const count = await source.read(into.subarray(at));
    if (count === null) {
      if (end && at === 0) return false;
      throw new RangeError("the stream ended within a frame");
    }
    at += count;
  }
  return true;
}

/** A stream as a {@linkcode ByteSource}; `close` gives up what has not been read. */
export function streamSource(
  stream: ReadableStream<Uint8Array>,
): ByteSource & { close(): Promise<void> } {
  const reader = stream.getReader();
  let rest: Uint8Array = NOTHING;
  return {
    close: () => reader.cancel(),
    async read(into) {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        rest = value;
      }
      const count = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
  };
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new RangeError("header is not JSON", { cause });
  }
}
