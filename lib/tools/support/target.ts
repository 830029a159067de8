/**
 * What a call of the resource tools is about: from scope, group, version and resource to a resource
 * that the cluster serves.
 */
import { z } from "zod";
import type { Broker, NamedResource, NamesIndex } from "../../broker/types.ts";
import { InputError, ResolveError } from "../../errors.ts";
import { apiVersionOf, groupOf, splitApiVersion } from "../../names/groups.ts";
import {
  type Found,
  otherGroups,
  resolve,
  type ResourceReference,
  whyNotFound,
} from "../../names/resolve.ts";
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
  kind: "resource_kind",
  plural: "resource_kind",
  namespace: "target_ns",
  ns: "target_ns",
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
  /** Other groups that serve a resource of the name by which this one was asked for. */
  readonly others?: readonly string[];
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

/** What a call does with its target, as far as the target depends on it. */
export interface TargetUse {
  /** All namespaces may be meant: for lists only. */
  readonly allNamespaces?: boolean;
  /** The target is changed: what is meant must not be a guess. */
  readonly writes?: boolean;
}

/** Words for all namespaces; the names of namespaces allow for the last one, people for all of them. */
const EVERYWHERE: ReadonlySet<string> = new Set(["", "*", "all"]);

/** A namespace as it is named; undefined for none, "*" for all of them. */
export function readNamespace(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  return EVERYWHERE.has(given.trim().toLowerCase()) ? "*" : given;
}

/**
 * The target of a call.
 *
 * @throws {InputError} a scope that is none, or that does not fit the resource; a name to write to
 *   that several groups have
 * @throws {ResolveError} the cluster serves no such resource
 */
export async function resolveTarget(
  given: TargetArguments,
  broker: Broker,
  signal: AbortSignal,
  use: TargetUse = {},
): Promise<Target> {
  const scope = readScope(given.scope);
  const reference = { ...readTargetReference(given), resource: given.resource_kind };
  const found = await findServed(reference, broker, signal);
  if (use.writes) refuseGuess(found);
  return found.resource.namespaced
    ? inNamespace(found, scope, given.target_ns, use)
    : inCluster(found, scope, given.target_ns);
}

/** @throws {InputError} several groups have what is to be changed */
export function refuseGuess({ group, resource: { resource }, others = [] }: Target): void {
  if (others.length === 0) return;
  const groups = [group, ...others];
  throw new InputError(
    `Cannot tell which ${resource} are meant: ${groups.slice(0, 8).join(" and ")} have them`,
    { hint: `Say which by api_group, such as "${group}".` },
  );
}

/** What a read says of the group that it took; none where there was no choice. */
export function groupNotes({ group, resource: { resource }, others = [] }: Target): string[] {
  if (others.length === 0) return [];
  return [
    `These are the ${resource} of ${group}; ${others.slice(0, 8).join(" and ")} ` +
    `${others.length > 1 ? "have" : "has"} ${resource} too: api_group says which.`,
  ];
}

function inCluster(
  found: Target,
  scope: Scope | undefined,
  target_ns: string | undefined,
): Target {
  const what = found.resource.resource;
  if (scope === "namespaced") {
    throw new InputError(`Cannot use scope "namespaced" for ${what}: they belong to the cluster`, {
      hint: 'Use scope "cluster", without target_ns.',
    });
  }
  const namespace = readNamespace(target_ns);
  if (namespace !== undefined && namespace !== "*") {
    throw new InputError(
      `Cannot use target_ns "${namespace.slice(0, 100)}" for ${what}: they belong to the cluster`,
      { hint: "Leave target_ns out." },
    );
  }
  return found;
}

function inNamespace(
  found: Target,
  scope: Scope | undefined,
  target_ns: string | undefined,
  { allNamespaces = false }: TargetUse,
): Target {
  const what = found.resource.resource;
  const namespace = readNamespace(target_ns);
  const one = namespace !== undefined && namespace !== "*";
  if (scope === "cluster" && one) {
    throw new InputError(
      `Cannot use scope "cluster" with target_ns "${namespace.slice(0, 100)}": the two contradict`,
      { hint: 'Use scope "namespaced".' },
    );
  }
  if (one) return { ...found, namespace };
  if (allNamespaces && (scope === "cluster" || namespace === "*")) return found;
  if (scope === "cluster") {
    throw new InputError(`Cannot use scope "cluster" for ${what}: they are namespaced`, {
      hint: 'Use scope "namespaced" and target_ns.',
    });
  }
  if (namespace === "*" && target_ns !== "") {
    throw new InputError(`Cannot use ${what} in all namespaces: this is about one of them`, {
      hint: "Name its namespace in target_ns; scan_k8s_collection lists all namespaces.",
    });
  }
  throw new InputError(`Cannot use ${what} without target_ns: they are namespaced`, {
    hint: allNamespaces
      ? 'Name the namespace; target_ns "*" lists all of them.'
      : "Name the namespace.",
  });
}

type Scope = "cluster" | "namespaced";

/** @throws {InputError} a scope that is none */
export function readScope(scope: string | undefined): Scope | undefined {
  const word = (scope ?? "").trim().toLowerCase();
  if (word === "") return undefined;
  if (word === "cluster" || word === "clustered") return "cluster";
  if (word === "namespaced" || word === "namespace") return "namespaced";
  throw new InputError(`Cannot use scope "${word.slice(0, 60)}": there is no such scope`, {
    hint: 'scope (or resource_type) is "cluster" or "namespaced"; the resource goes into ' +
      "resource_kind (or resource).",
  });
}

/** `api_version: "apps/v1"` says the group too. */
export function readTargetReference(given: Partial<TargetArguments>): Partial<ResourceReference> {
  const { api_version, resource_kind: resource } = given;
  const group = given.api_group === undefined ? undefined : groupOf(given.api_group);
  if (!api_version?.includes("/")) return { group, version: api_version, resource };
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
  const found = findIn(known, reference);
  if (found !== undefined) return found;
  const index = await askNames(broker, signal, true);
  const served = findIn(index, reference);
  if (served === undefined) throw notServed(index, reference);
  return served;
}

function findIn({ versions }: NamesIndex, reference: ResourceReference): Target | undefined {
  const found = resolve(versions, reference);
  if (found === undefined) return undefined;
  const others = otherGroups(versions, reference, found);
  return others.length > 0 ? { ...found, others } : found;
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
