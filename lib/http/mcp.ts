/**
 * Streamable HTTP on `/mcp`, without state: each request has a server of its own, and any replica may
 * get the next.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import type { Caller } from "../identity/caller.ts";
import type { Logger } from "../log.ts";
import type { ServerFactory } from "../server/server.ts";
import { whenSent } from "./answers.ts";
import { readJson } from "./body.ts";
import type { Route } from "./route.ts";

/** The protocol for one tenant. */
export interface Endpoint {
  answer(request: Request, body: unknown, caller: Caller): Promise<Response>;
  /** Ends the calls under way. */
  close(): Promise<void>;
}

/** Makes the protocol's side of a tenant. */
export function createEndpoint(server: ServerFactory, logger: Logger): Endpoint {
  const handler = createMcpHandler(server, {
    onerror: (error) => logger.info("protocol error", { error: error.message }),
  });
  return {
    answer: (request, parsedBody, caller) =>
      handler.fetch(request, { parsedBody, authInfo: authInfoOf(caller) }),
    close: () => handler.close(),
  };
}

/** What the protocol's side may know of a caller: never the token. */
function authInfoOf({ id, clientId, expiresAt }: Caller): AuthInfo {
  return {
    token: "",
    clientId: clientId ?? id,
    scopes: [],
    ...(expiresAt === undefined ? {} : { expiresAt: Math.floor(expiresAt / 1000) }),
    extra: { caller: id },
  };
}

/** Gives out the endpoint of a caller; `release` says that it is no longer used. */
export type EndpointOf = (
  caller: Caller,
) => Promise<{ readonly endpoint: Endpoint; release(): void }>;

/** The route of Streamable HTTP. */
export function mcpRoute(endpointOf: EndpointOf): Route {
  return {
    path: "/mcp",
    methods: ["POST"],
    async answer(request, { caller }) {
      const body = await readJson(request);
      const { endpoint, release } = await endpointOf(caller);
      try {
        return whenSent(await endpoint.answer(request, body, caller), release);
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}
