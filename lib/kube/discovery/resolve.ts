/** From the names that people use to a resource that the cluster serves. Pure. */
import { ResolveError } from "../../errors.ts";
import { nearestNames } from "../../std/nearest.ts";
import type { ApiIndex } from "./discovery.ts";
import type { ApiResource } from "../types.ts";

/** What is asked for. Names are taken whatever their case. */
export interface ResourceReference {
  /** API group; "" or "core" is the core group, left out means any. */
  readonly group?: string;
  /** Left out: the version the server prefers. */
  readonly version?: string;
  /** Plural, singular or short name, or kind. */
  readonly resource: string;
}

/**
 * The resource that a reference means: an exact plural name wins over singular and short names and
 * kinds, the core group over others, a group's preferred version over its others, as in kubectl.
 *
 * @throws {ResolveError} nothing of that name is served; the nearest names are in the hint
 */
export function resolveResource(index: ApiIndex, reference: ResourceReference): ApiResource {
  const group = reference.group === undefined ? undefined : normalGroup(reference.group);
  const version = reference.version?.toLowerCase();
  const wanted = reference.resource.toLowerCase();
  const versions = index.versions.filter((entry) =>
    (group === undefined || entry.group === group) &&
    (version === undefined ? true : entry.version === version)
  );
  let best: { readonly resource: ApiResource; readonly rank: number } | undefined;
  for (const entry of versions) {
    for (const resource of entry.resources) {
      const match = rankName(resource, wanted);
      if (match === undefined) continue;
      const rank = match * 2 + (entry.preferred ? 0 : 1);
      if (best === undefined || rank < best.rank) best = { resource, rank };
    }
  }
  if (best) return best.resource;
  throw notServed(index, reference, versions.length > 0);
}

/** 0 plural, 1 singular or kind, 2 short name, 3 kind in the plural; undefined for no match. */
function rankName(resource: ApiResource, wanted: string): number | undefined {
  const kind = resource.kind.toLowerCase();
  if (resource.resource === wanted) return 0;
  if (resource.singular === wanted || kind === wanted) return 1;
  if (resource.shortNames.includes(wanted)) return 2;
  if (wanted === `${kind}s` || wanted === `${kind}es`) return 3;
  return undefined;
}

function normalGroup(group: string): string {
  const lower = group.toLowerCase();
  return lower === "core" ? "" : lower;
}

function notServed(index: ApiIndex, asked: ResourceReference, groupServed: boolean): ResolveError {
  const where = asked.group === undefined
    ? ""
    : ` in ${normalGroup(asked.group) || "the core group"}${
      asked.version ? `/${asked.version}` : ""
    }`;
  const broken = index.broken.find((entry) =>
    asked.group !== undefined && entry.groupVersion.startsWith(`${normalGroup(asked.group)}/`)
  );
  if (broken) {
    return new ResolveError(
      `Cannot resolve "${asked.resource}"${where}: ${broken.groupVersion}: ${broken.message}`,
    );
  }
  const elsewhere = index.versions.flatMap((entry) =>
    entry.resources.filter((resource) => rankName(resource, asked.resource.toLowerCase()) === 0)
  );
  if (elsewhere.length > 0) {
    return new ResolveError(
      `Cannot resolve "${asked.resource}"${where}: the cluster serves it elsewhere`,
      { hint: `It is served as ${elsewhere.map(qualifiedName).join(", ")}.` },
    );
  }
  const names = index.versions.flatMap((entry) => entry.resources.map(({ resource }) => resource));
  const near = nearestNames(asked.resource, names);
  return new ResolveError(
    `Cannot resolve "${asked.resource}"${where}: ${
      groupServed
        ? "the cluster serves no resource of that name"
        : "the cluster serves no such group"
    }`,
    near.length > 0
      ? { hint: `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?` }
      : {},
  );
}

/** `deployments.apps/v1`, `pods/v1`. */
export function qualifiedName(resource: ApiResource): string {
  return `${resource.resource}${resource.group && `.${resource.group}`}/${resource.version}`;
}
