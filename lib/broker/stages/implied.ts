/** What a change amounts to beside its verb: other permissions, each of which is decided like it. */
import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import { splitApiVersion } from "../../names/groups.ts";
import { decide } from "../../policy/decide.ts";
import { areHarmless, bodyMatters, impliedBy as rightsBy } from "../../policy/escalation.ts";
import {
  endingOf,
  insideNamespace,
  mayEnd,
  ofDefinition,
  type OwnerReference,
} from "../../policy/implied_deletions.ts";
import type { Permission, ResourceAction } from "../../policy/types.ts";
import { type Change, readableContent } from "../change.ts";
import type { Scope } from "../scope.ts";

/** What a change implies, and the object that it must then find. */
export interface Implied {
  readonly implies: readonly Permission[];
  /** The uid of the object: none may be made in its place. */
  readonly identity?: string;
}

/** What a change implies. Where the policy grants that anyway, nothing is looked at. */
export async function impliedBy(
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
  implies.push(...await deletedWith(permission, scope));
  if (mayEnd(permission)) implies.push(...await ending(change, permission, action, scope));
  for (const one of bodyMatters(permission) ? rightsBy(permission, content) : []) {
    if (!(await isHarmlessBinding(one, action, scope))) implies.push(one);
  }
  return { implies, identity };
}

/** What goes with a namespace, or with the definition of a custom resource. */
async function deletedWith(
  { verb, group, resource, subresource, name }: Permission,
  { kube, signal }: Scope,
): Promise<readonly Permission[]> {
  if ((verb !== "delete" && verb !== "deletecollection") || subresource !== undefined) return [];
  const isNamespace = group === "" && resource === "namespaces" && name !== undefined;
  const isDefinition = group === "apiextensions.k8s.io" &&
    resource === "customresourcedefinitions";
  if (!isNamespace && !isDefinition) return [];
  const served = (await kube.index({ signal })).versions.flatMap(({ group, resources }) =>
    resources.map((one) => ({ ...one, group }))
  );
  return isNamespace ? insideNamespace(name, served) : ofDefinition(name, served);
}

/** A write that deletes its object in effect; where the policy grants that, nothing is looked at. */
async function ending(
  change: Change,
  permission: Permission,
  action: ResourceAction,
  scope: Scope,
): Promise<readonly Permission[]> {
  const { subresource: _, ...object } = permission;
  const deletion: Permission = { ...object, verb: "delete" };
  const { policy, kube } = scope;
  const outcome = decide({ ...deletion, tool: action.tool, context: action.context }, policy);
  if (outcome.outcome === "allow" || outcome.outcome === decide(action, policy).outcome) return [];
  const live = await change.live().catch(() => null);
  // What cannot be looked at may be ended.
  if (live === null) return [deletion];
  const end = endingOf(permission, readableContent(change), live?.value);
  if (end === undefined) return [];
  if (end.kind === "owned") {
    const namespace = change.request.namespace;
    const alive = await Promise.all(end.owners.map((owner) => isAlive(owner, namespace, scope)));
    if (alive.every(Boolean)) return [];
  }
  return [deletion];

  /** Whether an owner is there, and stays. */
  async function isAlive(
    { apiVersion, kind, name, uid }: OwnerReference,
    namespace: string | undefined,
    { signal }: Scope,
  ): Promise<boolean> {
    try {
      const version = splitApiVersion(String(apiVersion));
      if (version === undefined) return false;
      const resource = await kube.resolve({ ...version, resource: String(kind) }, signal);
      const where = resource.namespaced ? { namespace: namespace ?? "" } : {};
      const look = { verb: "get", group: resource.group, resource: resource.resource } as const;
      const asked = { ...look, namespaced: resource.namespaced, ...where, name: String(name) };
      const { tool, context } = action;
      if (decide({ ...asked, tool, context }, policy).outcome !== "allow") return false;
      const request = { verb: "get", resource, name: String(name), ...where } as const;
      const { metadata } = JSON.parse(
        new TextDecoder().decode(await kube.send(request, signal)),
      ) as KubeObject;
      return metadata?.uid === uid && metadata.deletionTimestamp === undefined;
    } catch {
      return false;
    }
  }
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
