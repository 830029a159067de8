/** Stage: asks the policy about a resolved request, with what of its body matters. */
import type { KubeObject } from "../../kube/types.ts";
import { approvalMissing, decide, enforce } from "../../policy/decide.ts";
import type { Decision, Permission, Policy, ResourceAction } from "../../policy/types.ts";
import { type Authorized, type Change, withContent } from "../change.ts";
import type { Scope } from "../scope.ts";
import { impliedBy } from "./implied.ts";
import { atVersion } from "./version_pin.ts";

/**
 * The change, with what the policy says of it.
 *
 * @throws {PolicyError} the policy refuses it, or wants a yes of a person where nobody is asked
 */
export async function authorize(change: Change, scope: Scope): Promise<Authorized> {
  const { origin, policy, kube, facts } = scope;
  const asked = permissionOf(change, policy);
  const action = { ...asked, tool: origin.tool, context: kube.access.context };
  // Refused by its verb alone, nothing is looked at.
  const first = enforce(action, policy);
  refuseUnasked(change, action, first, scope);
  const { implies, identity, version } = await impliedBy(change, action, scope);
  const whole: ResourceAction = implies.length > 0 ? { ...action, implies } : action;
  const decision = implies.length > 0 ? enforce(whole, policy) : first;
  const { outcome, by } = decision;
  facts.decision = outcome === "approve" && origin.approval ? "approved" : outcome;
  facts.rule = by;
  refuseUnasked(change, whole, decision, scope);
  const look = decide({ ...action, verb: "get", implies: [] }, policy);
  const tied = identity === undefined ? change : ofObject(change, identity);
  return { ...atVersion(tied, version), action: whole, decision, look };
}

/** @throws {PolicyError} a person would have to be asked, and nobody is */
function refuseUnasked(
  { effect }: Change,
  action: ResourceAction,
  decision: Decision,
  { origin, facts }: Scope,
): void {
  const asks = decision.outcome === "approve" && (effect === "change" || effect === "at once");
  if (!asks || origin.plan || origin.approval) return;
  Object.assign(facts, { decision: decision.outcome, rule: decision.by });
  throw approvalMissing(action, decision);
}

/** The change of the object with that identity only. */
function ofObject(change: Change, uid: string): Change {
  const object = change.content?.value;
  if (typeof object !== "object" || object === null || Array.isArray(object)) return change;
  const { metadata } = object as KubeObject;
  return withContent(change, { ...object, metadata: { ...metadata, uid } });
}

function permissionOf(change: Change, policy: Policy): Permission {
  const { verb, resource, subresource, namespace } = change.request;
  const name = change.request.name ??
    (verb === "create" && policy.rules.some(({ names, namespaces }) => names ?? namespaces)
      ? nameInBody(change.content?.value)
      : undefined);
  return {
    verb,
    group: resource.group,
    resource: resource.resource,
    namespaced: resource.namespaced,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function nameInBody(object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { metadata?: { name?: unknown } | null };
  return typeof metadata?.name === "string" && metadata.name !== "" ? metadata.name : undefined;
}
