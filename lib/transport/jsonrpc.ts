/** Lines to JSON-RPC messages, and the answers to those that are none. */
import { type JSONRPCMessage, parseJSONRPCMessage } from "@modelcontextprotocol/server";
import type { Line } from "./lines.ts";
import { parseExact } from "../std/json/exact.ts";

/**
 * The answer to a line that is no message. `id` is null where the line does not tell it.
 * @see {@link https://www.jsonrpc.org/specification#response_object}
 */
export interface Rejection {
  readonly jsonrpc: "2.0";
  readonly id: string | number | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** What a line turned out to hold. */
export type Parsed =
  | { readonly type: "message"; readonly message: JSONRPCMessage }
  | { readonly type: "rejected"; readonly answer: Rejection }
  /** Wrong, but an answer to us or of no known kind of request: not to be answered. */
  | { readonly type: "ignored"; readonly reason: string };

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** Messages in one batch. */
const MAX_BATCH = 100;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads one line. An empty one holds nothing; an array is a batch, which revision 2025-03-26
 * demands a server to take: its messages are answered one by one.
 *
 * @param limitBytes the limit that an overlong line went over, for its answer
 */
export function parseLine(line: Line, limitBytes: number): Parsed[] {
  if (line.type === "overlong") {
    const message = `Cannot read a message of ${line.length} bytes: the limit is ${limitBytes}`;
    return [rejected(idAtEdge(line.head, line.tail), INVALID_REQUEST, message)];
  }
  let text: string;
  try {
    text = utf8.decode(line.bytes);
  } catch {
    return [rejected(null, PARSE_ERROR, "Parse error: the line is not UTF-8")];
  }
  if (text.trim() === "") return [];
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return [rejected(null, PARSE_ERROR, "Parse error: the line is not JSON")];
  }
  if (!Array.isArray(value)) return [parseMessage(value)];
  if (value.length === 0 || value.length > MAX_BATCH) {
    const message = `Invalid Request: a batch has 1 to ${MAX_BATCH} messages, not ${value.length}`;
    return [rejected(null, INVALID_REQUEST, message)];
  }
  return value.map(parseMessage);
}

function parseMessage(value: unknown): Parsed {
  try {
    return { type: "message", message: parseJSONRPCMessage(value) };
  } catch {
    const fields: { readonly [field: string]: unknown } =
      typeof value === "object" && value !== null ? { ...value } : {};
    if (fields.method === undefined && ("result" in fields || "error" in fields)) {
      return { type: "ignored", reason: "a response that is not JSON-RPC 2.0" };
    }
    const { id } = fields;
    return rejected(
      typeof id === "string" || typeof id === "number" ? id : null,
      INVALID_REQUEST,
      `Invalid Request: not a JSON-RPC 2.0 message${fault(fields)}`,
    );
  }
}

/** The commonest faults by name; "" for others. */
function fault(fields: { readonly [field: string]: unknown }): string {
  if (fields.jsonrpc !== "2.0") return ' ("jsonrpc" must be "2.0")';
  if (typeof fields.method !== "string") return ' ("method" must be a string)';
  const { id, params } = fields;
  if ("id" in fields && typeof id !== "string" && !Number.isSafeInteger(id)) {
    return ' ("id" must be a string or an integer)';
  }
  if ("params" in fields && (typeof params !== "object" || params === null)) {
    return ' ("params" must be an object)';
  }
  return "";
}

function rejected(id: Rejection["id"], code: number, message: string): Parsed {
  return { type: "rejected", answer: { jsonrpc: "2.0", id, error: { code, message } } };
}

const ID = String.raw`"id"\s*:\s*(-?\d{1,15}|"[^"\\]{0,200}")`;
const ID_FIRST = new RegExp(String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?${ID}\s*,`);
const ID_LAST = new RegExp(String.raw`,\s*${ID}\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$`);

/**
 * The id of a request of which only the edges are left. Only where it must be the message's own:
 * among its first members, or the last before the closing brace.
 */
function idAtEdge(head: Uint8Array, tail: Uint8Array): string | number | null {
  const lenient = new TextDecoder();
  const found = ID_FIRST.exec(lenient.decode(head)) ?? ID_LAST.exec(lenient.decode(tail));
  return found ? JSON.parse(found[1]!) : null;
}
