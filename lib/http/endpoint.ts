/** The protocol's side of one tenant over HTTP: without state, and for old clients in sessions. */
import { type AuthInfo, createMcpHandler, type Transport } from "@modelcontextprotocol/server";
import type { Caller } from "../identity/caller.ts";
import type { Logger } from "../log.ts";
import type { ServerFactory } from "../server/server.ts";
import { createSessions } from "./sessions.ts";

/** The protocol for one tenant. */
export interface Endpoint {
  /** Answers a request to `/mcp`; the body is undefined where the method has none. */
  answer(request: Request, body: unknown, caller: Caller): Promise<Response>;
  /** Serves a connection over another transport. */
  connect(transport: Transport): Promise<void>;
  /** Ends the calls under way. */
  close(): Promise<void>;
}

/** Gives out the endpoint of a caller; `release` says that it is no longer used. */
export type EndpointOf = (
  caller: Caller,
) => Promise<{ readonly endpoint: Endpoint; release(): void }>;

/** What an endpoint is made of. */
export interface EndpointParts {
  readonly server: ServerFactory;
  /** Whether a call may have a question for a person: then earlier revisions need a session. */
  readonly mayAsk: () => boolean;
  readonly logger: Logger;
}

/** Makes the protocol's side of a tenant. */
export function createEndpoint({ server, mayAsk, logger }: EndpointParts): Endpoint {
  const handler = createMcpHandler(server, {
    onerror: (error) => logger.info("protocol error", { error: error.message }),
  });
  const sessions = createSessions({ server, isNeeded: mayAsk });
  const connected = new Set<Transport>();
  return {
    async answer(request, parsedBody, caller) {
      const options = { parsedBody, authInfo: authInfoOf(caller) };
      return await sessions.answer(request, options) ?? await handler.fetch(request, options);
    },
    async connect(transport) {
      connected.add(transport);
      const server = serverFor(transport);
      await server.connect(transport);
    },
    async close() {
      await Promise.all([
        handler.close(),
        sessions.close(),
        ...[...connected].map((transport) => transport.close()),
      ]);
    },
  };

  function serverFor(transport: Transport) {
    const made = server();
    const { onclose } = made;
    made.onclose = () => {
      connected.delete(transport);
      onclose?.();
    };
    return made;
  }
}

/** What the protocol's side may know of a caller: never the token. */
export function authInfoOf({ id, clientId, expiresAt }: Caller): AuthInfo {
  return {
    token: "",
    clientId: clientId ?? id,
    scopes: [],
    ...(expiresAt === undefined ? {} : { expiresAt: Math.floor(expiresAt / 1000) }),
  };
}
