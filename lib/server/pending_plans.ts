/** Plans that wait for a person: kept in memory, or sealed and carried by the client. */
import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LimitError } from "../errors.ts";
import type { Plan } from "../policy/plan.ts";
import type { Seal } from "../std/seal.ts";

/** How long a person has, in milliseconds. */
const PATIENCE_MS = 600_000;
/** Plans that wait in memory at the same time, and what they hold together; the oldest goes first. */
const PENDING_PLANS = 100;
const PENDING_BYTES = 8 * 1024 * 1024;
/** Characters of a sealed plan: what clients pass on without complaint. */
const SEALED_CHARACTERS = 128 * 1024;
/** Answers that are remembered as used; each for as long as it would count. */
const USED_ANSWERS = 100_000;

/** What is needed of a plan once a person has seen it. */
export type AskedPlan = Pick<Plan, "startedAt" | "changes">;

/** A plan that waits for an answer. */
export interface Asked {
  readonly plan: AskedPlan;
  /** Hash of the call that it is the plan of. */
  readonly call: string;
}

/** Where the plans are that wait. */
export interface PendingPlans {
  /**
   * Keeps one.
   *
   * @returns the state that the client brings back with the answer
   * @throws {LimitError} it is too large to travel
   */
  keep(plan: Plan, call: string, context: ServerContext): Promise<string>;
  /** What a state says; throws where it is none of ours, or too old. For the protocol's own check. */
  read(state: string, context: ServerContext): Promise<unknown>;
  /** The plan of what was read; nobody gets it again. */
  take(read: unknown): Asked | undefined;
}

/** Plans in the memory of this process; the client carries a number. */
export function plansInMemory(): PendingPlans {
  const pending = new Map<string, Asked & { readonly plan: Plan; readonly until: number }>();
  const codec = createRequestStateCodec<{ id: string }>({
    key: crypto.getRandomValues(new Uint8Array(32)),
    ttlSeconds: PATIENCE_MS / 1000,
    bind: ({ mcpReq, http }) => `${mcpReq.method} ${http?.authInfo?.clientId ?? ""}`,
  });
  return {
    async keep(plan, call, context) {
      let bytes = plan.bytes;
      for (const { plan } of pending.values()) bytes += plan.bytes;
      for (const [id, { plan, until }] of pending) {
        const isFull = pending.size >= PENDING_PLANS || bytes > PENDING_BYTES;
        if (until >= Date.now() && !isFull) continue;
        pending.delete(id);
        bytes -= plan.bytes;
      }
      const id = randomUUID();
      pending.set(id, { plan, call, until: Date.now() + PATIENCE_MS });
      return await codec.mint({ id }, context);
    },
    read: codec.verify,
    take(read) {
      const { id } = read as { id: string };
      const found = pending.get(id);
      pending.delete(id);
      return found !== undefined && found.until >= Date.now() ? found : undefined;
    },
  };
}

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
