/** Writes a request into the audit once it has ended, however it ends. */
import type { Audit, AuditEntry, AuditPlace } from "../audit.ts";
import { ApiError, KubecodeError, PolicyError } from "../errors.ts";
import type { ClusterAccess } from "../kube/types.ts";
import type { Origin } from "./types.ts";

/** What is found out about a request on its way. */
export type RequestFacts = {
  -readonly [
    Field in
      | "context"
      | "cluster"
      | "user"
      | "verb"
      | "group"
      | "resource"
      | "subresource"
      | "namespace"
      | "name"
      | "container"
      | "commands"
      | "decision"
      | "rule"
  ]?: AuditEntry[Field] | undefined;
};

/** Where a request goes and as whom: the kubeconfig's user, or whom it acts as. */
export function placeOf(
  { context, cluster, user, impersonate }: ClusterAccess,
): AuditPlace {
  return { context, cluster, user: impersonate?.user ?? user };
}

/**
 * Passes the parts of an answer on; at their end one line is written.
 *
 * @param hide takes credentials out of what the caller chose: a name may be one by mistake
 */
export async function* audited<Part>(
  { audit, hide }: { readonly audit: Audit | undefined; readonly hide: (text: string) => string },
  { tool, session, client, script, plan }: Origin,
  facts: RequestFacts,
  parts: AsyncIterable<Part>,
): AsyncGenerator<Part> {
  const started = performance.now();
  let status: string | number = "left";
  try {
    yield* parts;
    status = "ok";
  } catch (error) {
    status = statusOf(error);
    if (error instanceof PolicyError) {
      facts.decision = "refuse";
      facts.rule = error.rule ?? facts.rule;
    }
    throw error;
  } finally {
    const asked = { session, client, tool, script, ...(plan ? { plan: true } : {}) };
    const durationMs = performance.now() - started;
    for (const field of ["resource", "subresource", "namespace", "name", "container"] as const) {
      const given = facts[field];
      if (given !== undefined) facts[field] = hide(given);
    }
    facts.commands = facts.commands?.map(hide);
    audit?.record({ kind: "request", ...asked, ...facts, status, durationMs } as AuditEntry);
  }
}

function statusOf(error: unknown): string | number {
  if (error instanceof ApiError) return error.status || error.reason;
  return error instanceof KubecodeError ? error.name : "InternalError";
}
