/** Listens for HTTP on an address of this machine. */
import { ConfigError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Handle } from "./route.ts";

/** A server that listens. */
export interface Listener {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The port, which the system has chosen where 0 was asked for. */
  readonly port?: number;
  /** Takes no new connections; resolves when all requests under way are answered. */
  finish(): Promise<void>;
  /** Ends the requests under way as well. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Listens on an address.
 *
 * @throws {ConfigError} somebody else does, or it is none of this machine
 */
export function listen({ host, port }: Address, handle: Handle, logger: Logger): Listener {
  const ended = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: host,
      port,
      signal: ended.signal,
      onListen: () => {},
      onError: (error) => unexpected(logger, error),
    }, (request, { remoteAddr }) => handle(request, { address: remoteAddr.hostname }));
  } catch (cause) {
    throw cannotListen(`${host}:${port}`, cause);
  }
  return {
    url: `http://${inUrl(host)}:${server.addr.port}`,
    port: server.addr.port,
    finish: () => server.shutdown(),
    async close() {
      ended.abort();
      await server.finished;
    },
  };
}

/** An address as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** What the handler lets through; it lets nothing through. */
export function unexpected(logger: Logger, error: unknown): Response {
  logger.error("request failed unexpectedly", { error: String(error) });
  return new Response(null, { status: 500 });
}

/** Why nobody can listen somewhere. */
export function cannotListen(where: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message.replace(/ \(os error.*/, "") : String(cause);
  const inUse = cause instanceof Deno.errors.AddrInUse || /address in use|EADDRINUSE/i.test(why);
  return new ConfigError(
    `Cannot listen on ${where}: ${inUse ? "another program listens there" : why}`,
    { hint: "--host and --port say where to listen; port 0 takes a free one.", cause },
  );
}
