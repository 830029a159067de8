/**
 * The front of the HTTP server: what each request passes before it is answered. The order is: is it
 * asked under our name, is there such a path, is the body too large, who asks, is there room.
 */
import { LOCAL_CALLER } from "../identity/caller.ts";
import type { Identity, Refusal } from "../identity/types.ts";
import type { Logger } from "../log.ts";
import { errorAnswer, HttpError, whenSent } from "./answers.ts";
import { BODY_LIMIT_BYTES, createBodyRoom, tooLarge } from "./body.ts";
import { checkOrigin, crossOriginHeaders, type Origins, preflightHeaders } from "./origins.ts";
import type { Handle, Peer, Route, Watcher } from "./route.ts";

/** What the front is made of. */
export interface FrontParts {
  readonly routes: readonly Route[];
  readonly origins: Origins;
  /** Left out, everybody is whoever started the process. */
  readonly identity?: Identity;
  readonly watchers?: readonly Watcher[];
  readonly logger: Logger;
}

/** Makes what answers all requests of a server. */
export function createFront(
  { routes, origins, identity, watchers = [], logger }: FrontParts,
): Handle {
  const byPath = new Map(
    [...routes, ...identity?.routes ?? []].map((route) => [route.path, route]),
  );

  const hold = createBodyRoom();

  async function answer(request: Request, peer: Peer): Promise<Response> {
    checkOrigin(request, origins);
    const url = new URL(request.url);
    const route = byPath.get(url.pathname);
    if (route === undefined) {
      throw new HttpError(404, `There is nothing at "${url.pathname.slice(0, 100)}"`);
    }
    const browser = crossOriginHeaders(request.headers, origins);
    if (request.method === "OPTIONS" && "access-control-allow-origin" in browser) {
      return new Response(null, {
        status: 204,
        headers: { ...browser, ...preflightHeaders(route.methods) },
      });
    }
    if (!route.methods.includes(request.method)) {
      throw new HttpError(405, `Cannot ${request.method} "${route.path}"`, {
        headers: { allow: route.methods.join(", ") },
      });
    }
    // Before anybody is asked who they are, so that a large body costs nothing.
    if (Number(request.headers.get("content-length")) > BODY_LIMIT_BYTES) throw tooLarge();
    const verdict = route.open || identity === undefined
      ? { caller: LOCAL_CALLER }
      : await identity.authenticate(request, peer);
    if ("refused" in verdict) return withHeaders(refusal(verdict.refused), browser);
    const { caller } = verdict;
    const ends: ((status: number) => void)[] = [];
    const end = (status: number) => ends.forEach((end) => end(status));
    for (const watcher of watchers) {
      const begun = watcher.begin(request, { route, caller });
      if ("refused" in begun) {
        end(begun.refused.status);
        return withHeaders(begun.refused, browser);
      }
      ends.push(begun.end);
    }
    const response = await guarded(() => {
      const held = route.open || route.aboutProcess ? undefined : hold(caller);
      if (held) ends.push(held.release);
      return route.answer(request, { url, peer, caller, held });
    });
    return withHeaders(whenSent(response, () => end(response.status)), browser);
  }

  /** What goes wrong becomes an answer: a fault of the request, or one of ours. */
  async function guarded(make: () => Promise<Response> | Response): Promise<Response> {
    try {
      return await make();
    } catch (error) {
      if (error instanceof HttpError) {
        logger.info("request refused", { status: error.status, why: error.message });
        return errorAnswer(error);
      }
      logger.error("request failed unexpectedly", {
        error: error instanceof Error ? error.stack ?? String(error) : String(error),
      });
      return errorAnswer(
        new HttpError(500, "Internal error; the server's log says more", { code: -32603 }),
      );
    }
  }

  return (request, peer) => guarded(() => answer(request, peer));
}

function refusal({ status, challenge, retryAfter, message }: Refusal): Response {
  return errorAnswer(
    new HttpError(status, message, {
      headers: {
        ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      },
    }),
  );
}

function withHeaders(response: Response, added: Readonly<Record<string, string>>): Response {
  if (Object.keys(added).length === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}
