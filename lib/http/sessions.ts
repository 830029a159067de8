/**
 * Sessions of Streamable HTTP for revisions before 2026-07-28. There the server asks a person by a
 * request of its own, whose answer has to find the call that waits for it: so a client gets a session,
 * in this process, where it can be asked and something may be to ask. All others get none.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management}
 */
import {
  type AuthInfo,
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { ServerFactory } from "../server/server.ts";
import { HttpError, whenSent } from "./answers.ts";

/** Sessions of one tenant at the same time; the one that was used longest ago goes first. */
const SESSIONS = 64;
const SESSION_HEADER = "mcp-session-id";

/** What a request comes with. */
interface RequestOptions {
  readonly parsedBody: unknown;
  readonly authInfo: AuthInfo;
}

/** The sessions of one tenant. */
export interface Sessions {
  /** Answers what belongs to a session, or begins one; undefined for all else. */
  answer(request: Request, options: RequestOptions): Promise<Response | undefined>;
  close(): Promise<void>;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Requests under way. */
  uses: number;
}

/** Makes the sessions of a tenant. */
export function createSessions(
  { server, isNeeded }: { readonly server: ServerFactory; readonly isNeeded: () => boolean },
): Sessions {
  const sessions = new Map<string, Session>();

  /** @throws {HttpError} all of them are in use */
  function makeRoom(): void {
    for (const [id, { transport, uses }] of sessions) {
      if (sessions.size < SESSIONS) return;
      if (uses > 0) continue;
      sessions.delete(id);
      void transport.close();
    }
    if (sessions.size < SESSIONS) return;
    throw new HttpError(503, `Cannot begin a session: ${SESSIONS} are in use`, {
      headers: { "retry-after": "5" },
    });
  }

  async function begin(): Promise<Session> {
    makeRoom();
    const id = crypto.randomUUID();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessionclosed: () => void sessions.delete(id),
    });
    const session = { transport, uses: 0 };
    await server().connect(transport);
    sessions.set(id, session);
    return session;
  }

  async function serve(session: Session, request: Request, options: RequestOptions) {
    session.uses += 1;
    const release = () => {
      session.uses -= 1;
    };
    try {
      return whenSent(await session.transport.handleRequest(request, options), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    async answer(request, options) {
      const { parsedBody } = options;
      if (isInitializeRequest(parsedBody)) {
        if (parsedBody.params.capabilities.elicitation === undefined || !isNeeded()) {
          return undefined;
        }
        return await serve(await begin(), request, options);
      }
      const id = request.headers.get(SESSION_HEADER);
      // Later revisions have no sessions, and pass over the header.
      if (id === null || isModern(request)) return undefined;
      const session = sessions.get(id);
      if (session === undefined) {
        throw new HttpError(
          404,
          "There is no such session here: initialize again; with several replicas, sessions of " +
            "revisions before 2026-07-28 need each client to stay with one",
          { code: -32001 },
        );
      }
      sessions.delete(id);
      sessions.set(id, session);
      return await serve(session, request, options);
    },
    async close() {
      const open = [...sessions.values()];
      sessions.clear();
      await Promise.all(open.map(({ transport }) => transport.close()));
    },
  };
}

function isModern({ headers }: Request): boolean {
  return (headers.get("mcp-protocol-version") ?? "") >= "2026-07-28";
}
