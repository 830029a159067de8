/** Bodies of requests: JSON, of a bounded size and depth, that arrives in time. */
import { isJsonContentType } from "@modelcontextprotocol/server";
import { concatBytes } from "../std/bytes.ts";
import { parseExact } from "../std/exact_json.ts";
import { HttpError } from "./answers.ts";

/** The same as of a line on standard input. */
export const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** How long a body may take to arrive. */
const BODY_TIMEOUT_MS = 30_000;
/** Levels of arrays and objects in one another. */
const DEPTH = 512;

const PARSE_ERROR = -32700;

/** Other bounds than the usual ones. */
export interface BodyLimits {
  readonly limitBytes?: number;
  readonly timeoutMs?: number;
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
  { limitBytes = BODY_LIMIT_BYTES, timeoutMs = BODY_TIMEOUT_MS }: BodyLimits = {},
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
  const bytes = await readBytes(request, limitBytes, timeoutMs);
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
