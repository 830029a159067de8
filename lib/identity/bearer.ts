/** The token of a request, and what is said to a client that has none or a bad one (RFC 6750). Pure. */
import type { Refusal } from "./types.ts";

/** Characters of a token; those of the largest identity providers have 4,000 with many groups. */
const TOKEN_CHARACTERS = 16 * 1024;

/** What a request carries: no token, one, or something that cannot be taken for one. */
export type Bearer =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "malformed"; readonly why: string };

/** Reads the token, from the one place where it may stand. */
export function readBearer({ headers, url }: Pick<Request, "headers" | "url">): Bearer {
  // Addresses are written into logs on the way.
  if (new URL(url).searchParams.has("access_token")) {
    return malformed("a token must not stand in the address; send it in the header Authorization");
  }
  const header = headers.get("authorization");
  if (header === null || !/^bearer( |$)/i.test(header)) return { kind: "none" };
  if (header.length > TOKEN_CHARACTERS) return malformed("the token is too long");
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1];
  // Several headers arrive as one, joined by commas, which no token has.
  return token === undefined
    ? malformed('there must be one header "Authorization: Bearer <token>"')
    : { kind: "token", token };
}

function malformed(why: string): Bearer {
  return { kind: "malformed", why };
}

/** What challenges tell besides. */
export interface ChallengeParts {
  /** Where the metadata of RFC 9728 is. */
  readonly metadataUrl?: string | undefined;
  /** What a token must be good for. */
  readonly scopes?: readonly string[] | undefined;
}

/** Refuses; without an error where nothing was tried, as RFC 6750 section 3.1 has it. */
export function refuse(
  status: Refusal["status"],
  message: string,
  { metadataUrl, scopes = [] }: ChallengeParts,
  error?: "invalid_request" | "invalid_token" | "insufficient_scope",
): Refusal {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ["realm", "kubecode"],
    ["error", error],
    ["error_description", error && message],
    ["scope", scopes.join(" ") || undefined],
    ["resource_metadata", metadataUrl],
  ];
  const words = parts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`]
  );
  return { status, message, challenge: `Bearer ${words.join(", ")}` };
}

/** Without what may not stand in a quoted value (RFC 6750 section 3). */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").replaceAll(/["\\]/g, "'");
}
