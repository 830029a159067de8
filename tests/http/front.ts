/** The front of the HTTP server in this process, over a server of fixtures. */
import { createEndpoint } from "../../lib/http/endpoint.ts";
import { createFront, type FrontParts } from "../../lib/http/front.ts";
import type { Patience } from "../../lib/http/connections.ts";
import { listen, type Listener } from "../../lib/http/listen.ts";
import { mcpRoute } from "../../lib/http/mcp.ts";
import type { TlsFiles } from "../../lib/http/tls_files.ts";
import { createLogger, type Logger } from "../../lib/log.ts";
import { fixtureServer } from "./fixture_server.ts";

/** A listener, which ends at the end of its block. */
export interface Front extends AsyncDisposable {
  readonly listener: Listener;
  readonly url: URL;
}

/** Listens on a free port, unless another address is given. */
export async function startFront(
  parts: Partial<FrontParts> & {
    readonly files?: TlsFiles;
    readonly patience?: Patience;
    readonly socket?: string;
    readonly connectionLimit?: number;
    readonly logger?: Logger;
  } = {},
): Promise<Front> {
  const { files, patience, socket, connectionLimit, logger = createLogger("silent") } = parts;
  const endpoint = createEndpoint({ server: fixtureServer, mayAsk: () => true, logger });
  const front = createFront({
    origins: { hosts: [], pages: [], isLocal: true },
    logger,
    ...parts,
    routes: [
      mcpRoute(() => Promise.resolve({ endpoint, release() {} })),
      ...parts.routes ?? [],
    ],
  });
  const address = socket === undefined ? { host: "127.0.0.1", port: 0 } : { socket };
  const listener = await listen(address, front, logger, {
    files,
    connectionLimit,
    ...(patience && { patience }),
  });
  return {
    listener,
    url: new URL(socket === undefined ? `${listener.url}/mcp` : listener.url),
    async [Symbol.asyncDispose]() {
      await endpoint.close();
      await listener.close();
    },
  };
}
