/** Redirects, followed for a GET and to the same path only: that one the policy has decided about. */
import { ApiError } from "../../errors.ts";
import type { ClusterAccess, HttpRequest } from "../types.ts";

const REDIRECT_LIMIT = 3;

/**
 * Sends a request and follows the redirects that a server answers with.
 *
 * @throws {ApiError} a redirect to another path or server, or one too many
 */
export async function followRedirects(
  { access, server }: { readonly access: ClusterAccess; readonly server: URL },
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<Response>,
): Promise<Response> {
  let current = request;
  for (let redirects = 0;; redirects++) {
    const response = await send(current);
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || !location) return response;
    await response.body?.cancel();
    const path = redirectPath(access, server, current, location);
    if (path === undefined || redirects === REDIRECT_LIMIT) {
      throw redirectError(access, server, current, response.status, location);
    }
    current = { ...current, path };
  }
}

/** The path of the next request; undefined when the redirect must not be followed. */
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
