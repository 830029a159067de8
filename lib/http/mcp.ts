/**
 * Streamable HTTP on `/mcp`: each request is complete in itself, and any replica may get the next.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
import { HttpError, whenSent } from "./answers.ts";
import { readJson } from "./body.ts";
import type { EndpointOf } from "./endpoint.ts";
import type { Caller } from "../identity/caller.ts";
import type { Admit, Route } from "./route.ts";

/** The route of Streamable HTTP. */
export function mcpRoute(endpointOf: EndpointOf, admit?: Admit): Route {
  return {
    path: "/mcp",
    methods: ["POST", "GET", "DELETE"],
    async answer(request, { caller, held }) {
      // Only sessions of earlier revisions have streams of their own, and an end.
      if (request.method !== "POST" && !request.headers.has("mcp-session-id")) {
        throw new HttpError(405, `Cannot ${request.method} "/mcp" without a session`, {
          headers: { allow: "POST" },
        });
      }
      const body = request.method === "POST" ? await readJson(request, { held }) : undefined;
      const answered = letIn(admit, caller, toolCallsIn(body));
      let done = answered;
      try {
        const { endpoint, release } = await endpointOf(caller);
        done = () => {
          release();
          answered();
        };
        return whenSent(await endpoint.answer(request, body, caller), done);
      } catch (error) {
        done();
        throw error;
      }
    },
  };
}

/** How many calls of tools a message, or a batch of them, has. */
export function toolCallsIn(body: unknown): number {
  if (Array.isArray(body)) return body.filter((message) => toolCallsIn(message) > 0).length;
  const isCall = typeof body === "object" && body !== null && "method" in body &&
    body.method === "tools/call";
  return isCall ? 1 : 0;
}

/**
 * Lets so many calls in: all of them or none.
 *
 * @returns what says, once, that they are answered
 * @throws {HttpError} 503: there is no room
 */
export function letIn(admit: Admit | undefined, caller: Caller, count: number): () => void {
  const answered: (() => void)[] = [];
  const end = () => answered.splice(0).forEach((one) => one());
  try {
    for (let call = 0; admit !== undefined && call < count; call++) answered.push(admit(caller));
  } catch (error) {
    end();
    throw error;
  }
  return end;
}
