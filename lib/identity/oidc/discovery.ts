/** What an issuer says of itself: where its keys are, and where tokens are exchanged. */
import { isSafeUrl } from "./safe_url.ts";
import { type IssuerClient, IssuerError } from "./documents.ts";

/** What is used of it. */
export interface IssuerMetadata {
  readonly jwksUri: string;
  readonly tokenEndpoint?: string;
}

/** How long what it says is kept. */
const AGE_MS = 3_600_000;
/** How long it is kept where the issuer could not be asked again. */
const RETRY_MS = 60_000;

/**
 * Looks an issuer up, by OpenID Connect Discovery and by RFC 8414, and keeps what it says. Where it
 * cannot be asked again, what it said before stays good.
 */
export function createDiscovery(
  issuer: string,
  client: Pick<IssuerClient, "get">,
  now: () => number = Date.now,
): () => Promise<IssuerMetadata> {
  let known: { readonly metadata: IssuerMetadata; until: number } | undefined;
  let pending: Promise<IssuerMetadata> | undefined;
  const look = async () => {
    try {
      const metadata = await discover(issuer, client);
      known = { metadata, until: now() + AGE_MS };
      return metadata;
    } catch (error) {
      if (known === undefined) throw error;
      // Or everybody would wait for an issuer that takes its time to fail.
      known.until = now() + RETRY_MS;
      return known.metadata;
    } finally {
      pending = undefined;
    }
  };
  return async () => {
    if (known !== undefined && now() < known.until) return known.metadata;
    return await (pending ??= look());
  };
}

async function discover(
  issuer: string,
  client: Pick<IssuerClient, "get">,
): Promise<IssuerMetadata> {
  const value = await client.get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`)
    .catch(async (error) => {
      const { origin, pathname } = new URL(issuer);
      const path = pathname.replace(/\/$/, "");
      return await client.get(`${origin}/.well-known/oauth-authorization-server${path}`)
        .catch(() => {
          throw error;
        });
    });
  // OpenID Connect Discovery, section 4.3; RFC 8414, section 3.3.
  if (value.issuer !== issuer) throw new IssuerError("the issuer says that it is another one");
  const { jwks_uri: jwksUri, token_endpoint: tokenEndpoint } = value;
  if (typeof jwksUri !== "string" || !isSafeUrl(jwksUri)) {
    throw new IssuerError("the issuer names no place for its keys that can be trusted");
  }
  return {
    jwksUri,
    ...(typeof tokenEndpoint === "string" && isSafeUrl(tokenEndpoint) ? { tokenEndpoint } : {}),
  };
}
