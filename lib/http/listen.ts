/**
 * Listens for HTTP and HTTPS, on an address or a Unix socket. By the runtime's `node:http`: `Deno.serve`
 * (2.9.6) ends no connection whose request never comes, takes no other certificate while it runs, and
 * shows no certificate of a client.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { ConfigError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { listenError } from "../surroundings.ts";
import { createConnections, type Patience } from "./connections.ts";
import { answerNode } from "./node_http.ts";
import type { Handle } from "./route.ts";
import { readTlsFiles, type TlsFiles, tlsPeer, unusable } from "./tls_files.ts";
import { makePrivately, removeStaleSocket } from "./unix_socket.ts";

/** Where to listen. */
export type Address =
  | { readonly host: string; readonly port: number }
  | { readonly socket: string };

/** A server that listens. */
export interface Listener {
  /** `http://127.0.0.1:8080`, `unix:/run/kubecode.sock`. */
  readonly url: string;
  /**
   * Reads the certificate again, for new connections; those that are open go on.
   *
   * @throws {ConfigError} it cannot be used; the earlier one stays in use
   */
  reload(): Promise<void>;
  /** Takes no new connections; resolves when all requests under way are answered. */
  finish(): Promise<void>;
  /** Ends the requests under way as well. */
  close(): Promise<void>;
}

const PATIENCE: Patience = { headMs: 10_000, requestMs: 60_000 };
/** The connections' own table has all times: see connections.ts. */
const NO_TIMEOUTS = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 };

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Listens.
 *
 * @param files makes it HTTPS
 * @throws {ConfigError} somebody else listens there, it is none of this machine, or bad files
 */
export async function listen(
  address: Address,
  handle: Handle,
  logger: Logger,
  { files, patience = PATIENCE, connectionLimit }: {
    readonly files?: TlsFiles | undefined;
    readonly patience?: Patience;
    /** Connections at the same time; left out, as many as the process has room for. */
    readonly connectionLimit?: number | undefined;
  } = {},
): Promise<Listener> {
  const timeouts = { ...NO_TIMEOUTS, handshakeTimeout: patience.headMs };
  const connections = createConnections({
    patience,
    limit: connectionLimit,
    isSecure: files !== undefined,
  });
  let server: Server;
  let reload: Listener["reload"] = () => Promise.resolve();
  if (files === undefined) {
    server = createServer(timeouts, (incoming, outgoing) => {
      const peer = { address: incoming.socket.remoteAddress ?? "" };
      answerNode(incoming, outgoing, { handle, scheme: "http", peer, connections, logger });
    });
  } else {
    const secure = await secureServer(files, timeouts, (incoming, outgoing) => {
      const peer = tlsPeer(incoming.socket as TLSSocket);
      answerNode(incoming, outgoing, { handle, scheme: "https", peer, connections, logger });
    });
    secure.on("tlsClientError", ({ message }) => logger.info("TLS handshake failed", { message }));
    reload = async () => {
      const contents = await readTlsFiles(files);
      try {
        secure.setSecureContext(contents);
      } catch (cause) {
        throw unusable(files, cause);
      }
    };
    server = secure;
  }
  server.on("connection", connections.opened);
  const tidy = await listening(server, address);
  const watch = connections.watch();
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()))
    .finally(() => watch[Symbol.dispose]()).then(tidy);
  return {
    url: urlOf(address, server, files === undefined ? "http" : "https"),
    reload,
    async finish() {
      server.close();
      server.closeIdleConnections();
      await closed;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function secureServer(
  files: TlsFiles,
  timeouts: object,
  answer: RequestListener,
): Promise<SecureServer> {
  const [{ createServer }, contents] = await Promise.all([
    import("node:https"),
    readTlsFiles(files),
  ]);
  try {
    return createServer({
      ...timeouts,
      ...contents,
      // Whoever has none may have a token; what counts is decided by lib/identity.
      requestCert: files.clientCa !== undefined,
      rejectUnauthorized: false,
    }, answer);
  } catch (cause) {
    throw unusable(files, cause);
  }
}

/** Begins to listen; gives what removes all that is left of it. */
async function listening(server: Server, address: Address): Promise<() => Promise<void>> {
  const begun = (start: (done: () => void) => void) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(cannotListen(address, cause)));
      start(resolve);
    });
  if (!("socket" in address)) {
    await begun((done) => server.listen(address.port, address.host, done));
    return () => Promise.resolve();
  }
  await removeStaleSocket(address.socket);
  try {
    return await makePrivately(
      address.socket,
      (path) => begun((done) => server.listen(path, done)),
    );
  } catch (error) {
    server.close();
    throw error;
  }
}

function urlOf(address: Address, server: Server, scheme: string): string {
  if ("socket" in address) return `unix:${address.socket}`;
  const bound = server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : address.port;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${scheme}://${host}:${port}`;
}

/** Why nobody can listen somewhere. */
function cannotListen(address: Address, cause: unknown): ConfigError {
  const where = "socket" in address ? `"${address.socket}"` : `${address.host}:${address.port}`;
  return listenError(
    where,
    cause,
    "--host and --port say where to listen; port 0 takes a free one.",
  );
}
