/**
 * Where clients find out who gives tokens for this server.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728}
 */
import type { Route } from "../http/route.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** What the metadata tells. */
export interface MetadataParts {
  /** The URL of the endpoint as clients know it; left out, what a request was sent to counts. */
  readonly publicUrl?: string | undefined;
  /** The path of the endpoint: `/mcp`. */
  readonly path: string;
  readonly issuer: string;
  readonly scopes?: readonly string[] | undefined;
}

/** The document at both well-known places: of the endpoint, and of the host for clients that look there. */
export function metadataRoutes(parts: MetadataParts): readonly Route[] {
  const answer: Route["answer"] = ({ url }) =>
    Response.json({
      resource: resourceOf(url, parts),
      authorization_servers: [parts.issuer],
      bearer_methods_supported: ["header"],
      ...(parts.scopes && parts.scopes.length > 0 ? { scopes_supported: parts.scopes } : {}),
      resource_name: "kubecode",
    }, { headers: { "cache-control": "max-age=300" } });
  return [...new Set([WELL_KNOWN, pathOf(parts)])].map((path) => ({
    path,
    methods: ["GET"],
    open: true,
    answer,
  }));
}

/** Where a client that was sent away finds it. */
export function metadataUrl(requestUrl: string, parts: MetadataParts): string {
  return new URL(pathOf(parts), resourceOf(requestUrl, parts)).href;
}

function resourceOf(requestUrl: string, { publicUrl, path }: MetadataParts): string {
  return publicUrl ?? new URL(path, requestUrl).href;
}

/** The path of the public URL goes behind the well-known one (RFC 9728, section 3.1). */
function pathOf({ publicUrl, path }: MetadataParts): string {
  const { pathname } = new URL(publicUrl ?? path, "http://localhost");
  return pathname === "/" ? WELL_KNOWN : `${WELL_KNOWN}${pathname}`;
}
