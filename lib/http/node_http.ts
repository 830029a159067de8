/** From the requests of `node:http` to those of the web, and back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Logger } from "../log.ts";
import { errorAnswer, HttpError } from "./answers.ts";
import type { Handle, Peer } from "./route.ts";

/** What a request is answered by. */
export interface Answering {
  readonly handle: Handle;
  readonly scheme: "http" | "https";
  readonly peer: Peer;
  readonly logger: Logger;
}

/** Answers one request; never rejects. */
export async function answerNode(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { handle, scheme, peer, logger }: Answering,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) {
      gone.abort(new DOMException("The client has gone", "AbortError"));
    }
  });
  outgoing.on("error", () => {});
  try {
    const request = requestOf(incoming, scheme, gone.signal);
    const response = request instanceof HttpError
      ? errorAnswer(request)
      : await handle(request, peer);
    await send(response, outgoing, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) logger.warn("answer broke off", { error: String(error) });
    outgoing.destroy();
  }
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
    const hasBody = method !== "GET" && method !== "HEAD";
    return new Request(new URL(url, `${scheme}://${headers.get("host") ?? "localhost"}`), {
      method,
      headers,
      signal,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array> } : {}),
    });
  } catch {
    return new HttpError(400, "Cannot read the request: its target or a header is malformed");
  }
}

async function send(
  response: Response,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
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
