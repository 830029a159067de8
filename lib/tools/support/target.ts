/**
 * What a call of the resource tools is about: from scope, group, version and resource to a resource
 * that the cluster serves.
 */
import { z } from "zod";
import type { Broker, NamedResource, NamesIndex } from "../../broker/types.ts";
import { InputError, ResolveError } from "../../errors.ts";
import { apiVersionOf, groupOf, splitApiVersion } from "../../names/groups.ts";
import { type Found, resolve, type ResourceReference, whyNotFound } from "../../names/resolve.ts";
import { askJson } from "./ask.ts";

/** The parameters that say which resource is meant. */
export const TARGET = {
  scope: z.string().optional().meta({ enum: ["cluster", "namespaced"] }),
  api_group: z.string().optional().describe('"" is core'),
  api_version: z.string(),
  resource_kind: z.string().describe("Plural: deployments"),
  target_ns: z.string().optional(),
};

/** Other names of the same parameters, which some clients were written for. */
export const TARGET_ALIASES = {
  resource_type: "scope",
  group: "api_group",
  version: "api_version",
  resource: "resource_kind",
  namespace: "target_ns",
  name: "entity_name",
} as const;

/** What the parameters of {@linkcode TARGET} have been read into. */
export interface TargetArguments {
  /** Left out: what the resource is. */
  readonly scope?: string;
  readonly api_group?: string;
  readonly api_version: string;
  readonly resource_kind: string;
  readonly target_ns?: string;
}

/** A resource that the cluster serves, and where. */
export interface Target extends Found<NamedResource> {
  /** Left out: the resource belongs to the cluster, or all namespaces are meant. */
  readonly namespace?: string;
}

/** A target as the fields of a request. */
export function requestOf({ group, version, resource, namespace }: Target) {
  return {
    op: "request",
    group,
    version,
    resource: resource.resource,
    ...(namespace === undefined ? {} : { namespace }),
  } as const;
}

/** `pods "web-0" in namespace "shop"`. */
export function describeTarget({ resource, namespace }: Target, name?: string): string {
  return `${resource.resource}${name === undefined ? "" : ` "${name}"`}${
    namespace === undefined ? "" : ` in namespace "${namespace}"`
  }`;
}

/**
 * The target of a call.
 *
 * @param options.allNamespaces whether cluster scope may stand for all namespaces: for lists only
 * @throws {InputError} a scope that is none, or that does not fit the resource
 * @throws {ResolveError} the cluster serves no such resource
 */
export async function resolveTarget(
  given: TargetArguments,
  broker: Broker,
  signal: AbortSignal,
  options: { readonly allNamespaces?: boolean } = {},
): Promise<Target> {
  const scope = readScope(given.scope);
  const reference = readReference(given);
  const namespace = given.target_ns || undefined;
  const found = await findServed(reference, broker, signal);
  const what = found.resource.resource;
  if (!found.resource.namespaced) {
    if (scope === "namespaced") {
      throw new InputError(
        `Cannot use scope "${given.scope}" for ${what}: they belong to the cluster`,
        { hint: 'Use scope "cluster", without target_ns.' },
      );
    }
    if (namespace !== undefined) {
      throw new InputError(
        `Cannot use target_ns "${namespace}" for ${what}: they belong to the cluster`,
        { hint: "Leave target_ns out." },
      );
    }
    return found;
  }
  if (scope === "cluster") {
    if (namespace !== undefined) {
      throw new InputError(
        `Cannot use scope "${given.scope}" with target_ns "${namespace}": the two contradict`,
        { hint: 'Use scope "namespaced".' },
      );
    }
    if (options.allNamespaces) return found;
    throw new InputError(`Cannot use scope "${given.scope}" for ${what}: they are namespaced`, {
      hint: 'Use scope "namespaced" and target_ns.',
    });
  }
  if (namespace === undefined) {
    throw new InputError(`Cannot use ${what} without target_ns: they are namespaced`, {
      hint: options.allNamespaces
        ? 'Name the namespace; scope "cluster" lists all of them.'
        : "Name the namespace.",
    });
  }
  return { ...found, namespace };
}

function readScope(scope: string | undefined): "cluster" | "namespaced" | undefined {
  if (scope === undefined) return undefined;
  const word = scope.trim().toLowerCase();
  if (word === "cluster" || word === "clustered") return "cluster";
  if (word === "namespaced" || word === "namespace") return "namespaced";
  throw new InputError(`Cannot use scope "${scope.slice(0, 60)}": there is no such scope`, {
    hint: 'scope (or resource_type) is "cluster" or "namespaced"; the resource goes into ' +
      "resource_kind (or resource).",
  });
}

/** `api_version: "apps/v1"` says the group too. */
function readReference(given: TargetArguments): ResourceReference & { readonly version: string } {
  const { api_version, resource_kind: resource } = given;
  const group = given.api_group === undefined ? undefined : groupOf(given.api_group);
  if (!api_version.includes("/")) return { group, version: api_version, resource };
  const written = splitApiVersion(api_version);
  if (written === undefined || (group && group !== groupOf(written.group))) {
    throw new InputError(
      `Cannot use api_version "${api_version}"${
        group ? ` in api_group "${given.api_group}"` : ""
      }: it is the version alone, such as "v1"`,
    );
  }
  return { ...written, resource };
}

/**
 * The resource that a name means; discovery is asked again where it is missing.
 *
 * @throws {ResolveError} the cluster serves no such resource; the hint says where it does
 */
export async function findServed(
  reference: ResourceReference,
  broker: Broker,
  signal: AbortSignal,
): Promise<Target> {
  const known = await askNames(broker, signal);
  const found = resolve(known.versions, reference);
  if (found !== undefined) return found;
  const index = await askNames(broker, signal, true);
  const served = resolve(index.versions, reference);
  if (served === undefined) throw notServed(index, reference);
  return served;
}

/** The names of what the cluster serves. */
export async function askNames(
  broker: Broker,
  signal: AbortSignal,
  refresh = false,
): Promise<NamesIndex> {
  return await askJson(broker, { op: "names", refresh }, { signal }) as NamesIndex;
}

function notServed({ versions }: NamesIndex, reference: ResourceReference): ResolveError {
  const { wanted: { group }, place = "", isServed, elsewhere, broken, near } = whyNotFound(
    versions,
    reference,
  );
  const start = `Cannot find "${reference.resource.slice(0, 100)}" in ${place.slice(0, 100)}:`;
  const [away] = broken.map((entry) => `${apiVersionOf(entry)} is broken: ${entry.broken}`);
  if (away && group !== undefined) return new ResolveError(`${start} ${away}`);
  const places = elsewhere.slice(0, 4).map((found) =>
    `${found.resource.resource}: group "${found.group}", version "${found.version}"`
  );
  return new ResolveError(
    `${start} the cluster serves no such ${isServed ? "resource" : "group and version"}`,
    places.length > 0
      ? { hint: `It serves ${places.join("; ")}.` }
      : near.length > 0
      ? { hint: `Did you mean ${near.join(" or ")}?` }
      : away
      ? { hint: `It may be served where nothing answers: ${away}.` }
      : {},
  );
}
