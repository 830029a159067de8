/** Plans that wait for a person, in the memory of this process: sealed_plans.ts has the other way. */
import { createRequestStateCodec, type ServerContext } from "@modelcontextprotocol/server";
import { randomUUID } from "node:crypto";
import type { Plan } from "../policy/plan.ts";

/** How long a person has, in milliseconds. */
export const PATIENCE_MS = 600_000;
/** Plans that wait in memory at the same time, and what they hold together; the oldest goes first. */
const PENDING_PLANS = 100;
const PENDING_BYTES = 8 * 1024 * 1024;

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
