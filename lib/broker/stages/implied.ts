/** What a change amounts to beside its verb: other permissions, each of which is decided like it. */
import { ApiError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import { splitApiVersion } from "../../names/groups.ts";
import { decide } from "../../policy/decide.ts";
import {
  bodyMatters,
  type Can,
  type Content,
  excessOf,
  impliedBy as rightsBy,
  outcomeMatters,
} from "../../policy/escalation.ts";
import {
  endingOf,
  insideNamespace,
  mayEnd,
  ofDefinition,
  type OwnerReference,
} from "../../policy/implied_deletions.ts";
import type { ImpliedPermission, Permission, ResourceAction } from "../../policy/types.ts";
import { asDryRun, type Change, readableContent } from "../change.ts";
import type { Scope } from "../scope.ts";
import { atVersion, mayHaveMovedOn } from "./version_pin.ts";
import { parseExact } from "../../std/json/exact.ts";

/** What a change implies, and the object that it must then find. */
export interface Implied {
  readonly implies: readonly ImpliedPermission[];
  /** The uid of the object: none may be made in its place. */
  readonly identity?: string;
  /** The resourceVersion of the object that was looked at. */
  readonly version?: string;
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
  const implies: ImpliedPermission[] = creates && identity === undefined
    ? [creates.permission]
    : [];
  implies.push(...await deletedWith(permission, scope));
  const end = mayEnd(permission) ? await ending(change, permission, action, scope) : undefined;
  implies.push(...end?.implies ?? []);
  if (!bodyMatters(permission)) return { implies, identity, version: end?.version };
  const outcome = outcomeMatters(permission, content) ? await outcomeOf(change, scope) : undefined;
  const can = ownRights(action, scope);
  // The whole is judged as if it were written as such.
  const judged = outcome ? { ...permission, verb: "update" } as const : permission;
  for (const one of rightsBy(judged, outcome?.content ?? content, can)) {
    const given = await boundRights(one, action, scope);
    if (given !== "harmless") implies.push({ ...one, because: one.because ?? given });
  }
  return { implies, identity, version: outcome?.version ?? end?.version };
}

/** What the policy in force lets the caller do itself. Where a person is asked, that is what he may grant. */
function ownRights({ tool, context }: ResourceAction, { policy }: Scope): Can {
  return (permission) => {
    const { outcome } = decide({ ...permission, tool, context }, policy);
    return outcome === "allow" || (outcome === "approve" && policy.mode === "approve");
  };
}

/**
 * The whole object as it would be after a patch, by a trial of it on the version that is looked at;
 * undefined where there is no object, or the trial fails.
 */
async function outcomeOf(
  change: Change,
  { kube, signal }: Scope,
): Promise<{ readonly content: Content; readonly version: string } | undefined> {
  try {
    const live = await change.live();
    const version = live?.value.metadata?.resourceVersion;
    if (version === undefined) return undefined;
    const bytes = await kube.send(asDryRun(atVersion(change, version)), signal);
    const value = parseExact(new TextDecoder().decode(bytes)) as KubeObject;
    if (value.kind !== change.request.resource.kind) return undefined;
    return { content: { form: "object", value }, version };
  } catch (error) {
    if (error instanceof ApiError && mayHaveMovedOn(error)) throw error;
    return undefined;
  }
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
): Promise<Implied | undefined> {
  const { subresource: _, ...object } = permission;
  const deletion: Permission = { ...object, verb: "delete" };
  const { policy, kube } = scope;
  // What goes with the object goes then too.
  const implies = [deletion, ...await deletedWith(deletion, scope)];
  const outcomeOf = (one: Permission) =>
    decide({ ...one, tool: action.tool, context: action.context }, policy).outcome;
  const own = outcomeOf(permission);
  if (implies.map(outcomeOf).every((one) => one === "allow" || one === own)) return undefined;
  const live = await change.live().catch(() => null);
  // What cannot be looked at may be ended.
  if (live === null) return { implies };
  const version = live?.value.metadata?.resourceVersion;
  const end = endingOf(permission, readableContent(change), live?.value);
  if (end === undefined) return { implies: [], version };
  if (end.kind === "owned") {
    const namespace = change.request.namespace;
    const alive = await Promise.all(end.owners.map((owner) => isAlive(owner, namespace, scope)));
    if (alive.every(Boolean)) return { implies: [], version };
  }
  return { implies };

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

/** What of a role that is bound is too much: "harmless" for nothing, else why, as far as it is known. */
async function boundRights(
  { verb, resource, group, name, namespace }: Permission,
  action: ResourceAction,
  scope: Scope,
): Promise<"harmless" | string | undefined> {
  if (verb !== "bind" || name === undefined) return undefined;
  const { kube, policy, signal } = scope;
  const { tool, context } = action;
  const namespaced = resource === "roles";
  const where = namespaced && namespace ? { namespace } : {};
  const look = { verb: "get", group, resource, namespaced, name, ...where } as const;
  if (decide({ ...look, tool, context }, policy).outcome !== "allow") return undefined;
  try {
    const role = await kube.resolve({ group, resource }, signal);
    const body = await kube.send({ verb: "get", resource: role, name, ...where }, signal);
    const { kind, rules, aggregationRule } = JSON.parse(new TextDecoder().decode(body)) as Record<
      string,
      unknown
    >;
    // An aggregated role without rules has not been filled yet.
    if (kind !== role.kind || (!Array.isArray(rules) && aggregationRule)) return undefined;
    return excessOf(rules, { namespace }, ownRights(action, scope)) ?? "harmless";
  } catch (error) {
    // A role that cannot be read, or is not there yet, may be anything.
    return error instanceof ApiError && error.status === 404 ? "it does not exist" : undefined;
  }
}
