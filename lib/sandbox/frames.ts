/**
 * Frames between the parent and a sandbox child, over its standard input and output.
 *
 * ```text
 * u32 length of what follows (little endian) | u8 type | u32 id | u32 header length | header (JSON) | body
 * ```
 *
 * The body is bytes that neither side parses on the way: an object's JSON, a page of a list, a log,
 * what goes through a pipe. All that comes from a child is untrusted: {@linkcode readFrames} bounds
 * lengths, and whoever reads a header validates it.
 */

/** Type of the frame by which every child says that it is warm and without permissions. */
export const READY = 3;

/** Its header. */
export interface ReadyHeader {
  /** Which build of the program the child is. */
  readonly build: string;
  /** Resident memory of the child as it sees it, in bytes: nothing that guards anything relies on it. */
  readonly residentBytes: number;
}

/** One frame. */
export interface Frame {
  readonly type: number;
  /** Number of the call it belongs to; 0 for none. */
  readonly id: number;
  readonly header: unknown;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Exit code of a child that found its own memory over the limit. */
export const MEMORY_EXIT_CODE = 86;

/** Resident memory up to which a child is kept for another script, in bytes. */
export const KEPT_BYTES = 192 * 1024 * 1024;

/** Headers are parsed by whoever reads them: a large one would hold the parent up. */
export const HEADER_LIMIT_BYTES = 128 * 1024;

/** Small frames come several at a read: one by a pipe costs as much as a thread's turn. */
const BUFFER_BYTES = 64 * 1024;
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
 * The frames of a source, one after the other; ends where the source ends between two frames. Large
 * bodies are read straight into buffers of their own, so that they are neither copied nor kept twice.
 *
 * @param limitBytes a frame longer than this ends the reading
 * @throws {RangeError} a frame that is too long, cut off, or whose header is no JSON
 */
export async function* readFrames(
  source: ByteSource,
  limitBytes: number,
): AsyncGenerator<Frame> {
  const fill = bufferedFill(source);
  const prefix = new Uint8Array(PREFIX);
  const view = new DataView(prefix.buffer);
  while (await fill(prefix, "between frames")) {
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
    await fill(header);
    await fill(body);
    yield {
      type: view.getUint8(4),
      id: view.getUint32(5, true),
      header: headerLength === 0 ? undefined : parseHeader(header),
      body,
    };
  }
}

/**
 * Fills arrays from a source, one after the other; false when the source ends before the first byte
 * of one, where it may.
 */
function bufferedFill(source: ByteSource) {
  const buffer = new Uint8Array(BUFFER_BYTES);
  let ready = buffer.subarray(0, 0);
  return async (into: Uint8Array<ArrayBuffer>, end?: "between frames"): Promise<boolean> => {
    for (let at = 0; at < into.length;) {
      const rest = into.subarray(at);
      if (ready.length > 0) {
        const taken = ready.subarray(0, rest.length);
        rest.set(taken);
        ready = ready.subarray(taken.length);
        at += taken.length;
        continue;
      }
      const isLarge = rest.length >= BUFFER_BYTES;
      const count = await source.read(isLarge ? rest : buffer);
      if (count === null) {
        if (end && at === 0) return false;
        throw new RangeError("the stream ended within a frame");
      }
      if (isLarge) at += count;
      else ready = buffer.subarray(0, count);
    }
    return true;
  };
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
