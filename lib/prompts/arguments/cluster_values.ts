/**
 * What the cluster has for an argument, for completion: names alone, asked for through the broker, so
 * that nothing is told that a tool would not tell.
 */
import type { NamedResource } from "../../broker/types.ts";
import { PAGE_SIZE } from "../../names/requests.ts";
import { resolve, type ResourceReference } from "../../names/resolve.ts";
import { isOutOfReach } from "../../tools/guarded/gate.ts";
import { askJson } from "../../tools/support/ask.ts";
import type { Lookup, Written } from "../types.ts";
import { served } from "./resource_types.ts";

/** Pages of a list that are looked through; a completion is of the first names or of none. */
const PAGES = 10;

/** Metadata of an object. */
interface Listed {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** The metadata of the objects of a resource; none of what the guarded tools hold back. */
export async function listed(
  reference: ResourceReference,
  namespace: string | undefined,
  lookup: Lookup,
  labelSelector?: string,
): Promise<readonly Listed[]> {
  const { broker, signal, context } = lookup;
  const found = resolve((await served(lookup)).versions, reference);
  if (found === undefined || isHeldBack(found.resource, lookup)) return [];
  const { group, version, resource: { resource, namespaced } } = found;
  const objects: Listed[] = [];
  for (let page = 0, after: string | undefined; page < PAGES; page++) {
    const list = await askJson(broker, {
      op: "request",
      context,
      verb: "list",
      group,
      version,
      resource,
      ...(namespaced && namespace ? { namespace } : {}),
      form: "metadata",
      options: {
        limit: PAGE_SIZE,
        ...(labelSelector ? { labelSelector } : {}),
        ...(after ? { continue: after } : {}),
      },
    }, { signal }) as { metadata?: { continue?: string }; items?: readonly Listed[] };
    objects.push(...list.items ?? []);
    after = list.metadata?.continue;
    if (!after) break;
  }
  return objects;
}

/** Whether the only tools that are offered would not tell it. */
function isHeldBack(resource: NamedResource, { guarded }: Lookup): boolean {
  return guarded && (!resource.namespaced || isOutOfReach(resource));
}

/** The names of a resource's objects, in the namespace that is given. */
export function namesOf(reference: ResourceReference) {
  return async ({ namespace }: Written, lookup: Lookup): Promise<readonly string[]> =>
    (await listed(reference, namespace, lookup)).flatMap(({ metadata }) => metadata?.name ?? []);
}

/** The values of a label of a resource's objects. */
export function labelsOf(reference: ResourceReference, label: string, labelSelector?: string) {
  return async ({ namespace }: Written, lookup: Lookup): Promise<readonly string[]> =>
    (await listed(reference, namespace, lookup, labelSelector))
      .flatMap(({ metadata }) => metadata?.labels?.[label] ?? []);
}

/** The names of the objects of the type that is given. */
export async function namesOfType(written: Written, lookup: Lookup): Promise<readonly string[]> {
  return await namesOf({ resource: written.resource_type ?? "" })(written, lookup);
}

/** Plural names of what the cluster serves and lists. */
export async function typeNames(
  lookup: Lookup,
  fits: (resource: NamedResource) => boolean = () => true,
): Promise<readonly string[]> {
  return (await served(lookup)).versions.filter(({ preferred }) => preferred)
    .flatMap(({ resources }) => resources)
    .filter((resource) =>
      resource.verbs.includes("list") && fits(resource) && !isHeldBack(resource, lookup)
    ).map(({ resource }) => resource);
}

/** One object. */
export async function objectOf(
  reference: ResourceReference,
  { namespace }: Written,
  name: string,
  { broker, signal, context }: Lookup,
): Promise<unknown> {
  if (name === "") return undefined;
  return await askJson(broker, {
    op: "request",
    context,
    verb: "get",
    ...reference,
    ...(namespace ? { namespace } : {}),
    name,
  }, { signal });
}
