/** MCP over standard input and output. */
import { serveStdio as serveConnection } from "@modelcontextprotocol/server/stdio";
import type { Logger } from "../log.ts";
import type { ServerFactory } from "../server/server.ts";
import { createWire, type WireOptions } from "./wire.ts";
import { onAbort } from "../std/async.ts";

/** Longest message that is read: 16 MiB. */
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;
/** Unwritten output above which reading pauses: 4 MiB. */
const OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024;
/** Time that unwritten output has once the connection ends: the client may not be reading. */
const DRAIN_MS = 500;

/** What is served to whom. */
export interface StdioOptions {
  readonly server: ServerFactory;
  /** The client's messages, one a line; closed by this function. */
  readonly input: ReadableStream<Uint8Array>;
  /** Ours; nothing else may write here. Closed by this function. */
  readonly output: WritableStream<Uint8Array>;
  /** Ends the connection, as the end of the input does. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Other bounds than the usual ones (16 MiB a line, 4 MiB unwritten, 500 ms to drain). */
  readonly limits?: Partial<Pick<WireOptions, "lineLimitBytes" | "outputLimitBytes" | "drainMs">>;
}

/**
 * Serves one client, of revision 2026-07-28 or an earlier one, as its first message tells.
 *
 * Resolves when the client has gone (its end of the input or the output is closed) or the signal
 * aborts; by then the signal of every call under way has aborted. Never rejects.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { server, input, output, signal, logger, limits } = options;
  const wire = createWire({
    input,
    output,
    logger,
    lineLimitBytes: LINE_LIMIT_BYTES,
    outputLimitBytes: OUTPUT_LIMIT_BYTES,
    drainMs: DRAIN_MS,
    ...limits,
  });
  const handle = serveConnection(server, {
    transport: wire.transport,
    onerror: (error) => logger.warn("connection error", { error: error.message }),
  });
  using _ = onAbort(signal, () => void handle.close());
  await wire.closed;
}
