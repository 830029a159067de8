/** Asks the policy about a resolved request, with what of its body matters. */
import { parseYaml } from "../yaml/yaml.ts";
import { PATCH_TYPES, type ResourceRequest } from "../kube/wire/request.ts";
import type { KubeClient } from "../kube/client.ts";
import type { KubeObject } from "../kube/types.ts";
import { decide, enforce } from "../policy/decide.ts";
import { areHarmless, bodyMatters, type Content, impliedBy } from "../policy/escalation.ts";
import type { Decision, Permission, Policy, ResourceAction } from "../policy/types.ts";

/** Who asks, where, under which policy. */
export interface Asker {
  readonly kube: KubeClient;
  readonly tool: string;
  readonly policy: Policy;
  readonly signal: AbortSignal;
}

/** A request that is not refused. */
export interface Authorized {
  readonly request: ResourceRequest;
  readonly action: ResourceAction;
  /** `allow` or `approve`. */
  readonly decision: Decision;
}

/**
 * The request as it may be sent: where its body was read, that very reading takes the body's place,
 * so that nothing else is sent than what was decided about (of a key given twice, say).
 *
 * @throws {PolicyError} the policy refuses it
 */
export async function authorize(
  request: ResourceRequest,
  asker: Asker,
): Promise<Authorized> {
  const { policy } = asker;
  const permission = permissionOf(request, policy);
  const action = { ...permission, tool: asker.tool, context: asker.kube.access.context };
  const decision = enforce(action, policy);
  if (isEviction(permission)) {
    const { subresource: _, ...pod } = permission;
    const whole = { ...action, implies: [{ ...pod, verb: "delete" } as const] };
    return { request, action: whole, decision: enforce(whole, policy) };
  }
  const creates = await creation(request, action, asker);
  if (!bodyMatters(permission) && creates === undefined) return { request, action, decision };
  const content = contentOf(request);
  const implies: Permission[] = creates && (!creates.uid || content === undefined)
    ? [creates.permission]
    : [];
  for (const implied of bodyMatters(permission) ? impliedBy(permission, content) : []) {
    if (!(await isHarmlessBinding(implied, action, asker))) implies.push(implied);
  }
  const whole = { ...action, implies };
  const value = creates?.uid ? ofObject(content?.value, creates.uid) : content?.value;
  return {
    request: content === undefined
      ? request
      : { ...request, body: new TextEncoder().encode(JSON.stringify(value)) },
    action: whole,
    decision: enforce(whole, policy),
  };
}

function isEviction({ verb, group, resource, subresource }: Permission): boolean {
  return verb === "create" && group === "" && resource === "pods" && subresource === "eviction";
}

/**
 * An apply, and of some resources an update, creates what is not there: that is another permission.
 * Where the policy grants it, nothing is looked at; else the object must be there, and stay the same.
 */
async function creation(
  request: ResourceRequest,
  action: ResourceAction,
  { kube, policy, signal }: Asker,
): Promise<{ readonly permission: Permission; readonly uid?: string } | undefined> {
  const { verb, subresource, name, contentType } = request;
  const may = verb === "update" || (verb === "patch" && contentType === PATCH_TYPES.apply);
  if (!may || subresource !== undefined || name === undefined) return undefined;
  const create = { ...action, verb: "create", implies: [] } as const;
  if (decide(create, policy).outcome === decide(action, policy).outcome) return undefined;
  const { tool: _, context: __, implies: ___, ...permission } = create;
  try {
    const { resource, namespace } = request;
    const where = namespace ? { namespace } : {};
    const live = await kube.send({ verb: "get", resource, name, ...where }, signal);
    const { metadata } = JSON.parse(new TextDecoder().decode(live)) as KubeObject;
    return { permission, ...(metadata?.uid ? { uid: metadata.uid } : {}) };
  } catch {
    return { permission };
  }
}

/** The object with the identity that it must have: none is made in its place. */
function ofObject(object: unknown, uid: string): unknown {
  if (typeof object !== "object" || object === null || Array.isArray(object)) return object;
  return { ...object, metadata: { ...(object as KubeObject).metadata, uid } };
}

function permissionOf(request: ResourceRequest, policy: Policy): Permission {
  const { verb, resource, subresource, namespace } = request;
  const name = request.name ??
    (verb === "create" && policy.rules.some(({ names, namespaces }) => names ?? namespaces)
      ? nameInBody(contentOf(request)?.value)
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

function contentOf({ verb, body, contentType }: ResourceRequest): Content | undefined {
  if (body === undefined) return undefined;
  const form = verb !== "patch" || contentType === PATCH_TYPES.apply
    ? "object"
    : contentType === PATCH_TYPES.json
    ? "operations"
    : "patch";
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { form, value: contentType === PATCH_TYPES.apply ? readYaml(text) : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function readYaml(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseYaml(text, "manifest");
  }
}

/** Whether a role that is to be given gives everyday rights only, as far as it may be looked at. */
async function isHarmlessBinding(
  { verb, resource, group, name, namespace }: Permission,
  { tool, context }: ResourceAction,
  { kube, policy, signal }: Asker,
): Promise<boolean> {
  if (verb !== "bind" || name === undefined) return false;
  const namespaced = resource === "roles";
  const where = namespaced && namespace ? { namespace } : {};
  const look = { verb: "get", group, resource, namespaced, name, ...where } as const;
  if (decide({ ...look, tool, context }, policy).outcome !== "allow") return false;
  try {
    const role = await kube.resolve({ group, resource }, signal);
    const body = await kube.send({ verb: "get", resource: role, name, ...where }, signal);
    const { kind, rules, aggregationRule } = JSON.parse(new TextDecoder().decode(body)) as Record<
      string,
      unknown
    >;
    // An aggregated role without rules has not been filled yet.
    return kind === role.kind && areHarmless(rules) && (Array.isArray(rules) || !aggregationRule);
  } catch {
    // A role that cannot be read, or is not there yet, may be anything.
    return false;
  }
}
