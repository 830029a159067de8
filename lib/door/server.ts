/**
 * The HTTP server of a door, on the loopback. It is that of `node:http`, since Deno's own gives no hold on
 * how fast a WebSocket is read: what a program sends would gather here when the pod is slower.
 */
import type { Buffer } from "node:buffer";
import http from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { listenError } from "../surroundings.ts";

/** A connection that is to speak another protocol, and what asked for it. */
export interface Upgrade {
  readonly message: http.IncomingMessage;
  readonly connection: Duplex;
  /** Bytes that came behind the request. */
  readonly head: Buffer;
}

/** How a server answers. */
export interface ServerParts {
  /** 0 for any that is free. */
  readonly port: number;
  /** The answer to a request; the signal aborts when whoever asked has left. */
  readonly answer: (request: Request, signal: AbortSignal) => Promise<Response>;
  /** Answers a request to speak another protocol, on its connection. */
  readonly upgrade: (request: Request, upgrade: Upgrade, signal: AbortSignal) => Promise<void>;
}

/** A running server. */
export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server on 127.0.0.1. */
export async function startServer({ port, answer, upgrade }: ServerParts): Promise<Server> {
  const connections = new Set<Duplex>();
  const server = http.createServer(async (message, response) => {
    const left = new AbortController();
    response.once("close", () => left.abort());
    const request = requestOf(message, left.signal);
    const answered = request === undefined
      ? new Response("bad request\n", { status: 400 })
      : await answer(request, left.signal);
    await write(answered, response);
    // A client may read no answer before it has sent all.
    message.resume();
  });
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  server.on("upgrade", (message, connection, head) => {
    const left = new AbortController();
    connection.on("error", () => left.abort()); // Unheard, it would end the process.
    connection.once("close", () => left.abort());
    const request = requestOf(message, left.signal);
    if (request === undefined) connection.destroy();
    else void upgrade(request, { message, connection, head }, left.signal);
  });
  // A client that keeps a connection is told of its end by nobody: what it sends then would be lost.
  server.keepAliveTimeout = 0;
  const listening = Promise.withResolvers<void>();
  server.once("error", (cause) => {
    const hint = "--port names another; without it a free one is taken.";
    listening.reject(listenError(`127.0.0.1:${port}`, cause, hint));
  });
  server.listen(port, "127.0.0.1", listening.resolve);
  await listening.promise;
  return {
    port: (server.address() as { readonly port: number }).port,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const connection of connections) connection.destroy();
      await closed.promise;
    },
  };
}

/** A request; undefined for one that is none (`CONNECT`, a target that is no path). */
function requestOf(message: http.IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", rawHeaders, url = "" } = message;
  const headers = new Headers();
  try {
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
    }
    const hasBody = headers.has("content-length") || headers.has("transfer-encoding");
    const body = hasBody && method !== "GET" && method !== "HEAD" ? bodyOf(message) : undefined;
    return new Request(new URL(url, "http://127.0.0.1"), { method, headers, body, signal });
  } catch {
    return undefined;
  }
}

/** The body of a request; what is left of it when nobody reads on is thrown away. */
function bodyOf(message: http.IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = message.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
      message.resume();
    },
  }, { highWaterMark: 0 });
}

/** Writes an answer as fast as it is taken. */
async function write(
  { status, headers, body }: Response,
  response: http.ServerResponse,
): Promise<void> {
  response.writeHead(status, Object.fromEntries(headers));
  if (body === null) return void response.end();
  // Of a watch the first event may be far away.
  response.flushHeaders();
  // Whoever asked may leave; that ends the answer.
  await pipeline(body, response).catch(() => response.destroy());
}
