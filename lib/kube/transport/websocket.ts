/**
 * A WebSocket (RFC 6455) over a connection from the pool. It uses `ws`, because the runtime's
 * WebSocket has no client certificates and no headers, and hides why a handshake was refused.
 */
import type http from "node:http";
import type net from "node:net";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { type Clock, onAbort, raceAbort } from "../../std/async.ts";
import { DeadlineReached } from "./errors.ts";
import { messageSocketOf, tokenOf } from "./message_socket.ts";
import type { Pace } from "./pace.ts";
import type { MessageSocket } from "../types.ts";

/** How a WebSocket is opened. */
interface OpenOptions {
  /** Opens the connection that it is spoken on. */
  readonly connect: () => Promise<net.Socket>;
  /** Of that connection. */
  readonly pace: Pace;
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly protocols: readonly string[];
  readonly bufferBytes?: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** From the request to the answer to it, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes an error of what goes wrong once it is open. */
  readonly failure: (error: unknown) => Error;
}

/** The largest message: those of remote commands have 32 KiB. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

/** Bytes of a refusal's body that are read. */
const REFUSAL_LIMIT_BYTES = 64 * 1024;

/**
 * Opens a WebSocket. Resolves to the response where the server refuses it.
 *
 * @throws the signal's reason, what opening a connection says, or `{error, sent: true}` with what the
 *   socket or `ws` says once the server may have been asked
 */
export async function openWebSocket(options: OpenOptions): Promise<MessageSocket | Response> {
  const { signal, timeoutMs, clock } = options;
  const connection = await connected(options.connect, signal);
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(
      options.url,
      options.protocols.map(tokenOf),
      {
        headers: options.headers as Record<string, string>,
        // A compressed message could be of any size once unpacked.
        perMessageDeflate: false,
        maxPayload: MESSAGE_LIMIT_BYTES,
        createConnection: () => connection,
        finishRequest: (request: http.ClientRequest) => {
          // With a space after the comma: not every server reads it without.
          request.setHeader("Sec-WebSocket-Protocol", options.protocols.join(", "));
          // Before `ws` looks at it.
          request.prependListener("upgrade", ({ headers }) => {
            const chosen = headers["sec-websocket-protocol"];
            if (chosen !== undefined) headers["sec-websocket-protocol"] = tokenOf(chosen);
          });
          request.end();
        },
      } as ConstructorParameters<typeof WebSocket>[2],
    );
    let aborting: Disposable | undefined = undefined;
    const settle = (act: () => void) => {
      timer[Symbol.dispose]();
      aborting?.[Symbol.dispose]();
      act();
    };
    const fail = (error: unknown) =>
      settle(() => {
        connection.destroy();
        reject(signal.aborted ? error : { error, sent: true });
      });
    const timer = clock.after(
      timeoutMs,
      () => fail(new DeadlineReached(`no answer within ${timeoutMs / 1000} s`)),
    );
    socket.on("error", fail); // Stays for good: a late error without a listener ends the process.
    // Paused where a proxy's answer was read from it; nothing comes before the request is sent.
    connection.resume();
    // Attached at once: messages may come with the answer to the handshake.
    const opened = messageSocketOf(socket, options);
    socket.once("open", () => {
      // Deno 2.7 never ends its own side of TLS, for which `ws` would wait half a minute.
      connection.once("end", () => connection.destroy());
      settle(() => resolve(opened));
    });
    socket.once("unexpected-response", (_, message) => {
      readRefusal(message).then((response) =>
        settle(() => {
          connection.destroy();
          resolve(response);
        })
      );
    });
    aborting = onAbort(signal, () => fail(signal.reason));
  });
}

/** The connection; one that comes after the signal's abort is closed. */
async function connected(
  connect: OpenOptions["connect"],
  signal: AbortSignal,
): Promise<net.Socket> {
  signal.throwIfAborted();
  const connecting = connect();
  connecting.then((socket) => {
    if (signal.aborted) socket.destroy();
  }, () => {});
  return await raceAbort(connecting, signal);
}

function readRefusal(message: http.IncomingMessage): Promise<Response> {
  const headers = new Headers();
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at]!, message.rawHeaders[at + 1]!);
  }
  const status = message.statusCode ?? 0;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const done = () => {
      const body = [204, 205, 304].includes(status) ? null : new Blob(chunks);
      resolve(new Response(body, { status, headers }));
    };
    message.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= REFUSAL_LIMIT_BYTES) done();
    });
    // The status alone is worth more than the fault of its body.
    message.on("end", done);
    message.on("error", done);
    message.on("close", done);
  });
}
