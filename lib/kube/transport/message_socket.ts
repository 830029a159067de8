/** A WebSocket (RFC 6455) as messages that are read, and sent, no faster than they are taken. */
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { MessageSocket } from "../types.ts";
import type { Pace } from "./pace.ts";
import { pushStream } from "./push_stream.ts";

/** Bytes of messages held, where nothing else is said, before the connection is paused. */
const BUFFER_BYTES = 256 * 1024;

/**
 * The messages of a socket of `ws`, from now on.
 *
 * @param signal its abort ends the connection
 * @param failure makes an error of what goes wrong
 */
export function messageSocketOf(
  socket: WebSocket,
  { signal, bufferBytes = BUFFER_BYTES, failure, pace }: {
    readonly signal: AbortSignal;
    readonly bufferBytes?: number;
    readonly failure: (error: unknown) => Error;
    /** Of its connection, where that is one of TLS. */
    readonly pace?: Pace;
  },
): MessageSocket {
  const messages = pushStream<Uint8Array>({
    signal,
    bufferBytes,
    pause() {
      socket.pause();
      pace?.pause();
    },
    resume() {
      pace?.resume();
      if (socket.isPaused) socket.resume();
    },
    close: () => socket.terminate(),
  }, ({ push, end, fail }) => {
    socket.on("message", push);
    socket.on("error", (error) => fail(() => failure(error)));
    socket.on("close", end);
  });
  return {
    get protocol() {
      return protocolOf(socket.protocol);
    },
    messages,
    // What fails is told by the end of the messages.
    send: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
    ping() {
      if (socket.readyState === socket.OPEN) socket.ping();
    },
    close: () => socket.terminate(),
  };
}

/**
 * The name of a subprotocol for `ws`, which takes tokens only (RFC 6455, section 4.1): Kubernetes has one
 * with a slash in it, `SPDY/3.1+portforward.k8s.io`.
 */
export function tokenOf(protocol: string): string {
  return protocol.replaceAll("/", SLASH);
}

/** The subprotocol that such a name stands for. */
export function protocolOf(token: string): string {
  return token.replaceAll(SLASH, "/");
}

const SLASH = "%2F";
