/** From the names that people use to a resource that the cluster serves, or to an error. Pure. */
import { ResolveError } from "../../errors.ts";
import { apiVersionOf, splitApiVersion } from "../../names/groups.ts";
import {
  qualifiedName,
  resolve,
  type ResourceReference,
  type ServedVersion,
  whyNotFound,
} from "../../names/resolve.ts";
import type { ApiIndex } from "./discovery.ts";
import type { ApiResource } from "../types.ts";

/**
 * The resource that a name means.
 *
 * @throws {ResolveError} nothing of that name is served; the nearest names are in the hint
 */
export function resolveResource(index: ApiIndex, wanted: ResourceReference): ApiResource {
  const found = resolve(index.versions, wanted);
  if (found) return found.resource;
  throw notServed(index, wanted);
}

function notServed(index: ApiIndex, asked: ResourceReference): ResolveError {
  const { wanted: { group }, place, isServed, elsewhere, broken, near } = whyNotFound(
    withBroken(index),
    asked,
  );
  const start = `Cannot resolve "${asked.resource}"${place === undefined ? "" : ` in ${place}`}:`;
  const [away] = broken.map((entry) => `${apiVersionOf(entry)} is broken: ${entry.broken}`);
  if (away && group !== undefined) return new ResolveError(`${start} ${away}`);
  if (elsewhere.length > 0) {
    const names = elsewhere.slice(0, 4).map((found) =>
      qualifiedName({ ...found, resource: found.resource.resource })
    );
    return new ResolveError(`${start} the cluster serves it elsewhere`, {
      hint: `It is served as ${names.join(", ")}.`,
    });
  }
  return new ResolveError(
    `${start} the cluster serves no ${isServed ? "resource of that name" : "such group"}`,
    near.length > 0
      ? { hint: `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?` }
      : away
      ? { hint: `It may be served where nothing answers: ${away}.` }
      : {},
  );
}

/** The versions, those too that discovery knows by nothing but their name. */
export function withBroken({ versions, broken }: ApiIndex): readonly ServedVersion<ApiResource>[] {
  const messages = new Map(broken.map((entry) => [entry.groupVersion, entry.message]));
  const known = versions.map((entry) => {
    const message = messages.get(apiVersionOf(entry));
    messages.delete(apiVersionOf(entry));
    return message === undefined ? entry : { ...entry, broken: message };
  });
  const unknown = [...messages].map(([groupVersion, message]) => {
    const named = splitApiVersion(groupVersion) ?? { group: groupVersion, version: "" };
    return { ...named, preferred: false, broken: message, resources: [] };
  });
  return [...known, ...unknown];
}
