/** The clients of client-go that are not a group: by group, version and resource, and discovery. */
import { withoutContext } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { caseless, fixedMembers } from "../base/caseless_object.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { usageError } from "../base/errors.ts";
import { apiVersionOf, splitApiVersion } from "../../../names/groups.ts";
import type { ResourceReference } from "../../../names/resolve.ts";
import type { FoundResource, ServedNames } from "../names/served_names.ts";
import { resourceObject } from "../verbs/resource.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** None given: the context's namespace for one object, all for a list. Given and empty: all. */
export function readNamespace(given: readonly unknown[]): { namespace?: string; all?: boolean } {
  if (given.length === 0) return {};
  const namespace = given[0];
  if (namespace === undefined || namespace === null || namespace === "") return { all: true };
  if (typeof namespace === "string") return { namespace };
  throw usageError("InputError", "Cannot use the namespace: it is no string");
}

/** The resource that a script names. */
export type Resolve = (reference: ResourceReference) => FoundResource;

/**
 * client-go's dynamic client: `resource({group, version, resource})`, or with an object's own
 * `{apiVersion, kind}`; with `namespace(ns)` or without.
 */
export function dynamicClient(parts: SdkParts, resolve: Resolve): object {
  const of = `${parts.label}.dynamicClient()`;
  const resource = (reference: unknown) => {
    const { group, version, resource } = readReference(lowerKeys(reference));
    if (typeof resource !== "string" || resource === "") {
      throw usageError(
        "InputError",
        "Cannot use the resource: no name given",
        'Write resource({group: "apps", version: "v1", resource: "deployments"}).',
      );
    }
    const label = `${of}.resource("${resource}")`;
    const found = resolve({
      resource,
      ...(group === undefined || group === null ? {} : { group: `${group}` }),
      ...(version ? { version: `${version}` } : {}),
    });
    const at = (...given: unknown[]) =>
      resourceObject(
        parts,
        { ...found, ...readNamespace(given) },
        label,
      ) as Record<string, unknown>;
    const clustered = at();
    return caseless(label, {
      find: (lower) => lower === "namespace" ? at : clustered[lower],
      names: () => ["namespace", ...Object.keys(clustered)],
    });
  };
  return caseless(of, fixedMembers({ resource }));
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
  for (const key of Object.keys(given)) lower[key.toLowerCase()] = given[key];
  return lower;
}

/** client-go's discovery client, as far as scripts use it. */
export function discoveryClient(parts: SdkParts, served: ServedNames["versions"]): object {
  const get = (path: string) => (...args: unknown[]) => {
    withoutContext(args, parts.ctx);
    const spec: CallSpec = { header: { op: "path", path }, decoder: jsonDecoder() };
    return parts.caller.invoke(() => spec);
  };
  const lists = (preferredOnly: boolean) => () => {
    const versions = served().filter(({ preferred }) => preferred || !preferredOnly);
    return versions.map(({ group, version, resources }) => ({
      groupVersion: apiVersionOf({ group, version }),
      resources: resources.map((entry) => ({
        name: entry.resource,
        singularName: entry.singular,
        namespaced: entry.namespaced,
        kind: entry.kind,
        verbs: entry.verbs,
        shortNames: entry.shortNames,
      })),
    }));
  };
  return caseless(
    `${parts.label}.discoveryClient()`,
    fixedMembers({
      serverVersion: get("/version"),
      serverGroups: get("/apis"),
      serverPreferredResources: lists(true),
      serverGroupsAndResources: lists(false),
    }),
  );
}
