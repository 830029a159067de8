/**
 * Deletions that go by another verb: what a write, or the deletion of something larger, deletes in
 * effect. Pure. Each is decided like the request itself. The list, and where it ends, is in
 * docs/decisions/policy-and-plans.md.
 */
import type { KubeObject } from "../kube/types.ts";
import { isRecord } from "../std/json/unknown.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "../std/json/patch.ts";
import type { Content } from "./escalation.ts";
import type { Permission } from "./types.ts";

/** A resource that a cluster serves, as far as its deletion goes. */
export interface DeletableResource {
  readonly group: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** An entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** How a write ends its own object. */
export type Ending =
  /** In effect it is deleted, or as good as. */
  | { readonly kind: "deletes" }
  /** The garbage collector deletes it, unless its new owners are there. */
  | { readonly kind: "owned"; readonly owners: readonly OwnerReference[] };

/** Whether a request can end its object by what it writes. */
export function mayEnd({ verb, subresource }: Permission): boolean {
  return (verb === "update" || verb === "patch") &&
    (subresource === undefined || subresource === "scale" || subresource === "status");
}

/**
 * How a write ends the object that it changes; undefined where it does not.
 *
 * @param request one for which {@linkcode mayEnd} holds
 * @param content undefined for a body that cannot be read
 * @param live the object before; undefined where there is none
 */
export function endingOf(
  { group, resource, subresource }: Permission,
  content: Content | undefined,
  live: KubeObject | undefined,
): Ending | undefined {
  // What is not there cannot be ended.
  if (live === undefined) return undefined;
  const after = content && outcomeOf(content, live);
  if (!isRecord(after)) return { kind: "deletes" };
  // What a directive of a strategic merge patch makes of the object only the server knows.
  if (content?.form === "patch" && hasDirective(content.value)) return { kind: "deletes" };
  if (isGoing(live) && losesFinalizers(live, after)) return { kind: "deletes" };
  // A Scale without a number is one of 0.
  const isScale = subresource === "scale";
  const left = at(after, "spec", "replicas") ?? (isScale ? 0 : undefined);
  if (left === 0 && at(live, "spec", "replicas") !== 0) return { kind: "deletes" };
  const ttl = ["spec", "ttlSecondsAfterFinished"];
  const isJob = group === "batch" && resource === "jobs";
  const expires = at(after, ...ttl) ?? null;
  if (isJob && expires !== null && expires !== at(live, ...ttl)) return { kind: "deletes" };
  const known = new Set(ownersOf(live).map(keyOf));
  const owners = ownersOf(after).filter((owner) => !known.has(keyOf(owner)));
  return owners.length > 0 ? { kind: "owned", owners: owners as OwnerReference[] } : undefined;
}

/** What goes with a namespace: every object in it, of whatever can be deleted at all. */
export function insideNamespace(
  name: string,
  served: readonly DeletableResource[],
): readonly Permission[] {
  return served.filter(({ namespaced }) => namespaced).flatMap(({ group, resource, verbs }) => {
    const verb = (["deletecollection", "delete"] as const).find((one) => verbs.includes(one));
    return verb === undefined ? [] : [{ verb, group, resource, namespaced: true, namespace: name }];
  });
}

/**
 * What goes with a CustomResourceDefinition: all objects of its resource; without a name, of all custom
 * resources.
 */
export function ofDefinition(
  name: string | undefined,
  served: readonly DeletableResource[],
): readonly Permission[] {
  return served.filter(({ group, resource }) =>
    name === undefined ? !BUILT_IN.has(group) : `${resource}.${group}` === name
  ).map(({ group, resource, namespaced }) => ({
    verb: "deletecollection",
    group,
    resource,
    namespaced,
  }));
}

/** The groups whose resources are Kubernetes' own, and come of no definition. */
const BUILT_IN: ReadonlySet<string> = new Set([
  ...["", "apps", "autoscaling", "batch", "extensions", "policy"],
  ...["admissionregistration", "apiextensions", "apiregistration", "authentication"],
  ...["authorization", "certificates", "coordination", "discovery", "events", "networking"],
  ...["node", "resource", "scheduling", "storage", "storagemigration"],
  ...["flowcontrol.apiserver", "internal.apiserver", "rbac.authorization"],
].map((group) =>
  /^(?:|apps|autoscaling|batch|extensions|policy)$/.test(group) ? group : `${group}.k8s.io`
));

/** Whether resources of a group are Kubernetes' own, and come of no definition. */
export function isBuiltInGroup(group: string): boolean {
  return BUILT_IN.has(group);
}

/** The object after the write, as far as it can be told without the server: lists may be merged there. */
function outcomeOf({ form, value }: Content, live: KubeObject): unknown {
  if (form !== "operations") return applyMergePatch(form === "object" ? {} : live, value);
  try {
    return Array.isArray(value) ? applyJsonPatch(live, value) : undefined;
  } catch (error) {
    if (error instanceof PatchError) return undefined;
    throw error;
  }
}

function isGoing(live: KubeObject): boolean {
  return live.metadata?.deletionTimestamp !== undefined;
}

/** Where the server merges lists this errs on the safe side: it may keep what the body leaves out. */
function losesFinalizers(live: KubeObject, after: unknown): boolean {
  const kept = at(after, "metadata", "finalizers");
  const names = Array.isArray(kept) ? kept : [];
  const before = live.metadata?.finalizers;
  return Array.isArray(before) && before.some((name) => !names.includes(name));
}

/** Whether it holds a directive of a strategic merge patch. */
function hasDirective(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasDirective);
  return isRecord(value) &&
    Object.entries(value).some(([key, one]) => key.startsWith("$") || hasDirective(one));
}

function ownersOf(object: unknown): readonly unknown[] {
  const owners = at(object, "metadata", "ownerReferences");
  return Array.isArray(owners) ? owners : [];
}

function keyOf(owner: unknown): string {
  const { apiVersion, kind, name, uid } = Object(owner) as Partial<OwnerReference>;
  return JSON.stringify([apiVersion, kind, name, uid]);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce(
    (found: unknown, key) => isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined,
    value,
  );
}
