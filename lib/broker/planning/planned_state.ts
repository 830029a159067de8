/**
 * What a program that is tried out sees of the objects that its plan changes: it reads what it has written,
 * and goes on.
 */
import { ApiError } from "../../errors.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { stringifyExact } from "../../std/exact_json.ts";
import type { Scope } from "../scope.ts";
import { earlierOf } from "./chain.ts";
import { objectOf } from "./description.ts";

/**
 * The object as the plan leaves it; undefined where the plan does not touch it, or it is not known.
 *
 * @throws {ApiError} 404: the plan deletes it
 */
export function plannedState(
  request: ResourceRequest,
  { origin: { plan }, context }: Scope,
): Uint8Array<ArrayBuffer> | undefined {
  const { verb, subresource, form = "object", name, resource } = request;
  if (plan === undefined || verb !== "get" || subresource !== undefined) return undefined;
  const earlier = earlierOf(plan, objectOf(request, context));
  if (earlier?.isGone) {
    throw new ApiError(`${resource.resource} "${name}" not found`, {
      status: 404,
      reason: "NotFound",
      about: { name, group: resource.group, kind: resource.resource },
    });
  }
  if (form !== "object" || earlier?.outcome === undefined) return undefined;
  return new TextEncoder().encode(stringifyExact(earlier.outcome));
}
