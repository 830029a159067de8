/**
 * What a call of the resource tools is about: from scope, group, version and resource to a resource
 * that the cluster serves. Names are taken as they are in discovery, so that none can mean another.
 */
import { z } from "zod";
import type { Broker, NamedResource, NamesIndex } from "../../broker/types.ts";
import { InputError, ResolveError } from "../../errors.ts";
import { nearestNames } from "../../std/nearest.ts";
import { askJson } from "./ask.ts";

/** The parameters that say which resource is meant. */
export const TARGET = {
  scope: z.string().optional().meta({ enum: ["cluster", "namespaced"] }),
  api_group: z.string().optional().describe('"" is core'),
  api_version: z.string(),
  resource_kind: z.string().describe("Plural: deployments"),
  target_ns: z.string().optional(),
};

/** The same parameters, as the project of the seed calls them by now. */
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
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly resource: NamedResource;
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

/** `apps/v1`, `v1`: the `apiVersion` of a target's objects. */
export function apiVersionOf({ group, version }: Pick<Target, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
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
  const asked = readGroupVersion(given);
  const namespace = given.target_ns || undefined;
  const found = await findServed(asked, broker, signal);
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

/** What is asked for, in lower case; without a group any may serve it, the core group first. */
export interface Asked {
  readonly group?: string;
  readonly version: string;
  readonly resource: string;
}

/** `api_version: "apps/v1"` says the group too. */
function readGroupVersion({ api_group, api_version, resource_kind }: TargetArguments): Asked {
  const [first = "", second, ...rest] = api_version.toLowerCase().split("/");
  const plain = api_group?.toLowerCase();
  const named = plain === "core" ? "" : plain;
  const resource = resource_kind.toLowerCase();
  if (second === undefined) {
    return { ...(named === undefined ? {} : { group: named }), version: first, resource };
  }
  if (rest.length > 0 || (named && named !== first)) {
    throw new InputError(
      `Cannot use api_version "${api_version}"${
        named ? ` in api_group "${api_group}"` : ""
      }: it is the version alone, such as "v1"`,
    );
  }
  return { group: first === "core" ? "" : first, version: second, resource };
}

/**
 * The resource that is asked for, by plural, singular or short name or kind; discovery is asked again
 * where it is missing.
 *
 * @throws {ResolveError} the cluster serves no such resource; the hint says where it does
 */
export async function findServed(
  asked: Asked,
  broker: Broker,
  signal: AbortSignal,
): Promise<Target> {
  const found = findResource(await askNames(broker, signal), asked);
  if (found !== undefined) return found;
  const index = await askNames(broker, signal, true);
  const served = findResource(index, asked);
  if (served === undefined) throw notServed(index, asked);
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

function findResource(index: NamesIndex, { group, version, resource }: Asked): Target | undefined {
  let best: { readonly target: Target; readonly rank: number } | undefined;
  for (const entry of index.versions) {
    if (entry.version !== version || (group !== undefined && entry.group !== group)) continue;
    for (const candidate of entry.resources) {
      const rank = rankName(candidate, resource);
      if (rank === undefined || (best !== undefined && best.rank <= rank)) continue;
      best = { target: { group: entry.group, version, resource: candidate }, rank };
    }
  }
  return best?.target;
}

/** 0 plural, 1 singular or kind, 2 short name; undefined for another name. */
function rankName(candidate: NamedResource, wanted: string): number | undefined {
  if (candidate.resource === wanted) return 0;
  if (candidate.singular === wanted || candidate.kind.toLowerCase() === wanted) return 1;
  return candidate.shortNames.includes(wanted) ? 2 : undefined;
}

function notServed({ versions }: NamesIndex, { group, version, resource }: Asked): ResolveError {
  const where = group === undefined ? version : apiVersionOf({ group, version });
  const elsewhere = versions.flatMap((entry) =>
    entry.resources.filter((candidate) => rankName(candidate, resource) !== undefined)
      .map((candidate) =>
        `${candidate.resource}: group "${entry.group}", version "${entry.version}"`
      )
  );
  const here = versions.filter((entry) =>
    (group === undefined || entry.group === group) && entry.version === version
  );
  const near = nearestNames(
    resource,
    (here.length > 0 ? here : versions).flatMap((entry) =>
      entry.resources.map(({ resource }) => resource)
    ),
  );
  return new ResolveError(
    `Cannot find "${resource.slice(0, 100)}" in ${where.slice(0, 100)}: the cluster ` +
      `serves no such ${here.length > 0 ? "resource" : "group and version"}`,
    elsewhere.length > 0
      ? { hint: `It serves ${elsewhere.slice(0, 4).join("; ")}.` }
      : near.length > 0
      ? { hint: `Did you mean ${near.join(" or ")}?` }
      : {},
  );
}
