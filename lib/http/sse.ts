/**
 * HTTP with SSE, the transport of revision 2024-11-05, for old clients: a stream of events from `/sse`,
 * and messages posted to `/messages`. A session lives in this process, as long as its stream.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2024-11-05/basic/transports}
 */
import {
  type JSONRPCMessage,
  parseJSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { type Caller, keyOf } from "../identity/caller.ts";
import { HttpError } from "./answers.ts";
import { readJson } from "./body.ts";
import { authInfoOf, type EndpointOf } from "./endpoint.ts";
import { letIn, toolCallsIn } from "./mcp.ts";
import type { Admit, RequestInfo, Route } from "./route.ts";

/** Sessions at the same time, of all callers and of one. */
const SESSIONS = 1024;
const SESSIONS_OF_ONE = 64;
/** Bytes that a client has not read; beyond, it is given up. */
const UNREAD_BYTES = 8 * 1024 * 1024;
/** Time between two comments, so that nobody on the way takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;
/** What a timer can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Messages in one batch. */
const BATCH = 100;

/** One client. */
interface Session {
  readonly transport: Transport;
  readonly owner: string;
  /** By the ids of calls of tools that are not answered yet: what says that they are. */
  readonly calls: Calls;
}

type Calls = Map<unknown, () => void>;

/** The routes, which share their sessions. */
export function sseRoutes(endpointOf: EndpointOf, admit?: Admit): readonly Route[] {
  const sessions = new Map<string, Session>();

  async function open(signal: AbortSignal, caller: Caller): Promise<Response> {
    const owner = keyOf(caller);
    const own = [...sessions.values()].filter((session) => session.owner === owner).length;
    if (sessions.size >= SESSIONS || own >= SESSIONS_OF_ONE) {
      throw new HttpError(503, "Too many SSE sessions", { headers: { "retry-after": "5" } });
    }
    const id = crypto.randomUUID();
    const { endpoint, release } = await endpointOf(caller);
    const calls: Calls = new Map();
    const { transport, stream } = createEvents(`/messages?sessionId=${id}`, calls, () => {
      for (const answered of calls.values()) answered();
      clearTimeout(expiry);
      sessions.delete(id);
      release();
    });
    // A stream lasts no longer than the proof that it was opened with.
    const expiry =
      caller.expiresAt === undefined || caller.expiresAt - Date.now() > LONGEST_TIMER_MS
        ? undefined
        : setTimeout(() => void transport.close(), Math.max(caller.expiresAt - Date.now(), 0));
    signal.addEventListener("abort", () => void transport.close(), { once: true });
    sessions.set(id, { transport, owner, calls });
    try {
      await endpoint.connect(transport);
    } catch (error) {
      await transport.close();
      throw error;
    }
    return new Response(stream, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  async function post(request: Request, { url, caller, held }: RequestInfo): Promise<Response> {
    const session = sessions.get(url.searchParams.get("sessionId") ?? "");
    // Of another caller's session nobody learns that there is one.
    if (session === undefined || session.owner !== keyOf(caller)) {
      throw new HttpError(404, "There is no such session here: connect to /sse again", {
        code: -32001,
      });
    }
    const body = await readJson(request, { held });
    const values = Array.isArray(body) ? body : [body];
    if (values.length === 0 || values.length > BATCH) {
      throw new HttpError(400, `Invalid Request: a batch has 1 to ${BATCH} messages`, {
        code: -32600,
      });
    }
    let messages: JSONRPCMessage[];
    try {
      messages = values.map((value) => parseJSONRPCMessage(value));
    } catch {
      throw new HttpError(400, "Invalid Request: not a JSON-RPC 2.0 message", { code: -32600 });
    }
    begin(session.calls, messages, () => letIn(admit, caller, 1));
    for (const message of messages) {
      session.transport.onmessage?.(message, { authInfo: authInfoOf(caller), request });
    }
    return new Response("Accepted", { status: 202 });
  }

  return [
    {
      path: "/sse",
      methods: ["GET"],
      answer: (request, { caller }) => open(request.signal, caller),
    },
    {
      path: "/messages",
      methods: ["POST"],
      answer: post,
    },
  ];
}

/**
 * Lets the calls of some messages in, all of them or none, before any is handed on; a call that is cancelled is
 * not answered, and counts no more.
 *
 * @param admit lets one in
 * @throws {HttpError} an id is that of a call which is not answered yet; or there is no room
 */
function begin(calls: Calls, messages: readonly JSONRPCMessage[], admit: () => () => void): void {
  const begun = new Map<unknown, () => void>();
  try {
    for (const message of messages) {
      if (!("id" in message) || toolCallsIn(message) === 0) continue;
      if (calls.has(message.id) || begun.has(message.id)) {
        const id = JSON.stringify(message.id).slice(0, 60);
        throw new HttpError(400, `Invalid Request: a call with the id ${id} is not answered yet`, {
          code: -32600,
        });
      }
      begun.set(message.id, admit());
    }
  } catch (error) {
    for (const answered of begun.values()) answered();
    throw error;
  }
  for (const [id, answered] of begun) calls.set(id, answered);
  for (const message of messages) {
    if (!("method" in message) || message.method !== "notifications/cancelled") continue;
    const id = (message.params as { requestId?: unknown } | undefined)?.requestId;
    calls.get(id)?.();
    calls.delete(id);
  }
}

/** A transport whose messages to the client are the events of a stream. */
function createEvents(
  endpoint: string,
  calls: Calls,
  onClose: () => void,
): { readonly transport: Transport; readonly stream: ReadableStream<Uint8Array> } {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isClosed = false;
  const write = (text: string) => {
    if (isClosed || controller === undefined) return;
    const bytes = encoder.encode(text);
    controller.enqueue(bytes);
    // Less than nothing is room for what is not read.
    if ((controller.desiredSize ?? 0) < 0) void transport.close();
  };
  const keepAlive = setInterval(() => write(": keep-alive\n\n"), KEEP_ALIVE_MS);
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => void transport.close(),
  }, { highWaterMark: UNREAD_BYTES, size: ({ length }) => length });
  const transport: Transport = {
    start() {
      write(`event: endpoint\ndata: ${endpoint}\n\n`);
      return Promise.resolve();
    },
    send(message) {
      if (isClosed) return Promise.reject(new Error("the client has gone"));
      write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
      if ("id" in message && !("method" in message)) {
        calls.get(message.id)?.();
        calls.delete(message.id);
      }
      return Promise.resolve();
    },
    close() {
      if (isClosed) return Promise.resolve();
      isClosed = true;
      clearInterval(keepAlive);
      try {
        controller?.close();
      } catch {
        // Its reader has cancelled it.
      }
      onClose();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return { transport, stream };
}
