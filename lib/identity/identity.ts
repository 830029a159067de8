/**
 * Who calls: a token in the header `Authorization`, or else the certificate of the connection. Nothing
 * else of a request counts (`X-Remote-User`, `X-Forwarded-*`). Knows no server.
 */
import type { Logger } from "../log.ts";
import type { Caller } from "./caller.ts";
import { readBearer, refuse } from "./bearer.ts";
import { callerOfCertificate } from "./certificate.ts";
import { type MetadataParts, metadataRoutes, metadataUrl } from "./metadata.ts";
import type { Identity, Refusal, TokenAuthenticator, TokenVerdict, Verdict } from "./types.ts";

/** What it is made of. */
export interface IdentityParts {
  /** Kinds of tokens, in the order in which they are tried. */
  readonly tokens: readonly TokenAuthenticator[];
  /** Whether certificates count, which the listener has checked. */
  readonly certificates: boolean;
  /** Where tokens come from; left out where no issuer gives them. */
  readonly metadata?: MetadataParts | undefined;
  /** Why nobody like this caller is let in; undefined where they are. */
  readonly objection?: (caller: Caller) => string | undefined;
  readonly logger: Logger;
  readonly close?: () => void | Promise<void>;
}

/** Seconds after which a client may ask again where nobody could tell. */
const RETRY_AFTER = 5;

/** Makes the ways into a server. */
export function createIdentity(parts: IdentityParts): Identity {
  const { tokens, certificates, metadata, objection, logger, close } = parts;
  const ways = [
    ...(tokens.length > 0 ? ['a token ("Authorization: Bearer TOKEN")'] : []),
    ...(certificates ? ["a client certificate"] : []),
  ];
  const needed = `Authentication is needed: send ${ways.join(" or ")}`;

  async function judge(token: string): Promise<TokenVerdict> {
    for (const kind of tokens) {
      const verdict = await kind.authenticate(token);
      if (verdict !== undefined) return verdict;
    }
    return { invalid: "the token is not known here" };
  }

  async function verdictOf(request: Request, certificate?: Uint8Array): Promise<Verdict> {
    const told = {
      metadataUrl: metadata && metadataUrl(request.url, metadata),
      scopes: metadata?.scopes,
    };
    const bearer = readBearer(request);
    if (bearer.kind === "malformed") {
      return { refused: refuse(400, `Malformed request: ${bearer.why}`, told, "invalid_request") };
    }
    // A bad token is not made good by a certificate: the two may be of different people.
    if (bearer.kind === "none") {
      const caller = certificates && certificate ? callerOfCertificate(certificate) : undefined;
      return caller ? { caller } : { refused: refuse(401, needed, told) };
    }
    const verdict = await judge(bearer.token);
    if ("caller" in verdict) return verdict;
    if ("unavailable" in verdict) {
      return {
        refused: {
          status: 503,
          message: `Cannot check the token at the moment: ${verdict.unavailable}`,
          retryAfter: RETRY_AFTER,
        },
      };
    }
    if ("missingScopes" in verdict) {
      const message = `The token needs the scope ${verdict.missingScopes.join(" ")}`;
      return { refused: refuse(403, message, told, "insufficient_scope") };
    }
    return { refused: refuse(401, `Unauthorized: ${verdict.invalid}`, told, "invalid_token") };
  }

  function admitted(verdict: Verdict): Verdict {
    if (!("caller" in verdict)) return verdict;
    const { caller } = verdict;
    const now = Date.now();
    if (caller.expiresAt !== undefined && caller.expiresAt <= now) {
      return { refused: refuse(401, "Unauthorized: the proof has expired", {}, "invalid_token") };
    }
    const why = objection?.(caller);
    return why === undefined ? verdict : { refused: { status: 403, message: why } };
  }

  return {
    routes: metadata ? metadataRoutes(metadata) : [],
    async authenticate(request, peer) {
      const verdict = admitted(await verdictOf(request, peer.certificate));
      if ("refused" in verdict) log(verdict.refused, peer.address);
      return verdict;
    },
    ...(close ? { close } : {}),
  };

  function log({ status, message }: Refusal, address: string): void {
    const write = status === 503 ? logger.warn : logger.info;
    write("caller refused", { status, why: message, address });
  }
}
