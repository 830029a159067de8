/** What an answer is made of, by which the place of each value in it is known again. */
import type { Place } from "../../redact/objects/tree.ts";
import type { Change } from "../change.ts";
import type { Scope } from "../scope.ts";

/** The place of an object's values, and of those in the answer to the request. */
export function placeOf(
  { request, effect }: Pick<Change, "request" | "effect">,
  { kube }: Pick<Scope, "kube">,
): Place {
  const { verb, resource: { group, resource }, subresource } = request;
  const place: Place = { secrets: resource === "secrets" };
  // What comes through a proxy or from a command only looks like an object of the API.
  if (effect === "at once") return place;
  const part = subresource === "status" ? undefined : subresource;
  const of = JSON.stringify([kube.access.context, group, resource, part]);
  const form = verb === "list" || verb === "deletecollection"
    ? "items"
    : verb === "watch"
    ? "event"
    : "one";
  return { ...place, objects: { of, form } };
}

/** The place of the object that a request is about, as it is stored. */
export function storedPlaceOf(
  change: Pick<Change, "request" | "effect">,
  scope: Pick<Scope, "kube">,
): Place {
  const { objects, ...place } = placeOf(change, scope);
  return objects ? { ...place, objects: { ...objects, form: "one" } } : place;
}
