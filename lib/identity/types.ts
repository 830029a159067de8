/** How is found out who calls. Types only: nothing here knows a server. */
import type { Peer, Route } from "../http/route.ts";
import type { Caller } from "./caller.ts";

/** What came of asking who calls. */
export type Verdict = { readonly caller: Caller } | { readonly refused: Refusal };

/** Why a caller is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  /** The value of `WWW-Authenticate` (RFC 6750, RFC 9728). */
  readonly challenge?: string;
  /** For a person; says nothing of the token itself. */
  readonly message: string;
}

/** One way to prove who one is. */
export interface Authenticator {
  /** Undefined where the request carries no proof of this kind. */
  authenticate(request: Request, peer: Peer): Promise<Verdict | undefined>;
}

/** All ways of a server together. */
export interface Identity {
  authenticate(request: Request, peer: Peer): Promise<Verdict>;
  /** Documents that clients find the way to a token by. */
  readonly routes: readonly Route[];
  close?(): void | Promise<void>;
}
