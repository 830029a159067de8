/**
 * Tokens that an issuer has signed (RFC 7519, RFC 9068), checked against the keys that it publishes.
 */
import { createHash } from "node:crypto";
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
} from "jose";
import type { TokenAuthenticator, TokenVerdict } from "../types.ts";
import { type Algorithm, ALGORITHMS } from "./algorithms.ts";
import { callerOfClaims, type ClaimNames, scopesOf } from "./claims.ts";
import type { IssuerMetadata } from "./discovery.ts";
import { type IssuerClient, IssuerError } from "./documents.ts";

/** What tokens must be like. */
export interface JwtSettings extends ClaimNames {
  /** One of them must be in the token. */
  readonly audiences: readonly string[];
  readonly algorithms?: readonly Algorithm[] | undefined;
  /** All of them must be. */
  readonly requiredScopes?: readonly string[] | undefined;
}

/** Seconds by which clocks may differ. */
const SKEW_S = 30;
/** How long keys are kept, so that one that was withdrawn is good for no longer than that. */
const KEYS_AGE_MS = 600_000;
/** The least time between two looks for a key that is not known. */
const COOLDOWN_MS = 30_000;

/** What it is made of. */
export interface JwtParts {
  readonly settings: JwtSettings;
  readonly client: IssuerClient;
  readonly discover: () => Promise<Pick<IssuerMetadata, "jwksUri">>;
  /** The caller has the token with them, to be exchanged. */
  readonly keepToken?: boolean;
  readonly cooldownMs?: number;
}

/** Knows the tokens of one issuer. */
export function createJwtAuthenticator(
  { settings, client, discover, keepToken = false, cooldownMs = COOLDOWN_MS }: JwtParts,
): TokenAuthenticator {
  const { issuer, audiences, algorithms = ALGORITHMS, requiredScopes = [] } = settings;
  let keys: { readonly uri: string; readonly find: ReturnType<typeof createRemoteJWKSet> };

  async function keysOf() {
    const { jwksUri: uri } = await discover();
    if (keys?.uri !== uri) {
      const find = createRemoteJWKSet(new URL(uri), {
        cooldownDuration: cooldownMs,
        cacheMaxAge: KEYS_AGE_MS,
        [customFetch]: async (url) => Response.json(await client.get(url)),
      });
      keys = { uri, find };
    }
    return keys.find;
  }

  async function verdictOf(token: string): Promise<TokenVerdict> {
    const { payload } = await jwtVerify(token, await keysOf(), {
      issuer,
      audience: [...audiences],
      algorithms: [...algorithms],
      clockTolerance: SKEW_S,
      requiredClaims: ["exp", "sub"],
    });
    const found = callerOfClaims(payload, settings);
    if ("invalid" in found) return found;
    const scopes = scopesOf(payload);
    const missing = requiredScopes.filter((scope) => !scopes.includes(scope));
    if (missing.length > 0) return { missingScopes: missing };
    // As long as the token itself is taken.
    const expiresAt = (payload.exp! + SKEW_S) * 1000;
    const caller = { ...found.caller, expiresAt };
    if (!keepToken) return { caller };
    return { caller: { ...caller, id: `${caller.id}#${rightsOf(payload)}`, token } };
  }

  return {
    async authenticate(token) {
      if (claimedBy(token) !== issuer) return undefined;
      try {
        return await verdictOf(token);
      } catch (error) {
        if (error instanceof IssuerError) return { unavailable: error.message };
        return isKeyFault(error)
          ? { unavailable: "the issuer's keys cannot be read" }
          : { invalid: faultOf(error) };
      }
    },
  };
}

/** What comes with each token anew, and gives no rights. */
const OF_ONE_TOKEN = new Set(["exp", "iat", "nbf", "jti", "uti"]);

/**
 * A name of all that a token says. What is got in exchange depends on it: a token of fewer scopes must
 * not use what one of more was exchanged for.
 */
function rightsOf(claims: JWTPayload): string {
  const said = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name))
    .sort(([a], [b]) => a < b ? -1 : 1);
  return createHash("sha256").update(JSON.stringify(said)).digest("base64url");
}

/** The issuer that a token names, which proves nothing; undefined where it is no such token. */
function claimedBy(token: string): unknown {
  try {
    return (decodeJwt(token) as JWTPayload).iss;
  } catch {
    return undefined;
  }
}

/** What is wrong lies with the issuer, not with the token. */
function isKeyFault(error: unknown): boolean {
  return error instanceof errors.JWKSInvalid || error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKInvalid;
}

function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case "aud":
        return "the token is for another audience";
      case "nbf":
        return "the token is not valid yet";
      default:
        return `the token's claim ${error.claim} is missing or wrong`;
    }
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is not signed as required";
  if (error instanceof errors.JWKSNoMatchingKey) return "the token is signed by an unknown key";
  if (error instanceof errors.JWKSMultipleMatchingKeys) return "the token does not name its key";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  return "the token cannot be read";
}
