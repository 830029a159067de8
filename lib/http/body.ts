/** Bodies of requests: JSON, of a bounded size and depth, that arrives in time. */
import { isJsonContentType } from "@modelcontextprotocol/server";
import { type Caller, keyOf } from "../identity/caller.ts";
import { concatBytes } from "../std/bytes.ts";
import { parseExact } from "../std/json/exact.ts";
import { HttpError } from "./answers.ts";
import type { Held } from "./route.ts";

/** The same as of a line on standard input. */
export const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** How long a body may take to arrive. */
const BODY_TIMEOUT_MS = 30_000;
/** Levels of arrays and objects in one another. */
const DEPTH = 512;

const PARSE_ERROR = -32700;

/** Bytes of bodies that are held at the same time: of all callers, and of one. */
const HELD_BYTES = 256 * 1024 * 1024;
const HELD_BYTES_OF_ONE = 64 * 1024 * 1024;
/** What a request counts for at least, so that small ones are bounded as well. */
const LEAST_BYTES = 256 * 1024;

/** Other bounds than the usual ones, and where what is read is counted. */
export interface BodyLimits {
  readonly limitBytes?: number;
  readonly timeoutMs?: number;
  readonly held?: Held | undefined;
}

/**
 * The room for bodies: as long as its request is under way, a body is in memory.
 *
 * @returns counts a request; throws 503 where its caller has too many under way
 */
export function createBodyRoom(): (caller: Caller) => Held {
  const owned = new Map<string, number>();
  let all = 0;
  return (caller) => {
    const key = keyOf(caller);
    // Where nobody says who they are, all are one.
    const limit = caller.how === "none" ? HELD_BYTES : HELD_BYTES_OF_ONE;
    let counted = 0;
    const count = (bytes: number) => {
      counted += bytes;
      all += bytes;
      const own = (owned.get(key) ?? 0) + bytes;
      if (own > 0) owned.set(key, own);
      else owned.delete(key);
    };
    const growTo = (bytes: number) => {
      const more = Math.max(bytes, LEAST_BYTES) - counted;
      if (more <= 0) return;
      if (all + more > HELD_BYTES || (owned.get(key) ?? 0) + more > limit) {
        throw new HttpError(503, "Too many requests, or too large ones, at once: try again later", {
          headers: { "retry-after": "1", connection: "close" },
        });
      }
      count(more);
    };
    growTo(0);
    return { grow: growTo, release: () => count(-counted) };
  };
}

/** The refusal of a large body. */
export function tooLarge(limitBytes = BODY_LIMIT_BYTES): HttpError {
  // What is on its way is not read; the connection is of no use after it.
  return new HttpError(413, `Cannot read a body of more than ${limitBytes} bytes`, {
    headers: { connection: "close" },
  });
}

/**
 * Reads the JSON of a request.
 *
 * @throws {HttpError} 400, 408, 413 or 415
 */
export async function readJson(
  request: Request,
  { limitBytes = BODY_LIMIT_BYTES, timeoutMs = BODY_TIMEOUT_MS, held }: BodyLimits = {},
): Promise<unknown> {
  const type = request.headers.get("content-type");
  if (!isJsonContentType(type)) {
    throw new HttpError(415, 'Cannot read the body: Content-Type must be "application/json"');
  }
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new HttpError(415, "Cannot read the body: Content-Encoding is not supported", {
      headers: { "accept-encoding": "identity" },
    });
  }
  const bytes = await readBytes(request, limitBytes, timeoutMs, held);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, "Parse error: the body is not UTF-8", { code: PARSE_ERROR });
  }
  if (isDeep(text)) {
    throw new HttpError(400, `Parse error: the body is nested more than ${DEPTH} levels deep`, {
      code: PARSE_ERROR,
    });
  }
  try {
    return parseExact(text);
  } catch {
    throw new HttpError(400, "Parse error: the body is not JSON", { code: PARSE_ERROR });
  }
}

async function readBytes(
  { body, headers }: Request,
  limitBytes: number,
  timeoutMs: number,
  held: Held | undefined,
): Promise<Uint8Array> {
  if (Number(headers.get("content-length")) > limitBytes) throw tooLarge(limitBytes);
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const why = `Cannot wait longer than ${timeoutMs / 1000} s for the body`;
    reject(new HttpError(408, why, { headers: { connection: "close" } }));
  }, timeoutMs);
  const parts: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  try {
    for (;;) {
      const { value, done } = await Promise.race([reader.read(), late]);
      if (done) break;
      length += value.length;
      if (length > limitBytes) throw tooLarge(limitBytes);
      held?.grow(length);
      parts.push(value);
    }
    isWhole = true;
    return parts.length === 1 ? parts[0]! : concatBytes(parts);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "Cannot read the body: it broke off", { code: PARSE_ERROR });
  } finally {
    clearTimeout(timer);
    if (!isWhole) reader.cancel().catch(() => {});
  }
}

/** Whether brackets are nested too deep; looked at before the text is parsed. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        if (depth > DEPTH) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the string that begins at a place has its closing quote, or the text its end. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}
