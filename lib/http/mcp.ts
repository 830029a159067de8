/**
 * Streamable HTTP on `/mcp`: each request is complete in itself, and any replica may get the next.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
import { HttpError, whenSent } from "./answers.ts";
import { readJson } from "./body.ts";
import type { EndpointOf } from "./endpoint.ts";
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
      const answered = admit && isToolCall(body) ? admit(caller) : () => {};
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

/** Whether a message, or one of a batch, calls a tool. */
export function isToolCall(body: unknown): boolean {
  if (Array.isArray(body)) return body.some(isToolCall);
  return typeof body === "object" && body !== null && "method" in body &&
    body.method === "tools/call";
}
