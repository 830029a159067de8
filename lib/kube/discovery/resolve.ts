/** From the names that people use to a resource that the cluster serves, or to an error. Pure. */
import { ResolveError } from "../../errors.ts";
import {
  qualifiedName,
  resolve,
  type ResourceReference,
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
  const { wanted: { group }, place, isServed, elsewhere, near } = whyNotFound(
    index.versions,
    asked,
  );
  const start = `Cannot resolve "${asked.resource}"${place === undefined ? "" : ` in ${place}`}:`;
  const broken = index.broken.find(({ groupVersion }) =>
    group !== undefined && groupVersion.startsWith(`${group}/`)
  );
  if (broken) return new ResolveError(`${start} ${broken.groupVersion}: ${broken.message}`);
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
      : {},
  );
}
