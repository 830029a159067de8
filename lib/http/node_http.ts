/** From the requests of `node:http` to those of the web, and back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../log.ts";
import { errorAnswer, HttpError } from "./answers.ts";
import { BODY_LIMIT_BYTES } from "./body.ts";
import type { Connections } from "./connections.ts";
import type { Handle, Peer } from "./route.ts";

/** What a request is answered by. */
export interface Answering {
  readonly handle: Handle;
  readonly scheme: "http" | "https";
  readonly peer: Peer;
  readonly connections: Connections;
  readonly logger: Logger;
}

/** Answers one request; never rejects. */
export async function answerNode(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { handle, scheme, peer, connections, logger }: Answering,
): Promise<void> {
  const done = connections.begin(incoming, outgoing);
  if (done === undefined) {
    incoming.socket.destroy();
    return;
  }
  const gone = new AbortController();
  outgoing.once("close", () => {
    done();
    if (!outgoing.writableFinished) {
      gone.abort(new DOMException("The client has gone", "AbortError"));
    }
  });
  outgoing.on("error", () => {});
  incoming.on("error", () => {});
  try {
    const request = requestOf(incoming, scheme, gone.signal);
    const response = request instanceof HttpError
      ? errorAnswer(request)
      : await handle(request, peer);
    if (!incoming.complete && !isBounded(incoming)) outgoing.setHeader("connection", "close");
    await send(response, outgoing, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) logger.warn("answer broke off", { error: String(error) });
    outgoing.destroy();
  } finally {
    passOver(incoming);
  }
}

/** Whether what nobody has read of a body is worth passing over, for the next request behind it. */
function isBounded({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? Infinity) <= BODY_LIMIT_BYTES;
}

/** Lets the rest of a body go by. */
function passOver(incoming: IncomingMessage): void {
  incoming.removeAllListeners("data");
  if (isBounded(incoming)) incoming.resume();
}

function requestOf(
  incoming: IncomingMessage,
  scheme: string,
  signal: AbortSignal,
): Request | HttpError {
  const { method = "GET", url = "/", rawHeaders } = incoming;
  try {
    const headers = new Headers();
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
    }
    const host = headers.get("host") ?? "localhost";
    const target = URL.parse(url, `${scheme}://${host}`);
    if (target === null || !HOST.test(host) || !isAsWritten(url, target, scheme, host)) {
      return new HttpError(400, "Cannot read the request: its target or its Host is malformed");
    }
    const hasBody = method !== "GET" && method !== "HEAD";
    return new Request(target, {
      method,
      headers,
      signal,
      ...(hasBody ? { body: bodyOf(incoming) } : {}),
    });
  } catch {
    return new HttpError(400, "Cannot read the request: its target or a header is malformed");
  }
}

/** A name or an address, and a port: no user, no path, no escapes. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?$/i;

/**
 * Whether a target is a path and nothing else than it looks like: what is in front of this server may
 * have decided by the text of it. `//evil.example/mcp`, `/x/../mcp` and `/\mcp` are read in several ways.
 */
function isAsWritten(text: string, { pathname }: URL, scheme: string, host: string): boolean {
  const whole = `${scheme}://${host}`;
  const path = (text.startsWith(`${whole}/`) ? text.slice(whole.length) : text).split(/[?#]/)[0];
  return path === pathname && !path.startsWith("//") && !text.includes("#");
}

/**
 * The body, read as it is asked for. Not by `Readable.toWeb`, which in Deno 2.9.6 ends the process when
 * a body is given up while more of it arrives; nor by iterating, which would close the connection
 * before it has its answer.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let onData: (chunk: Uint8Array) => void;
  let isOver = false;
  const end = (act: () => void) => {
    if (isOver) return;
    isOver = true;
    incoming.off("data", onData);
    act();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      onData = (chunk) => {
        incoming.pause();
        controller.enqueue(new Uint8Array(chunk));
      };
      incoming.on("data", onData);
      incoming.pause();
      incoming.once("end", () => end(() => controller.close()));
      const fail = () => end(() => controller.error(new Error("the body broke off")));
      incoming.on("error", fail);
      incoming.once("close", fail);
    },
    pull: () => void incoming.resume(),
    cancel: () => end(() => incoming.pause()),
  }, { highWaterMark: 0 });
}

async function send(
  response: Response,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  // Whether the connection stays is a matter of this side and the client, not of the answer's maker.
  const headers = [...response.headers].filter(([name, value]) =>
    name !== "connection" || value === "close"
  );
  outgoing.writeHead(response.status, headers.flat());
  // The head is an answer of its own where a stream begins with nothing.
  outgoing.flushHeaders();
  const reader = response.body?.getReader();
  if (reader === undefined) {
    outgoing.end();
    return;
  }
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) break;
      if (!outgoing.write(value)) await drained(outgoing, signal);
    }
    outgoing.end();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function drained(outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    outgoing.once("drain", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
