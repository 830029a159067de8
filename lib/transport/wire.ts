/** MCP messages over a pair of byte streams, one line each. */
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import type { Logger } from "../log.ts";
import { parseLine, type Rejection } from "./jsonrpc.ts";
import { createLineSplitter } from "./lines.ts";

/** The two streams of a connection, and their bounds. */
export interface WireOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
  readonly logger: Logger;
  /** Longest line that is read, in bytes. */
  readonly lineLimitBytes: number;
  /** Unwritten output above which nothing more is read, in bytes. */
  readonly outputLimitBytes: number;
  /** How long output that is still unwritten may take once the connection ends, in milliseconds. */
  readonly drainMs: number;
}

/** A transport for the SDK, and the end of its connection. */
interface Wire {
  readonly transport: Transport;
  /** Resolves when the connection is over and both streams are let go. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * Replaces the SDK's transport, which ends the connection at an overlong line, gives no
 * answer to one that is not JSON, and reads on however much output is unwritten.
 *
 * A client that does not read its answers is not read from either. The connection is over when the
 * input ends or fails, when the output fails (the client has gone), or by `transport.close()`.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
export function createWire(options: WireOptions): Wire {
  const { logger, lineLimitBytes, outputLimitBytes, drainMs } = options;
  const reader = options.input.getReader();
  const writer = options.output.getWriter();
  const encoder = new TextEncoder();
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  let unwritten = 0;
  let written = Promise.resolve();
  let closing: Promise<void> | undefined;

  const write = async (message: JSONRPCMessage | Rejection): Promise<void> => {
    if (closing) return;
    const bytes = encoder.encode(`${JSON.stringify(message)}\n`);
    unwritten += bytes.length;
    written = writer.write(bytes).then(() => {
      unwritten -= bytes.length;
    }, (error) => {
      logger.info("client no longer reads", { error: String(error) });
      transport.close();
    });
    await written;
  };

  const read = async () => {
    const split = createLineSplitter(lineLimitBytes);
    while (!closing) {
      const { value: chunk, done } = await reader.read();
      if (done) break;
      for (const line of split(chunk)) {
        for (const parsed of parseLine(line, lineLimitBytes)) {
          if (parsed.type === "message") transport.onmessage?.(parsed.message);
          if (parsed.type === "ignored") logger.warn("message ignored", { reason: parsed.reason });
          if (parsed.type === "rejected") {
            logger.warn("message rejected", { reason: parsed.answer.error.message });
            write(parsed.answer);
          }
        }
      }
      if (unwritten > outputLimitBytes) await Promise.race([written, closed]);
    }
    // What has arrived before the end and needs no waiting for is still answered.
    if (!closing) await new Promise((resolve) => setTimeout(resolve));
  };

  const close = async () => {
    transport.onclose?.();
    const ended = Promise.allSettled([reader.cancel(), writer.close()]);
    if (!await settles(ended, drainMs)) {
      writer.abort().catch(() => {});
    }
    onClosed();
  };

  const transport: Transport = {
    start() {
      read().catch((error) => logger.warn("cannot read from the client", { error: String(error) }))
        .finally(() => transport.close());
      return Promise.resolve();
    },
    send: write,
    close: () => closing ??= close(),
  };
  return { transport, closed };
}

/** Whether a promise that does not reject resolves in time. */
async function settles(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
