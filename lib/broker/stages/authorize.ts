/** Stage: asks the policy about a resolved request, with what of its body matters. */
import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import { approvalMissing, decide, enforce } from "../../policy/decide.ts";
import { areHarmless, bodyMatters, impliedBy } from "../../policy/escalation.ts";
import type { Decision, Permission, Policy, ResourceAction } from "../../policy/types.ts";
import { type Authorized, type Change, readableContent, withContent } from "../change.ts";
import type { Scope } from "../scope.ts";

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
  const { implies, identity } = await impliedPermissions(change, action, scope);
  const whole: ResourceAction = implies.length > 0 ? { ...action, implies } : action;
  const decision = implies.length > 0 ? enforce(whole, policy) : first;
  const { outcome, rule } = decision;
  facts.decision = outcome === "approve" && origin.approval ? "approved" : outcome;
  facts.rule = rule;
  refuseUnasked(change, whole, decision, scope);
  const look = decide({ ...action, verb: "get", implies: [] }, policy);
  const tied = identity === undefined ? change : ofObject(change, identity);
  return { ...tied, action: whole, decision, look };
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
  Object.assign(facts, { decision: decision.outcome, rule: decision.rule });
  throw approvalMissing(action, decision);
}

/** What a change amounts to beside its verb, and the object that it must then find. */
interface Implied {
  readonly implies: readonly Permission[];
  /** The uid of the object: none may be made in its place. */
  readonly identity?: string;
}

async function impliedPermissions(
  change: Change,
  action: ResourceAction,
  scope: Scope,
): Promise<Implied> {
  const { tool: _, context: __, ...permission } = action;
  if (isEviction(permission)) {
    const { subresource: _, ...pod } = permission;
    return { implies: [{ ...pod, verb: "delete" }] };
  }
  const content = readableContent(change);
  const creates = await creation(change, action, scope);
  const identity = content === undefined ? undefined : creates?.uid;
  const implies = creates && identity === undefined ? [creates.permission] : [];
  for (const one of bodyMatters(permission) ? impliedBy(permission, content) : []) {
    if (!(await isHarmlessBinding(one, action, scope))) implies.push(one);
  }
  return { implies, identity };
}

function isEviction({ verb, group, resource, subresource }: Permission): boolean {
  return verb === "create" && group === "" && resource === "pods" && subresource === "eviction";
}

/**
 * An apply, and of some resources an update, creates what is not there: that is another permission.
 * Where the policy grants it, nothing is looked at; else the object must be there, and stay the same.
 */
async function creation(
  { request, live }: Change,
  action: ResourceAction,
  { policy }: Scope,
): Promise<{ readonly permission: Permission; readonly uid?: string } | undefined> {
  const { verb, subresource, name, contentType } = request;
  const may = verb === "update" || (verb === "patch" && contentType === PATCH_TYPES.apply);
  if (!may || subresource !== undefined || name === undefined) return undefined;
  const create = { ...action, verb: "create", implies: [] } as const;
  if (decide(create, policy).outcome === decide(action, policy).outcome) return undefined;
  const { tool: _, context: __, implies: ___, ...permission } = create;
  const found = await live().catch(() => undefined);
  return { permission, uid: found?.value.metadata?.uid };
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

/** Whether a role that is to be given gives everyday rights only, as far as it may be looked at. */
async function isHarmlessBinding(
  { verb, resource, group, name, namespace }: Permission,
  { tool, context }: ResourceAction,
  { kube, policy, signal }: Scope,
): Promise<boolean> {
  if (verb !== "bind" || name === undefined) return false;
  const namespaced = resource === "roles";
  const where = namespaced && namespace ? { namespace } : {};
  const look = { verb: "get", group, resource, namespaced, name, ...where } as const;
  if (decide({ ...look, tool, context }, policy).outcome !== "allow") return false;
  try {
    return await isHarmlessRole(
      { kube, group, resource, name, namespace: where.namespace },
      signal,
    );
  } catch {
    // A role that cannot be read, or is not there yet, may be anything.
    return false;
  }
}

async function isHarmlessRole(
  { kube, group, resource, name, namespace }: {
    readonly kube: KubeClient;
    readonly group: string;
    readonly resource: string;
    readonly name: string;
    readonly namespace: string | undefined;
  },
  signal: AbortSignal,
): Promise<boolean> {
  const role = await kube.resolve({ group, resource }, signal);
  const where = namespace === undefined ? {} : { namespace };
  const body = await kube.send({ verb: "get", resource: role, name, ...where }, signal);
  const { kind, rules, aggregationRule } = JSON.parse(new TextDecoder().decode(body)) as Record<
    string,
    unknown
  >;
  // An aggregated role without rules has not been filled yet.
  return kind === role.kind && areHarmless(rules) && (Array.isArray(rules) || !aggregationRule);
}
