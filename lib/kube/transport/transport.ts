/** The wire to one API server: kept connections, credentials, one way of saying what went wrong. */
import { ApiError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { createAuth, type RequestCredentials } from "../auth/auth.ts";
import { chooseProxy, type Environment, isLoopback } from "./proxy_choice.ts";
import { hostOf, portOf } from "./connect.ts";
import { cutAnswer, transportError, unknownOutcome } from "./errors.ts";
import { exchange, type ExchangeFailure } from "./http_exchange.ts";
import { createPool } from "./pool.ts";
import { proxyAuthorization } from "./proxy_tunnel.ts";
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
   * may take. A GET is given no longer than `connectTimeoutMs` until the server has answered once.
   */
  readonly responseTimeoutMs?: number;
  /** How long an unused connection is kept; 30 s by default. */
  readonly idleTimeoutMs?: number;
  /** How long an exec plugin may take; 60 s by default. */
  readonly execTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 60_000;
/**
 * Well under the 90 s after which the API server closes idle connections and the 60 s of common
 * load balancers: a write on a connection that is just being closed cannot be sent again.
 */
const IDLE_TIMEOUT_MS = 30_000;
const REDIRECT_LIMIT = 3;

/**
 * A transport for one API server.
 *
 * Connections are kept and used again: requests that follow one another travel on one connection,
 * with one TLS handshake. A request is sent twice in two cases only: it was refused (401) and its
 * credentials could be renewed; or it is a GET and its kept connection turned out to be closed.
 * A redirect is followed for a GET, and to the same path with or without a slash at its end only.
 *
 * @throws {ConfigError} a proxy in the environment that is no URL, a token that cannot be sent
 */
export function createTransport(access: ClusterAccess, options: TransportOptions): Transport {
  const server = new URL(access.server);
  const proxy = chooseProxy(server, access.proxyUrl, options.env);
  const auth = createAuth(access, { execTimeoutMs: options.execTimeoutMs });
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const responseTimeoutMs = options.responseTimeoutMs ?? RESPONSE_TIMEOUT_MS;
  const pool = createPool(
    { access, server, proxy, timeoutMs: connectTimeoutMs },
    options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
  );
  const baseHeaders = {
    Accept: "application/json",
    "User-Agent": options.userAgent,
    "Accept-Encoding": acceptEncoding(access, server),
  };
  let answered = false;
  let closed = false;

  async function sendWith(
    request: HttpRequest,
    credentials: RequestCredentials,
    signal: AbortSignal,
  ): Promise<Response> {
    const forProxy = proxy?.protocol.startsWith("http") && server.protocol === "http:";
    const authorization = forProxy && proxy ? proxyAuthorization(proxy) : undefined;
    const path = server.pathname.replace(/\/$/, "") + request.path;
    const patient = answered || request.method !== "GET";
    const attempt = () =>
      exchange({
        agent: pool.agent(credentials.clientCertificate),
        secure: server.protocol === "https:",
        host: hostOf(server),
        port: portOf(server),
        method: request.method,
        path: forProxy ? server.origin + path : path,
        headers: {
          ...baseHeaders,
          ...(authorization ? { "Proxy-Authorization": authorization } : {}),
          ...withoutIdentity(request.headers),
          ...credentials.headers,
        },
        body: request.body,
        signal,
        timeoutMs: patient ? responseTimeoutMs : Math.min(connectTimeoutMs, responseTimeoutMs),
        bodyError: (error, status) => {
          const plain = transportError(access, error ?? new Error("closed"));
          return request.method === "GET" ? plain : cutAnswer(request, status, plain);
        },
      });
    try {
      const response = await attempt().catch((failure: ExchangeFailure | unknown) => {
        if (signal.aborted || request.method !== "GET" || !isStaleConnection(failure)) {
          throw failure;
        }
        options.logger.debug("kept connection was closed; sending again", { path: request.path });
        pool.dropIdle();
        return attempt();
      });
      answered = true;
      return response;
    } catch (failure) {
      signal.throwIfAborted();
      const { error = failure, sent } = Object(failure) as Partial<ExchangeFailure>;
      const explained = await explain(error, signal);
      throw sent && request.method !== "GET" ? unknownOutcome(request, explained) : explained;
    }
  }

  /** A refused certificate is looked at, to say whether it has expired. */
  async function explain(error: unknown, signal: AbortSignal): Promise<ApiError> {
    const plain = transportError(access, error);
    if (plain.reason !== "Tls" || !/UNABLE_TO|SELF_SIGNED/.test(String(codeOf(error)))) {
      return plain;
    }
    const peer = await pool.inspect();
    signal.throwIfAborted();
    return transportError(access, error, peer);
  }

  /** Asks, and once more where the credentials were refused and can be renewed. */
  async function authenticated<Answer extends object>(
    ask: (credentials: RequestCredentials) => Promise<Answer | Response>,
    signal: AbortSignal,
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
    options.logger.debug("credentials were refused and renewed; sending again");
    return await ask(renewed);
  }

  async function openWith(
    request: SocketRequest,
    { headers, clientCertificate }: RequestCredentials,
    signal: AbortSignal,
  ): Promise<MessageSocket | Response> {
    // Loaded with the first session: most programs have none.
    const { openWebSocket } = await import("./websocket.ts");
    try {
      return await openWebSocket({
        connect: () => pool.connection(clientCertificate),
        url: access.server.replace(/^http/, "ws").replace(/\/$/, "") + request.path,
        protocols: request.protocols,
        headers: { "User-Agent": options.userAgent, ...headers },
        signal,
        timeoutMs: responseTimeoutMs,
        failure: (error) => transportError(access, error),
      });
    } catch (failure) {
      signal.throwIfAborted();
      const { error = failure, sent } = Object(failure) as Partial<ExchangeFailure>;
      const explained = await explain(error, signal);
      throw sent ? unknownOutcome({ method: "GET", ...request }, explained) : explained;
    }
  }

  function checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (!closed) return;
    throw new ApiError(
      `Cannot reach the API server "${access.server}" (context "${access.context}"): its connections were closed`,
      { status: 0, reason: "Unreachable", hint: "This program is ending; start it again." },
    );
  }

  return {
    async openSocket(request, signal) {
      checkOpen(signal);
      return await authenticated((credentials) => openWith(request, credentials, signal), signal);
    },
    async send(request, signal) {
      checkOpen(signal);
      let current = request;
      for (let redirects = 0;; redirects++) {
        const asked = current;
        const response = await authenticated<Response>(
          (credentials) => sendWith(asked, credentials, signal),
          signal,
        );
        const location = response.headers.get("location");
        if (![301, 302, 303, 307, 308].includes(response.status) || !location) return response;
        await response.body?.cancel();
        const path = redirectPath(access, server, current, location);
        if (path === undefined || redirects === REDIRECT_LIMIT) {
          throw redirectError(access, server, current, response.status, location);
        }
        current = { ...current, path };
      }
    },
    close() {
      closed = true;
      pool.close();
    },
  };
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

/** The headers of a request without those that say who asks: these are the kubeconfig's alone. */
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

/** The path to ask again for; undefined when a redirect must not be followed. */
function redirectPath(
  access: ClusterAccess,
  server: URL,
  request: HttpRequest,
  location: string,
): string | undefined {
  const base = new URL(access.server + request.path);
  if (request.method !== "GET" || !URL.canParse(location, base)) return undefined;
  const target = new URL(location, base);
  const prefix = server.pathname.replace(/\/$/, "");
  // The policy has decided about this path and no other; a slash at its end changes nothing.
  const same = target.pathname.replace(/\/$/, "") === base.pathname.replace(/\/$/, "");
  if (target.origin !== server.origin || !same || target.search !== base.search) return undefined;
  return target.pathname.slice(prefix.length) + target.search;
}

function redirectError(
  access: ClusterAccess,
  server: URL,
  request: HttpRequest,
  status: number,
  location: string,
): ApiError {
  // Without its query, in which login pages keep state.
  const target = URL.canParse(location, server) ? new URL(location, server) : undefined;
  const shown = target ? target.origin + target.pathname : "nowhere";
  return new ApiError(
    `Cannot ${request.method} "${
      request.path.split("?")[0]
    }": "${access.server}" (context "${access.context}") redirects to "${shown}"`,
    {
      status,
      reason: "Redirected",
      hint: "Is this the API server? A login page or a web console may stand at that address.",
    },
  );
}
