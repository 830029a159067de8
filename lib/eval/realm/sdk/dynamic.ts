/** The clients of client-go that are not a group: by group, version and resource, and discovery. */
import { withoutContext } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { caseless, fixedMembers } from "../base/caseless_object.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import { apiVersionOf, splitApiVersion } from "../../../names/groups.ts";
import type { ResourceReference } from "../../../names/resolve.ts";
import { readNamespace } from "../input/placement.ts";
import { elsewhere } from "../names/other_libraries.ts";
import type { FoundResource, ServedNames, Version } from "../names/served_names.ts";
import { execOf, replaceAll } from "../../../std/regexp.ts";
import { resourceObject } from "../verbs/resource.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** The resource that a script names. */
export type Resolve = (reference: ResourceReference) => FoundResource;

/** Gives the object of a resource that a script names: in one namespace, or by `namespace(ns)`. */
export type ResourceOf = (...reference: unknown[]) => object;

/**
 * `resource({group, version, resource})`, `resource({apiVersion, kind})` as an object has them,
 * `resource("deployments.apps")`, `resource("apps/v1", "Deployment")`.
 */
export function resourceOf(parts: SdkParts, resolve: Resolve, label: string): ResourceOf {
  return (...given) => {
    const args = given[0] === parts.ctx ? given.slice(1) : given;
    const [first, second] = args;
    const both = typeof first === "string" && typeof second === "string" && isApiVersion(first);
    const written = both
      ? { apiVersion: first, kind: second }
      : typeof first === "string"
      ? { resource: first }
      : first;
    const { group, version, resource } = readReference(lowerKeys(written));
    if (typeof resource !== "string" || resource === "") {
      throw usageError(
        "InputError",
        "Cannot use the resource: no name given",
        'Write resource({group: "apps", version: "v1", resource: "deployments"}).',
      );
    }
    const found = resolve({
      resource,
      ...(group === undefined || group === null ? {} : { group: `${group}` }),
      ...(version ? { version: `${version}` } : {}),
    });
    return resourceObject(
      parts,
      { ...found, ...readNamespace(found.resource, args.slice(both ? 2 : 1)) },
      `${label}.resource("${resource}")`,
    );
  };
}

/** `v1`, `apps/v1`: no resource is called so. */
function isApiVersion(text: string): boolean {
  return execOf(/^(?:[a-z0-9.-]+\/)?v\d+(?:(?:alpha|beta)\d+)?$/, text) !== null;
}

/** client-go's dynamic client. */
export function dynamicClient(parts: SdkParts, resolve: Resolve): object {
  const label = `${parts.label}.dynamicClient()`;
  return caseless(label, fixedMembers({ resource: resourceOf(parts, resolve, label) }));
}

function readReference(given: Record<string, unknown>) {
  const { apiversion, kind } = given;
  const { group, version, resource = kind } = given;
  if (typeof apiversion !== "string") return { group, version, resource };
  const written = splitApiVersion(apiversion);
  // One that is none is looked for as it stands, and not found.
  return {
    group: group ?? written?.group,
    version: version ?? written?.version ?? apiversion,
    resource,
  };
}

function lowerKeys(value: unknown): Record<string, unknown> {
  const lower: Record<string, unknown> = {};
  const given = Object(value) as Record<string, unknown>;
  for (const key of Object.keys(given)) lower[replaceAll(key, /_/g, "").toLowerCase()] = given[key];
  return lower;
}

type Versions = readonly Version[];

/** client-go's discovery client, as far as scripts use it. */
export function discoveryClient(parts: SdkParts, names: ServedNames): object {
  const label = `${parts.label}.discoveryClient()`;
  const get = (path: string, convert?: (document: unknown) => unknown) => (...args: unknown[]) => {
    withoutContext(args, parts.ctx);
    const spec: CallSpec = { header: { op: "path", path }, decoder: jsonDecoder(convert) };
    return parts.caller.invoke(() => spec);
  };
  const lists = (wanted: (version: Version) => boolean, namespaced = false) =>
    names.versions().filter(wanted).map((version) => resourceList(version, namespaced));
  return caseless(label, {
    ...fixedMembers({
      serverVersion: get("/version"),
      serverGroups: get("/apis", (document) => withCoreGroup(document, names.versions())),
      serverResourcesForGroupVersion: (...args: unknown[]) => {
        const [given] = withoutContext(args, parts.ctx, 1);
        const [list] = lists((version) => apiVersionOf(version) === given);
        return list ?? refuseVersion(parts, given);
      },
      serverPreferredResources: () => lists(({ preferred }) => preferred),
      serverPreferredNamespacedResources: () => lists(({ preferred }) => preferred, true),
      serverGroupsAndResources: () => [groupsOf(names.versions()), lists(() => true)],
    }),
    // `discoveryClient` is near to the client of discovery.k8s.io.
    hint: (name) => elsewhere(parts.label, names, name),
  });
}

/** An APIResourceList. */
function resourceList({ group, version, resources }: Version, namespaced: boolean) {
  return {
    kind: "APIResourceList",
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.filter((entry) => entry.namespaced || !namespaced).map((entry) => ({
      name: entry.resource,
      singularName: entry.singular,
      namespaced: entry.namespaced,
      kind: entry.kind,
      verbs: entry.verbs,
      shortNames: entry.shortNames,
    })),
  };
}

/** An APIGroup for each group, the core group under its name "". */
function groupsOf(versions: Versions) {
  return [...new Set(versions.map(({ group }) => group))].map((name) => {
    const own = versions.filter(({ group }) => group === name).map(({ version, preferred }) => ({
      groupVersion: apiVersionOf({ group: name, version }),
      version,
      preferred,
    }));
    const written = own.map(({ groupVersion, version }) => ({ groupVersion, version }));
    const first = own.findIndex(({ preferred }) => preferred);
    return { name, versions: written, preferredVersion: written[first < 0 ? 0 : first] };
  });
}

/** The list of groups as client-go gives it: what the API server has at /apis leaves the first out. */
function withCoreGroup(document: unknown, versions: Versions): unknown {
  const list = document as { groups?: unknown[] };
  const core = groupsOf(versions.filter(({ group }) => group === ""));
  return { ...list, groups: [...core, ...list.groups ?? []] };
}

function refuseVersion({ label }: SdkParts, given: unknown): never {
  throw usageError(
    "ResolveError",
    `Cannot find ${shown(given)}: the cluster serves no such group and version`,
    `${label}.discoveryClient().serverGroups() lists them.`,
  );
}
