/**
 * A way to a server that may be renewed while requests travel on it. A request keeps what it began
 * with; one that was refused is asked again, once, where its files say something else by now.
 */
import { ApiError } from "../../errors.ts";
import { raceAbort } from "../../std/async.ts";
import type { ClusterAccess } from "../types.ts";

/** What is made of an access to send requests with. */
export interface Renewable<Way> {
  /** What requests travel on now. */
  current(): Way;
  /** Takes another access for the requests from now on; one that is the same changes nothing. */
  adopt(access: ClusterAccess): void;
  /**
   * Asks. After a 401, or a handshake that failed, the access is looked up again, and where it has
   * changed the request is sent again: neither of the two was looked at by the API server.
   */
  ask<Answer>(send: (way: Way) => Promise<Answer>, signal: AbortSignal): Promise<Answer>;
}

/**
 * Makes a renewable way.
 *
 * @param make what requests travel on
 * @param renew reads the access again; left out where it never changes
 */
export function createRenewable<Way>(
  access: ClusterAccess,
  make: (access: ClusterAccess) => Way,
  renew: (() => Promise<ClusterAccess>) | undefined,
): Renewable<Way> {
  let current = { access, way: make(access) };

  function adopt(next: ClusterAccess): void {
    if (next === current.access || JSON.stringify(next) === JSON.stringify(current.access)) return;
    // Another server is another cluster, whose client is another.
    if (!isSamePlace(next, current.access)) return;
    current = { access: next, way: make(next) };
  }

  /** Whether there is another way than the one that was used. */
  async function isRenewed(used: Way, signal: AbortSignal): Promise<boolean> {
    if (used === current.way && renew !== undefined) {
      // What cannot be read mends nothing: the refusal itself is then the answer.
      const next = await raceAbort(renew().catch(() => undefined), signal);
      if (next !== undefined) adopt(next);
    }
    return used !== current.way;
  }

  return {
    current: () => current.way,
    adopt,
    async ask(send, signal) {
      const { way } = current;
      const first = await send(way).catch((error) => ({ error }));
      const failed = typeof first === "object" && first !== null && "error" in first
        ? first
        : undefined;
      const refused = failed ? isHandshakeFailure(failed.error) : isUnauthorized(first);
      if (!refused || !await isRenewed(way, signal)) {
        if (failed) throw failed.error;
        return first as Awaited<ReturnType<typeof send>>;
      }
      if (first instanceof Response) await first.body?.cancel();
      return await send(current.way);
    },
  };
}

/** Whether two accesses lead to the same namespace of the same server, whatever leads there. */
export function isSamePlace(a: ClusterAccess, b: ClusterAccess): boolean {
  return (["context", "cluster", "server", "namespace"] as const)
    .every((field) => a[field] === b[field]);
}

function isUnauthorized(answer: unknown): boolean {
  return answer instanceof Response && answer.status === 401;
}

function isHandshakeFailure(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0 && error.reason === "Tls";
}
