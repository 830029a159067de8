/** Whoever a request is made for. Knows nothing else of the program. */

/** Whoever a request is made for, after all that can be verified about them. */
export interface Caller {
  /** The same for the same person, and for nobody else: issuer and subject, say; "" for whoever started the process. */
  readonly id: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly how: "none" | "token" | "jwt" | "token-review" | "certificate";
  /** Milliseconds since the epoch after which the proof of it no longer counts. */
  readonly expiresAt?: number;
  /** The OAuth client that the token was given to. */
  readonly clientId?: string;
  /** What the caller was known by; for token exchange only, never logged and never passed on. */
  readonly token?: string;
}

/** Whoever started the process: on standard input, or over HTTP without authentication. */
export const LOCAL_CALLER: Caller = { id: "", user: "", groups: [], how: "none" };

/**
 * A name of whoever it is, with their rights: the same for the same ones only. Whoever gets into
 * another group is somebody else, and finds nothing of what they had before.
 */
export function keyOf({ id, user, groups, how }: Caller): string {
  return JSON.stringify([how, id, user, [...groups].sort()]);
}
