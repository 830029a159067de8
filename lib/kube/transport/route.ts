/** The way to one server, and one request or session on it: connection, headers, what went wrong. */
import type { ApiError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { CLOCK, type Clock } from "../../std/async.ts";
import type { RequestCredentials } from "../auth/auth.ts";
import { chooseProxy, type Environment, isLoopback } from "./proxy_choice.ts";
import { type ConnectOptions, hostOf, portOf } from "./connect.ts";
import { cutAnswer, transportError, unknownOutcome } from "./errors.ts";
import { type Exchange, exchange, type ExchangeFailure } from "./http_exchange.ts";
import { createPace } from "./pace.ts";
import type { ConnectionPool } from "./pool.ts";
import { proxyAuthorization } from "./proxy_tunnel.ts";
import type { ClusterAccess, HttpRequest, MessageSocket, SocketRequest } from "../types.ts";

/** How requests are made. */
export interface RouteOptions {
  /**
   * `kubecode/<version>`. Not beginning with `curl` or `Mozilla/5.0`: the API server would indent
   * its JSON, which is twice the bytes.
   */
  readonly userAgent: string;
  readonly logger: Logger;
  readonly env: Environment;
  /** For TCP, proxy and TLS of a new connection; 10 s by default. */
  readonly connectTimeoutMs?: number;
  /**
   * From a request to the headers of its answer; 60 s by default, as long as the API server itself
   * may take. Until the server has answered once, a GET may take no longer than `connectTimeoutMs`.
   */
  readonly responseTimeoutMs?: number;
  /** What timeouts go by; the system's clock by default. */
  readonly clock?: Clock;
}

const CONNECT_TIMEOUT_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 60_000;

/** What all requests to one server have in common. */
export interface Route {
  readonly access: ClusterAccess;
  readonly server: URL;
  readonly proxy: URL | undefined;
  readonly pool: ConnectionPool;
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Makes it. @throws {ConfigError} a proxy in the environment that is no URL */
export function createRoute(
  access: ClusterAccess,
  pool: ConnectionPool,
  options: RouteOptions,
): Route {
  const {
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
    responseTimeoutMs = RESPONSE_TIMEOUT_MS,
    clock = CLOCK,
    logger,
  } = options;
  const server = new URL(access.server);
  const proxy = chooseProxy(server, access.proxyUrl, options.env);
  const headers = {
    Accept: "application/json",
    "User-Agent": options.userAgent,
    "Accept-Encoding": acceptEncoding(access, server),
  };
  return {
    access,
    server,
    proxy,
    pool,
    headers,
    connectTimeoutMs,
    responseTimeoutMs,
    logger,
    clock,
  };
}

/** Sends a request; a GET once more where its kept connection turned out to be closed. */
export async function sendOn(
  route: Route,
  request: HttpRequest,
  { credentials, patient, signal }: {
    readonly credentials: RequestCredentials;
    /** It may take the whole response timeout. */
    readonly patient: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Response> {
  const attempt = () => exchange(toExchange(route, request, { credentials, patient, signal }));
  try {
    return await attempt().catch((failure: ExchangeFailure | unknown) => {
      if (signal.aborted || request.method !== "GET" || !isStaleConnection(failure)) throw failure;
      route.logger.debug("kept connection was closed; sending again", { path: request.path });
      route.pool.dropIdle();
      return attempt();
    });
  } catch (failure) {
    throw await explain(route, failure, signal, request.method === "GET" ? undefined : request);
  }
}

function toExchange(
  route: Route,
  request: HttpRequest,
  { credentials, patient, signal }: Parameters<typeof sendOn>[2],
): Exchange {
  const { access, server, proxy, pool, headers, connectTimeoutMs, responseTimeoutMs, clock } =
    route;
  // An HTTP proxy for plain HTTP is sent whole URLs.
  const forProxy = server.protocol === "http:" && proxy?.protocol.startsWith("http");
  const authorization = forProxy && proxy ? proxyAuthorization(proxy) : undefined;
  const path = server.pathname.replace(/\/$/, "") + request.path;
  return {
    agent: pool.agent(connectOptions(route, credentials)),
    secure: server.protocol === "https:",
    host: hostOf(server),
    port: portOf(server),
    method: request.method,
    path: forProxy ? server.origin + path : path,
    headers: {
      ...headers,
      ...(authorization ? { "Proxy-Authorization": authorization } : {}),
      ...withoutIdentity(request.headers),
      ...credentials.headers,
    },
    body: request.body,
    signal,
    clock,
    timeoutMs: patient ? responseTimeoutMs : Math.min(connectTimeoutMs, responseTimeoutMs),
    bodyError: (error, status) => {
      const plain = transportError(access, error ?? new Error("closed"));
      return request.method === "GET" ? plain : cutAnswer(request, status, plain);
    },
  };
}

function connectOptions(
  { access, server, proxy, connectTimeoutMs, clock }: Route,
  { clientCertificate }: Pick<RequestCredentials, "clientCertificate"> = {},
): ConnectOptions {
  return { access, server, proxy, clientCertificate, timeoutMs: connectTimeoutMs, clock };
}

/** Opens a session on it; an answer where the server refuses. */
export async function openOn(
  route: Route,
  request: SocketRequest,
  credentials: RequestCredentials,
  signal: AbortSignal,
): Promise<MessageSocket | Response> {
  // Loaded with the first session: most programs have none.
  const { openWebSocket } = await import("./websocket.ts");
  const { access, pool, clock } = route;
  const pace = createPace();
  try {
    return await openWebSocket({
      connect: () => pool.connection({ ...connectOptions(route, credentials), pace }),
      pace,
      url: access.server.replace(/^http/, "ws").replace(/\/$/, "") + request.path,
      protocols: request.protocols,
      bufferBytes: request.bufferBytes,
      headers: { "User-Agent": route.headers["User-Agent"]!, ...credentials.headers },
      signal,
      clock,
      timeoutMs: route.responseTimeoutMs,
      failure: (error) => transportError(access, error),
    });
  } catch (failure) {
    throw await explain(route, failure, signal, { method: "GET", ...request });
  }
}

/**
 * The error of a failed exchange. A refused certificate is looked at, to say whether it has expired.
 *
 * @param change the request, where it may have changed something once it was sent
 * @throws the signal's reason
 */
async function explain(
  route: Route,
  failure: unknown,
  signal: AbortSignal,
  change: HttpRequest | undefined,
): Promise<ApiError> {
  const { access, pool } = route;
  signal.throwIfAborted();
  const { error = failure, sent } = Object(failure) as Partial<ExchangeFailure>;
  let explained = transportError(access, error);
  if (explained.reason === "Tls" && /UNABLE_TO|SELF_SIGNED/.test(String(codeOf(error)))) {
    const peer = await pool.inspect(connectOptions(route));
    signal.throwIfAborted();
    explained = transportError(access, error, peer);
  }
  return sent && change ? unknownOutcome(change, explained) : explained;
}

/**
 * The API server compresses answers over 128 KB when asked to. That costs more time than it saves
 * on a link faster than about 500 Mbit/s (18 MB: 228 ms of work to save 14.6 MB), so not on
 * loopback and not inside the cluster; a private address may well be behind a slow VPN.
 */
function acceptEncoding(access: ClusterAccess, server: URL): "gzip" | "identity" {
  const near = isLoopback(server.hostname) || access.context === "in-cluster";
  return near || access.disableCompression ? "identity" : "gzip";
}

/** The headers of a request without those that identify the caller: the kubeconfig alone sets them. */
function withoutIdentity(headers: HttpRequest["headers"] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      !/^(?:authorization|proxy-authorization|impersonate-.*|host|x-remote-.*)$/i.test(name)
    ),
  );
}

function isStaleConnection(failure: unknown): boolean {
  const { error, reusedConnection } = failure as Partial<ExchangeFailure>;
  if (!reusedConnection) return false;
  return ["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(String(codeOf(error))) ||
    /hang up|closed|reset/i.test(String(error));
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
