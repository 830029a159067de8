/** How is found out who calls. Types only: nothing here knows a server. */
import type { Peer, Route } from "../http/route.ts";
import type { Caller } from "./caller.ts";

/** What came of asking who calls. */
export type Verdict = { readonly caller: Caller } | { readonly refused: Refusal };

/** Why a caller is not let in. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 503;
  /** The value of `WWW-Authenticate` (RFC 6750, RFC 9728). */
  readonly challenge?: string;
  /** When asking again may help, in seconds. */
  readonly retryAfter?: number;
  /** For a person; says nothing of the token itself. */
  readonly message: string;
}

/** All ways of a server together. */
export interface Identity {
  authenticate(request: Request, peer: Peer): Promise<Verdict>;
  /** Documents that clients find the way to a token by. */
  readonly routes: readonly Route[];
  close?(): void | Promise<void>;
}

/** What came of looking at a token. */
export type TokenVerdict =
  | { readonly caller: Caller }
  /** It is good for nothing here; why, for a person, without the token. */
  | { readonly invalid: string }
  /** It is good, and not for this. */
  | { readonly missingScopes: readonly string[] }
  /** Nobody can tell at the moment. */
  | { readonly unavailable: string };

/** One kind of token. */
export interface TokenAuthenticator {
  /** Undefined where a token is none of this kind. Never rejects. */
  authenticate(token: string): Promise<TokenVerdict | undefined>;
}
