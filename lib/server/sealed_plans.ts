/** Plans that wait for a person, sealed and carried by the client: any replica can go on with them. */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LimitError } from "../errors.ts";
import type { Seal } from "../std/seal.ts";
import { type Asked, PATIENCE_MS, type PendingPlans } from "./pending_plans.ts";

/** Characters of a sealed plan: what clients pass on without complaint. */
const SEALED_CHARACTERS = 128 * 1024;
/** Answers that are remembered as used; each for as long as it would count. */
const USED_ANSWERS = 100_000;

/** The answers that this process has taken, of all callers. */
export interface UsedAnswers {
  /** @returns false where it was used before, or nothing more can be remembered */
  use(id: string, until: number): boolean;
}

/** Remembers answers for as long as they would count. */
export function createUsedAnswers(now: () => number = Date.now): UsedAnswers {
  const used = new Map<string, number>();
  return {
    use(id, until) {
      // In the order of use, and so roughly of their end.
      for (const [old, end] of used) {
        if (end >= now()) break;
        used.delete(old);
      }
      if (used.has(id) || used.size >= USED_ANSWERS) return false;
      used.set(id, until);
      return true;
    },
  };
}

/** What travels. */
interface Sealed extends Asked {
  readonly id: string;
  readonly until: number;
}

/**
 * Plans that travel with the client, sealed: any process that has the key can go on with them. Each
 * takes an answer once; what a second process makes of the same answer is in docs/decisions/http.md.
 *
 * @param owner whoever the plans are of: nobody else's answer opens them
 */
export function sealedPlans(
  seal: Seal,
  used: UsedAnswers,
  owner: string,
  now: () => number = Date.now,
): PendingPlans {
  const about = `plan ${owner}`;
  return {
    keep({ startedAt, changes }, call) {
      const sealed: Sealed = {
        id: randomUUID(),
        until: now() + PATIENCE_MS,
        call,
        // The person has seen the lines; only what makes a change the same one is needed.
        plan: { startedAt, changes: changes.map((change) => ({ ...change, lines: [] })) },
      };
      const text = seal.seal(deflateRawSync(Buffer.from(JSON.stringify(sealed))), about);
      if (text.length > SEALED_CHARACTERS) {
        throw new LimitError(
          "Cannot ask a person: the plan is too large to travel with the client",
          {
            hint: "Do it in several runs.",
          },
        );
      }
      return Promise.resolve(text);
    },
    read(state) {
      const bytes = state.length > SEALED_CHARACTERS ? undefined : seal.open(state, about);
      if (bytes === undefined) return Promise.reject(new Error("not sealed here"));
      const sealed: Sealed = JSON.parse(inflateRawSync(bytes).toString());
      return sealed.until < now() ? Promise.reject(new Error("expired")) : Promise.resolve(sealed);
    },
    take(read) {
      const { id, until, plan, call } = read as Sealed;
      return until >= now() && used.use(id, until) ? { plan, call } : undefined;
    },
  };
}
