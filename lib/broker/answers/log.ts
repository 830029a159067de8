/**
 * Logs that are read from their middle. What says that a line holds a secret may stand in the lines
 * before it (`- name: DB_PASSWORD`), so more is read than is shown, and judged together.
 */
import type { KubeClient } from "../../kube/client.ts";
import type { RequestOptions, ResourceRequest } from "../../kube/wire/request.ts";
import type { Span } from "../../redact/detect/spans.ts";
import { concatBytes } from "../../std/bytes.ts";
import type { BrokerAnswer } from "../types.ts";

/** Lines before those that are shown. */
export const LINES_BEFORE = 64;
/** Bytes that the lines before may have. */
const BYTES_BEFORE = 1024 * 1024;
/** Lines that may be written between two readings. */
const LINES_BETWEEN = 200;
/** Bytes by which one reading is found in another. */
const NEEDLE_BYTES = 64 * 1024;

/** A log, and what of it was asked for; all of it where nothing is said. */
export interface LogReading {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly part?: Span;
}

/** A part of an answer as the API server gave it. */
export interface Sent extends BrokerAnswer {
  /** What of its body was asked for, where more was read; in bytes. */
  readonly part?: Span;
}

/** How logs are asked for. */
export interface LogReader {
  readonly kube: Pick<KubeClient, "send">;
  readonly signal: AbortSignal;
}

/** Reads a log. Where it does not begin at its beginning, with lines before the part that was asked for. */
export async function readLog(request: ResourceRequest, reader: LogReader): Promise<LogReading> {
  const { tailLines, sinceSeconds, sinceTime, follow, limitBytes } = request.options ?? {};
  const isSince = sinceSeconds !== undefined || sinceTime !== undefined;
  if (tailLines === undefined && !isSince) return { body: await ask(request, {}, reader) };
  const limit = countOf(limitBytes);
  const tail = countOf(tailLines);
  const isSimple = tail !== undefined && !isSince && follow === undefined;
  const { body, start } = isSimple
    ? await tailOf(request, tail, limit, reader)
    : await withLinesBefore(request, reader);
  const end = limit === undefined ? body.length : Math.min(body.length, start + limit);
  return { body, part: { start, end } };
}

/** The last lines: the same request for some more. */
async function tailOf(
  request: ResourceRequest,
  tail: number,
  limit: number | undefined,
  reader: LogReader,
): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly start: number }> {
  // The API server counts them from the first line that is read.
  const bound = limit === undefined ? {} : { limitBytes: limit + BYTES_BEFORE };
  const body = await ask(request, { ...bound, tailLines: tail + LINES_BEFORE }, reader);
  return { body, start: startOfLast(body, tail) };
}

/**
 * The lines that were asked for, found again among the last lines of the log. Where they are not found
 * there, the first of them is left out, as the last one is of a log that was cut.
 */
async function withLinesBefore(
  request: ResourceRequest,
  reader: LogReader,
): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly start: number }> {
  return await behindOthers(await ask(request, {}, reader), request, reader);
}

/**
 * Lines of a log behind those that stand before them, which are looked for among its last lines. Where
 * they are not found there, the first line is left out: see {@linkcode readLog}.
 */
export async function behindOthers(
  asked: Uint8Array<ArrayBuffer>,
  request: ResourceRequest,
  reader: LogReader,
): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly start: number }> {
  if (asked.length === 0) return { body: asked, start: 0 };
  const around = await linesAround(asked);
  const at = around === undefined ? -1 : lineOf(around, asked);
  if (around === undefined || at < 0) return { body: asked, start: afterLine(asked) };
  const before = around.subarray(0, at);
  const near = before.subarray(startOfLast(before, LINES_BEFORE));
  return { body: concatBytes([near, asked]), start: near.length };

  async function linesAround(asked: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { stream } = request.options ?? {};
    // The API server takes no tail of one stream.
    const tailLines = stream === undefined || stream === "All"
      ? countLines(asked) + LINES_BEFORE + LINES_BETWEEN
      : undefined;
    const since = { sinceSeconds: undefined, sinceTime: undefined, follow: undefined };
    try {
      const limitBytes = asked.length + BYTES_BEFORE;
      return await ask(request, { ...since, limitBytes, tailLines }, reader);
    } catch (error) {
      if (reader.signal.aborted) throw error;
      return undefined;
    }
  }
}

function ask(
  request: ResourceRequest,
  changes: RequestOptions,
  { kube, signal }: LogReader,
): Promise<Uint8Array<ArrayBuffer>> {
  return kube.send({ ...request, options: { ...request.options, ...changes } }, signal);
}

/** A count; undefined for what the API server is to judge. */
function countOf(option: unknown): number | undefined {
  return /^[1-9]\d{0,11}$/.test(String(option)) ? Number(option) : undefined;
}

const NEWLINE = 10;

/** Where the last lines begin. */
export function startOfLast(log: Uint8Array, lines: number): number {
  let at = log.length;
  for (let left = lines; left > 0 && at > 0; left--) {
    // Not the newline that ends the line itself.
    at = at < 2 ? 0 : log.lastIndexOf(NEWLINE, at - 2) + 1;
  }
  return at;
}

function afterLine(log: Uint8Array): number {
  const newline = log.indexOf(NEWLINE);
  return newline < 0 ? log.length : newline + 1;
}

function countLines(log: Uint8Array): number {
  let lines = 0;
  for (let at = log.indexOf(NEWLINE); at >= 0; at = log.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines + (log.at(-1) === NEWLINE ? 0 : 1);
}

/** The line of a log with which a part of it begins; -1 where it does not hold it. */
function lineOf(log: Uint8Array<ArrayBuffer>, part: Uint8Array): number {
  const needle = part.subarray(0, NEEDLE_BYTES);
  const isHere = (at: number) => needle.every((byte, index) => log[at + index] === byte);
  // It begins among the first lines, so that there are few places to look at.
  for (let at = 0, lines = 0; lines <= LINES_BEFORE + LINES_BETWEEN + 1; lines++) {
    if (isHere(at)) return at;
    const newline = log.indexOf(NEWLINE, at);
    if (newline < 0) return -1;
    at = newline + 1;
  }
  return -1;
}
