/**
 * What a program may do: the answer of the API server (`kubectl auth can-i`), and after it the policy's,
 * since what it refuses never gets there.
 */
import { decide } from "../../policy/decide.ts";
import type { Verb } from "../../names/requests.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";
import { isRecord } from "../../std/json/unknown.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import type { Scope } from "../scope.ts";

/** Whether a request asks what its asker may do. */
export function isAccessReview({ verb, resource: { group, resource } }: ResourceRequest): boolean {
  return verb === "create" && group === "authorization.k8s.io" &&
    resource === "selfsubjectaccessreviews";
}

/** The answer to such a question, as the policy leaves it. */
export async function underPolicy(
  body: Uint8Array<ArrayBuffer>,
  { kube, origin, policy, signal }: Scope,
): Promise<Uint8Array<ArrayBuffer>> {
  const review = parseExact(new TextDecoder().decode(body));
  if (!isRecord(review) || !isRecord(review.spec) || !isRecord(review.status)) return body;
  const asked = review.spec.resourceAttributes;
  if (!isRecord(asked) || review.status.allowed !== true) return body;
  const text = (name: string) => {
    const value = asked[name];
    return typeof value === "string" && value !== "" && value !== "*" ? value : undefined;
  };
  const [group = "", resource = "", namespace, name, subresource] = [
    "group",
    "resource",
    "namespace",
    "name",
    "subresource",
  ].map(text);
  // What the cluster does not serve, or all resources at once, the policy has no word on.
  const served = await kube.resolve({ group, resource }, signal).catch(() => undefined);
  if (served === undefined) return body;
  const { outcome, reason, hint } = decide({
    verb: String(asked.verb) as Verb,
    group: served.group,
    resource: served.resource,
    namespaced: served.namespaced,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    tool: origin.tool,
    context: kube.access.context,
  }, policy);
  if (outcome === "allow") return body;
  const words = ["kubecode", reason, outcome === "refuse" ? hint : undefined]
    .filter((part) => part !== undefined).join(": ");
  const status = { ...review.status, allowed: outcome === "approve", reason: words };
  return new TextEncoder().encode(stringifyExact({ ...review, status }));
}
