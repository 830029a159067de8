/** The wire to one API server: kept connections, credentials, one way of saying what went wrong. */
import { ApiError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { CLOCK, type Clock } from "../../std/async.ts";
import { type Auth, createAuth, type RequestCredentials } from "../auth/auth.ts";
import { chooseProxy, type Environment, isLoopback } from "./proxy_choice.ts";
import { type ConnectOptions, hostOf, portOf } from "./connect.ts";
import { cutAnswer, transportError, unknownOutcome } from "./errors.ts";
import { type Exchange, exchange, type ExchangeFailure } from "./http_exchange.ts";
import { createPace } from "./pace.ts";
import { type ConnectionPool, createPool } from "./pool.ts";
import { proxyAuthorization } from "./proxy_tunnel.ts";
import { followRedirects } from "./redirects.ts";
import { createRenewable } from "./renewal.ts";
import type {
  ClusterAccess,
  HttpRequest,
  MessageSocket,
  SocketRequest,
  Transport,
} from "../types.ts";

/** How {@linkcode createTransport} works. */
export interface TransportOptions {
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
  /** How long an unused connection is kept; 30 s by default. */
  readonly idleTimeoutMs?: number;
  /** How long an exec plugin may take; 60 s by default. */
  readonly execTimeoutMs?: number;
  /** Is told what an exec plugin says to whoever logs in. */
  readonly tell?: (line: string) => void;
  /** What timeouts go by; the system's clock by default. */
  readonly clock?: Clock;
  /** Reads the access again, where it can change: its server refused the one that is known. */
  readonly renew?: () => Promise<ClusterAccess>;
}

/** A transport whose credentials and trust may be renewed while it is in use. */
export interface RenewableTransport extends Transport {
  /** Takes what is used from now on; requests under way end with what they began with. */
  adopt(access: ClusterAccess): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 60_000;
/**
 * Well under the 90 s after which the API server closes idle connections and the 60 s of common
 * load balancers: a write on a connection that is just being closed cannot be sent again.
 */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * A transport for one API server.
 *
 * Connections are kept and used again: requests that follow one another travel on one connection,
 * with one TLS handshake. A request is sent twice in two cases only: it was refused (401, or in the
 * handshake) and what it was sent with could be renewed; or it is a GET and its kept connection turned
 * out to be closed.
 * A redirect is followed for a GET, and to the same path with or without a slash at its end only.
 *
 * @throws {ConfigError} a proxy in the environment that is no URL, a token that cannot be sent
 */
export function createTransport(
  access: ClusterAccess,
  options: TransportOptions,
): RenewableTransport {
  const pool = createPool(options.idleTimeoutMs ?? IDLE_TIMEOUT_MS);
  const renewable = createRenewable(access, (latest) => ({
    route: createRoute(latest, pool, options),
    auth: createAuth(latest, { execTimeoutMs: options.execTimeoutMs, tell: options.tell }),
  }), options.renew);
  const { logger } = options;
  let answered = false;
  let closed = false;

  function checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (!closed) return;
    throw new ApiError(
      `Cannot reach the API server "${access.server}" (context "${access.context}"): its connections were closed`,
      { status: 0, reason: "Unreachable", hint: "This program is ending; start it again." },
    );
  }

  async function sendWith(
    route: Route,
    request: HttpRequest,
    credentials: RequestCredentials,
    signal: AbortSignal,
  ): Promise<Response> {
    const patient = answered || request.method !== "GET";
    const response = await sendOn(route, request, { credentials, patient, signal });
    answered = true;
    return response;
  }

  return {
    async openSocket(request, signal) {
      checkOpen(signal);
      return await renewable.ask(({ route, auth }) =>
        authenticated(
          auth,
          (credentials) => openOn(route, request, credentials, signal),
          { logger, signal },
        ), signal);
    },
    async send(request, signal) {
      checkOpen(signal);
      return await renewable.ask(
        ({ route, auth }) =>
          followRedirects(route, request, (asked) =>
            authenticated<Response>(
              auth,
              (credentials) => sendWith(route, asked, credentials, signal),
              { logger, signal },
            )),
        signal,
      );
    },
    login: () => renewable.current().auth.pending(),
    adopt: renewable.adopt,
    close() {
      closed = true;
      pool.close();
    },
  };
}

/** The way to one server: what all requests to it have in common. */
interface Route {
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

function createRoute(
  access: ClusterAccess,
  pool: ConnectionPool,
  options: TransportOptions,
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
async function sendOn(
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

async function openOn(
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

/** Asks, and once more where the credentials were refused and can be renewed. */
async function authenticated<Answer extends object>(
  auth: Auth,
  ask: (credentials: RequestCredentials) => Promise<Answer | Response>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Answer | Response> {
  const credentials = await auth.credentials(signal);
  const response = await ask(credentials);
  if (!(response instanceof Response)) return response;
  if (response.status !== 401 || !auth.refused(credentials)) return response;
  const renewed = await auth.credentials(signal).catch((error) => {
    response.body?.cancel().catch(() => {});
    throw error;
  });
  if (sameCredentials(credentials, renewed)) return response;
  await response.body?.cancel();
  logger.debug("credentials were refused and renewed; sending again");
  return await ask(renewed);
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

function sameCredentials(a: RequestCredentials, b: RequestCredentials): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
