/**
 * A token for the cluster in exchange for that of a caller, from the issuer of both.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693}
 */
import { ConfigError } from "../../errors.ts";
import { type IssuerClient, IssuerError } from "./documents.ts";

/** How tokens are exchanged. */
export interface ExchangeSettings {
  /** Who this server is to the issuer. */
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** Whom the new token is for: the API server's client id. */
  readonly audience: string;
  readonly scopes?: readonly string[] | undefined;
}

/** A token and its end, in milliseconds since 1970. */
export interface ExchangedToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** Taken off its life: it must not end on its way. */
const LEEWAY_MS = 30_000;
/** Where the issuer does not say how long it is good. */
const UNKNOWN_LIFE_MS = 60_000;

/**
 * Exchanges a token. What fails is told without any token.
 *
 * @throws {ConfigError} the issuer gives none
 */
export async function exchangeToken(
  subject: string,
  endpoint: string,
  { clientId, clientSecret, audience, scopes = [] }: ExchangeSettings,
  client: IssuerClient,
  signal: AbortSignal,
): Promise<ExchangedToken> {
  const refuse = (why: string, cause?: unknown) =>
    new ConfigError(`Cannot act in the cluster as the caller: ${why}`, {
      hint: "The issuer must let this server exchange tokens (RFC 8693) for those of the cluster.",
      cause,
    });
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: subject,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience,
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    ...(clientSecret === undefined ? { client_id: clientId } : {}),
  });
  const words = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret ?? "")}`;
  const headers: Record<string, string> = clientSecret === undefined
    ? {}
    : { authorization: `Basic ${btoa(words)}` };
  let answer: Awaited<ReturnType<IssuerClient["post"]>>;
  try {
    answer = await client.post(endpoint, body, headers, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw refuse(
      error instanceof IssuerError ? error.message : "the issuer does not answer",
      error,
    );
  }
  const { error, access_token: token, expires_in: life } = answer.value;
  if (!answer.ok) {
    const told = typeof error === "string" && /^[a-z_]{1,60}$/.test(error) ? ` (${error})` : "";
    throw refuse(`the issuer refused to exchange the token${told}`);
  }
  if (typeof token !== "string" || token === "") throw refuse("the issuer gave no token");
  // The caller's own token is for this server alone.
  if (token === subject) throw refuse("the issuer gave the same token back");
  const lifeMs = typeof life === "number" && life > 0 ? life * 1000 : UNKNOWN_LIFE_MS;
  return { token, expiresAt: Date.now() + Math.max(lifeMs - LEEWAY_MS, lifeMs / 2) };
}
