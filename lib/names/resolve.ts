/**
 * From the names that people use for a resource to the one that a cluster serves. Every way to a
 * resource, for a script, a tool, a rule or the command line, goes by these rules. Pure.
 */
import { nearestNames } from "../std/nearest.ts";
import { execOf } from "../std/regexp.ts";
import { apiVersionOf, groupOf, type GroupVersion } from "./groups.ts";

/** The names that a resource goes by. */
export interface ResourceNames {
  /** Plural, lower case. */
  readonly resource: string;
  /** "" where the server gives none. */
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
}

/** One version of a group, with the resources it serves. */
export interface ServedVersion<Resource extends ResourceNames = ResourceNames>
  extends GroupVersion {
  /** The version that the server prefers for its group. */
  readonly preferred: boolean;
  readonly resources: readonly Resource[];
  /** Why its resources are not known: the API server that is to serve them does not answer. */
  readonly broken?: string;
}

/** How a resource is named; all names are taken whatever their case. */
export interface ResourceReference {
  /** "" or "core" is the core group; left out means any. */
  readonly group?: string;
  /** Left out: the version that the server prefers. */
  readonly version?: string;
  /**
   * Plural, singular or short name, or kind; a group may follow it (`deployments.apps`), or a version
   * and a group (`deployments.v1.apps`, `deployments.apps/v1`, `pods/v1`).
   */
  readonly resource: string;
}

/** A resource that was found, and where it is served. */
export interface Found<Resource extends ResourceNames> extends GroupVersion {
  readonly resource: Resource;
}

/** Why nothing was found. */
export interface NotFound<Resource extends ResourceNames> {
  /** What was looked for, as {@linkcode readReference} gives it. */
  readonly wanted: ResourceReference;
  /** Where it was looked for: `apps/v1`, `apps`, `the core group`; undefined where anywhere. */
  readonly place: string | undefined;
  /** Whether the group, in the version, is served at all. */
  readonly isServed: boolean;
  /** Where the cluster serves something of that name. */
  readonly elsewhere: readonly Found<Resource>[];
  /**
   * Versions that do not answer, and may serve it: of the wanted group where one is named, else any.
   */
  readonly broken: readonly (GroupVersion & { readonly broken: string })[];
  /** Plural names that are near, of that group and version where it is served. */
  readonly near: readonly string[];
}

const VERSION = String.raw`v\d+(?:(?:alpha|beta)\d+)?`;
/** `name.version.group`, `name.group`, `name.group/version`. */
const QUALIFIED = new RegExp(
  String.raw`^([a-z0-9-]+)(?:\.(?:(${VERSION})\.)?([a-z0-9][a-z0-9.-]*))?(?:/(${VERSION}))?$`,
);

/**
 * What is wanted with its parts apart and in lower case. A name that says another group or version
 * than the fields beside it names nothing, and is left as it is.
 */
export function readReference({ group, version, resource }: ResourceReference): ResourceReference {
  const lower = {
    group: group === undefined ? undefined : groupOf(group),
    version: version === undefined ? undefined : version.toLowerCase(),
    resource: resource.toLowerCase(),
  };
  const [, name, versionBefore, suffix, versionAfter] = execOf(QUALIFIED, lower.resource) ?? [];
  const ofName = versionBefore ?? versionAfter;
  if (name === undefined || (suffix === undefined && ofName === undefined)) return lower;
  // `pods/v1` means the core group, as an apiVersion does.
  const named = suffix === undefined ? "" : groupOf(suffix);
  const fits = (said: string | undefined, other: string | undefined) =>
    said === undefined || other === undefined || said === other;
  const twice = versionBefore !== undefined && versionAfter !== undefined;
  if (twice || !fits(lower.group, named) || !fits(lower.version, ofName)) return lower;
  return { group: named, version: lower.version ?? ofName, resource: name };
}

/**
 * The resource that a name means: an exact plural wins over singular and short names and kinds, a
 * group's preferred version over its others, and what the server lists first (the core group) over
 * what comes later, as in kubectl. Undefined where nothing of that name is served.
 */
export function resolve<Resource extends ResourceNames>(
  versions: readonly ServedVersion<Resource>[],
  wanted: ResourceReference,
): Found<Resource> | undefined {
  const read = readReference(wanted);
  let best: { readonly found: Found<Resource>; readonly rank: number } | undefined;
  for (const entry of versions) {
    if (!isIn(entry, read)) continue;
    for (const resource of entry.resources) {
      const rank = rankOf(entry, resource, read);
      if (rank === undefined || (best !== undefined && best.rank <= rank)) continue;
      best = { found: { group: entry.group, version: entry.version, resource }, rank };
    }
  }
  return best?.found;
}

/**
 * The other groups in which a resource goes by the same name as the one that was found, where nothing
 * that was said chooses between them: to write to the first of them would be a guess. None beside the
 * core group, whose resources have no longer name.
 */
export function otherGroups<Resource extends ResourceNames>(
  versions: readonly ServedVersion<Resource>[],
  wanted: ResourceReference,
  found: Found<Resource>,
): readonly string[] {
  const read = readReference(wanted);
  if (read.group !== undefined || found.group === "") return [];
  const rank = nameRank(found.resource, read.resource);
  const others = versions.filter((entry) =>
    entry.group !== found.group && isIn(entry, read) &&
    entry.resources.some((resource) => nameRank(resource, read.resource) === rank)
  );
  return [...new Set(others.map(({ group }) => group))];
}

/** Why {@linkcode resolve} found nothing, for the message and the hint of an error. */
export function whyNotFound<Resource extends ResourceNames>(
  versions: readonly ServedVersion<Resource>[],
  wanted: ResourceReference,
): NotFound<Resource> {
  const read = readReference(wanted);
  const here = versions.filter((entry) => isIn(entry, read));
  const isServed = here.length > 0;
  const elsewhere = versions.flatMap((entry) =>
    entry.resources.filter((resource) => nameRank(resource, read.resource) !== undefined)
      .map((resource) => ({ group: entry.group, version: entry.version, resource }))
  );
  const namesOf = (entries: readonly ServedVersion<Resource>[]) =>
    entries.flatMap(({ resources }) => resources.map(({ resource }) => resource));
  const near = nearestNames(read.resource, namesOf(isServed ? here : versions));
  const broken = versions.flatMap(({ group, version, broken: message }) =>
    message !== undefined && (read.group === undefined || group === read.group)
      ? [{ group, version, broken: message }]
      : []
  ).sort((a, b) => Number(b.version === read.version) - Number(a.version === read.version));
  return { wanted: read, place: placeOf(read), isServed, elsewhere, broken, near };
}

function placeOf({ group, version }: ResourceReference): string | undefined {
  if (version !== undefined) return apiVersionOf({ group: group ?? "", version });
  return group === "" ? "the core group" : group;
}

/**
 * How well a resource fits, less is better: by its name first, then by whether its version is the
 * preferred one. Undefined where it does not.
 *
 * @param wanted as {@linkcode readReference} gives it
 */
export function rankOf(
  entry: ServedVersion,
  resource: ResourceNames,
  wanted: ResourceReference,
): number | undefined {
  const rank = isIn(entry, wanted) ? nameRank(resource, wanted.resource) : undefined;
  return rank === undefined ? undefined : rank * 2 + (entry.preferred ? 0 : 1);
}

function isIn(entry: GroupVersion, { group, version }: ResourceReference): boolean {
  return (group === undefined || entry.group === group) &&
    (version === undefined || entry.version === version);
}

/** 0 plural, 1 singular or kind, 2 short name, 3 a plural or singular made of the kind. */
function nameRank(names: ResourceNames, wanted: string): number | undefined {
  if (wanted === "") return undefined;
  const { resource, singular, shortNames } = names;
  const kind = names.kind.toLowerCase();
  if (resource === wanted) return 0;
  if (singular.toLowerCase() === wanted || kind === wanted) return 1;
  if (shortNames.includes(wanted)) return 2;
  // The kind of `endpoints` is a plural itself, that of `pods` of metrics.k8s.io another word.
  const isMade = wanted === `${kind}s` || wanted === `${kind}es` ||
    (kind === resource && `${wanted}s` === kind);
  return isMade ? 3 : undefined;
}

/** `deployments.apps/v1`, `pods/v1`: the name that means one resource and no other. */
export function qualifiedName(
  { group, version, resource }: GroupVersion & { readonly resource: string },
): string {
  return `${resource}${group && `.${group}`}/${version}`;
}
