/**
 * Which names a server is asked by, and from which web pages. A page of another site can have its own
 * name point here (DNS rebinding), but can neither forge the Host nor the Origin header.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports}
 */
import { isIP } from "node:net";
import { validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import { HttpError } from "./answers.ts";

const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** What may be asked for, and from where. */
export interface Origins {
  /** Host names besides localhost and bare addresses; `*` for any. */
  readonly hosts: readonly string[];
  /** Web pages, by host name, that may ask from a browser. */
  readonly pages: readonly string[];
  /** Nobody but this machine reaches the server: its own pages may ask. */
  readonly isLocal: boolean;
}

/**
 * Checks a request.
 *
 * @throws {HttpError} 403: it asks for a name that is not ours, or comes from a page of others
 */
export function checkOrigin(request: Request, { hosts, pages, isLocal }: Origins): void {
  const { headers } = request;
  // HTTP/2 has it in the URL.
  const asked = headers.get("host") ?? new URL(request.url).host;
  const host = validateHostHeader(asked, []);
  // A name is what rebinding takes; a page at a bare address has that address for its origin.
  if (
    !hosts.includes("*") && !(host.hostname !== undefined && isAllowedHost(host.hostname, hosts))
  ) {
    throw new HttpError(
      403,
      `Cannot answer for the host "${shortened(asked)}": name it in --allowed-hosts`,
    );
  }
  const allowed = isLocal ? [...LOCAL_NAMES, ...pages] : [...pages];
  const origin = headers.get("origin");
  // A page can have an image or a frame fetched from here; then there is no Origin.
  const from = headers.get("sec-fetch-site");
  if (origin === null && (from === "cross-site" || from === "same-site")) {
    throw new HttpError(403, "Cannot answer a web page that does not say which one it is");
  }
  if (!validateOriginHeader(origin, allowed).ok) {
    throw new HttpError(
      403,
      `Cannot answer a web page of "${
        shortened(origin ?? "")
      }": name its host in --allowed-origins`,
    );
  }
}

function isAllowedHost(name: string, hosts: readonly string[]): boolean {
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0 ||
    hosts.some((host) => host.toLowerCase() === name);
}

/**
 * What a browser has to be told so that a page which may ask gets the answer; nothing for the pages
 * of this machine, which are let in only as far as they need no leave of a browser.
 *
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol}
 */
export function crossOriginHeaders(headers: Headers, { pages }: Origins): Record<string, string> {
  const origin = headers.get("origin");
  if (origin === null || pages.length === 0 || !validateOriginHeader(origin, [...pages]).ok) {
    return {};
  }
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "mcp-session-id, www-authenticate, retry-after",
    vary: "origin",
  };
}

/** The answer to a browser that asks whether a page may send a request. */
export function preflightHeaders(methods: readonly string[]): Record<string, string> {
  return {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers":
      "authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id",
    "access-control-max-age": "600",
  };
}

function shortened(text: string): string {
  return text.slice(0, 100);
}
