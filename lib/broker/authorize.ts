/** Asks the policy about a resolved request, with what of its body matters. */
import { parseYaml } from "../kube/yaml.ts";
import { PATCH_TYPES, type ResourceRequest } from "../kube/request.ts";
import type { KubeClient } from "../kube/client.ts";
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
  if (!bodyMatters(permission)) return { request, action, decision };
  const content = contentOf(request);
  const implies: Permission[] = [];
  for (const implied of impliedBy(permission, content)) {
    if (!(await isHarmlessBinding(implied, action, asker))) implies.push(implied);
  }
  const whole = { ...action, implies };
  return {
    request: content === undefined
      ? request
      : { ...request, body: new TextEncoder().encode(JSON.stringify(content.value)) },
    action: whole,
    decision: enforce(whole, policy),
  };
}

function permissionOf(request: ResourceRequest, policy: Policy): Permission {
  const { verb, resource, subresource, namespace } = request;
  const name = request.name ??
    (verb === "create" && policy.rules.some(({ names }) => names)
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
