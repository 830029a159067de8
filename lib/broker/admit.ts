/** Between the policy's decision and the API server: plans, and what a person has approved. */
import { approvalMissing, decide } from "../policy/decide.ts";
import { isRead } from "../policy/classify.ts";
import type { Policy } from "../policy/types.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { Authorized } from "./authorize.ts";
import {
  changeFingerprint,
  checkSeen,
  describeChange,
  isDryRun,
  objectOf,
  tryChange,
} from "./planning.ts";
import type { Origin } from "./types.ts";

/** What is known of a request that the policy does not refuse. */
export interface AdmitParts {
  readonly authorized: Authorized;
  readonly origin: Origin;
  readonly policy: Policy;
  readonly kube: KubeClient;
  /** The context, where the call names one. */
  readonly context: string | undefined;
  /** The request before tokens became values: its body is what its sender knows. */
  readonly given: ResourceRequest;
  /** An object as it may be shown: without what is secret. */
  readonly readable: (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/**
 * What came of trying a request out, where its origin only plans; undefined when it may be sent.
 *
 * @throws {PolicyError} the person's yes was not to this very change
 */
export async function admit(parts: AdmitParts): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { authorized: { request, action, decision }, origin, policy, kube, context, signal } =
    parts;
  if (isRead(action) || isDryRun(request)) return undefined;
  if (origin.plan) {
    const look = decide({ ...action, verb: "get", implies: [] }, policy);
    return await tryChange({
      kube,
      request,
      given: parts.given,
      context,
      plan: origin.plan,
      readable: look.reveal ? (body) => body : parts.readable,
      mayRead: look.outcome === "allow",
      asks: decision.outcome === "approve",
      signal,
    });
  }
  if (origin.approval) {
    const { approval } = origin;
    const change = approval.take({
      fingerprint: changeFingerprint(request, context),
      what: describeChange(request, context),
    });
    try {
      const object = objectOf(request, context);
      // What this run has itself changed since the plan is as it was planned.
      if (object === undefined || !approval.touched.has(object)) {
        await checkSeen({ kube, request, context, signal }, change.seen);
      }
      if (object !== undefined) approval.touched.add(object);
    } catch (error) {
      approval.putBack(change);
      throw error;
    }
    return undefined;
  }
  return undefined;
}

/**
 * Refuses a change that a person would have to be asked about, where nobody is asked.
 *
 * @throws {PolicyError} it needs a plan or an approval, and its origin has none
 */
export function refuseUnasked({ request, action, decision }: Authorized, origin: Origin): void {
  const asks = decision.outcome === "approve" && !isRead(action) && !isDryRun(request);
  if (asks && !origin.plan && !origin.approval) throw approvalMissing(action, decision);
}
