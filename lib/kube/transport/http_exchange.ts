/** One HTTP request and its answer, from `node:http` to a web `Response` with a streaming body. */
import http from "node:http";
import https from "node:https";
import { type Clock, onAbort } from "../../std/async.ts";
import { DeadlineReached } from "./errors.ts";
import { pushStream } from "./push_stream.ts";

/** One request, ready for the wire. */
export interface Exchange {
  readonly agent: http.Agent;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** Path and query; a whole URL for a plain HTTP proxy. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Until the answer's headers are here, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes an error of a connection that breaks while the body is read. */
  readonly bodyError: (error: unknown, status: number) => Error;
}

/** A failed exchange: whether its connection stood, and whether that had served another before. */
export interface ExchangeFailure {
  readonly error: unknown;
  /** The request, or a part of it, may have reached the server. */
  readonly sent: boolean;
  readonly reusedConnection: boolean;
}

/** Answers of 1xx before the one that counts. */
const INFORMATION_LIMIT = 16;

/** Bytes of a body held before the socket is paused. */
const BODY_BUFFER_BYTES = 256 * 1024;

/**
 * Sends a request and resolves when the answer's headers are here.
 *
 * @throws the signal's reason, or {@linkcode ExchangeFailure}
 */
export function exchange(options: Exchange): Promise<Response> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = (options.secure ? https : http).request({
      agent: options.agent,
      host: options.host,
      port: options.port,
      method: options.method,
      path: options.path,
      headers: {
        ...options.headers as Record<string, string | string[]>,
        ...(options.body ? { "Content-Length": String(options.body.byteLength) } : {}),
      },
    });
    // Deno's node:http sends whatever request, writes too, again by itself when a kept connection
    // was closed (denoland/deno#36786). It does so only while this flag is up; whether to send
    // again is decided by the caller.
    let reusedConnection = false;
    let sent = false;
    request.once("socket", () => {
      sent = true;
      reusedConnection = request.reusedSocket;
      request.reusedSocket = false;
    });
    const settle = () => {
      timer[Symbol.dispose]();
      aborting[Symbol.dispose]();
    };
    const fail = (error: unknown) => {
      settle();
      reject({ error, sent, reusedConnection } satisfies ExchangeFailure);
    };
    const timer = options.clock.after(options.timeoutMs, () => {
      fail(new DeadlineReached(`no answer within ${options.timeoutMs / 1000} s`));
      request.destroy();
    });
    const aborting = onAbort(signal, () => {
      settle();
      request.destroy();
      reject(signal.reason);
    });
    let hints = 0;
    request.on("information", () => {
      if (++hints <= INFORMATION_LIMIT) return;
      fail(new Error(`more than ${INFORMATION_LIMIT} answers before the answer`));
      request.destroy();
    });
    request.on("error", fail); // Stays for good: a late error without a listener ends the process.
    request.once("response", (message) => {
      settle();
      try {
        resolve(toResponse(message, options));
      } catch (error) {
        message.destroy();
        fail(error);
      }
    });
    request.end(options.body);
  });
}

function toResponse(message: http.IncomingMessage, options: Exchange): Response {
  const status = message.statusCode ?? 0;
  const headers = new Headers();
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i]!, message.rawHeaders[i + 1]!);
  }
  const init = { status, statusText: message.statusMessage, headers };
  if ([204, 205, 304].includes(status)) {
    message.resume();
    return new Response(null, init);
  }
  const bytes = bodyStream(message, options);
  if (headers.get("content-encoding")?.toLowerCase() !== "gzip") return new Response(bytes, init);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(bytes.pipeThrough(new DecompressionStream("gzip")), init);
}

function bodyStream(
  message: http.IncomingMessage,
  { signal, bodyError }: Exchange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return pushStream<Uint8Array<ArrayBuffer>>({
    signal,
    bufferBytes: BODY_BUFFER_BYTES,
    pause: () => message.pause(),
    resume: () => message.resume(),
    close: () => message.destroy(),
  }, ({ push, end, fail }) => {
    const broken = (error?: unknown) => fail(() => bodyError(error, message.statusCode ?? 0));
    message.on("data", push);
    message.on("end", () => message.complete ? end() : broken());
    message.on("error", broken);
    message.on("aborted", () => broken());
    message.on("close", () => broken());
  });
}
