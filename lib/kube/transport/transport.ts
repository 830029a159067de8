/** The wire to one API server: credentials, and when a request is sent a second time. */
import { ApiError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { type Auth, createAuth, type RequestCredentials } from "../auth/auth.ts";
import { createPool } from "./pool.ts";
import { followRedirects } from "./redirects.ts";
import { createRenewable } from "./renewal.ts";
import { createRoute, openOn, type Route, type RouteOptions, sendOn } from "./route.ts";
import type { ClusterAccess, HttpRequest, Transport } from "../types.ts";

/** How {@linkcode createTransport} works. */
export interface TransportOptions extends RouteOptions {
  /** How long an unused connection is kept; 30 s by default. */
  readonly idleTimeoutMs?: number;
  /** How long an exec plugin may take; 60 s by default. */
  readonly execTimeoutMs?: number;
  /** Is told what an exec plugin says to whoever logs in. */
  readonly tell?: (line: string) => void;
  /** Reads the access again, where it can change: its server refused the one that is known. */
  readonly renew?: () => Promise<ClusterAccess>;
}

/** A transport whose credentials and trust may be renewed while it is in use. */
export interface RenewableTransport extends Transport {
  /** Takes what is used from now on; requests under way end with what they began with. */
  adopt(access: ClusterAccess): void;
}

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

function sameCredentials(a: RequestCredentials, b: RequestCredentials): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
