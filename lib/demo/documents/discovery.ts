/**
 * Discovery documents, of both forms.
 * @see {@link https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api}
 */
import { apiVersionOf } from "../../names/groups.ts";
import type { JsonObject } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";

type Types = readonly ResourceType[];

/** Versions of a group, in order of preference. */
function versionsOf(types: Types, group: string): string[] {
  const versions = types.filter((type) => type.group === group).map(({ version }) => version);
  return [...new Set(versions)];
}

function groupsOf(types: Types): string[] {
  return [...new Set(types.map(({ group }) => group))].filter(Boolean);
}

/** `GET /api`. */
export function coreVersions(server: string): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: server }],
  };
}

/** One group; undefined when it is not served. */
export function apiGroup(types: Types, name: string): JsonObject | undefined {
  const versions = versionsOf(types, name).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return versions.length && name ? { name, versions, preferredVersion: versions[0] } : undefined;
}

/** `GET /apis`. */
export function apiGroupList(types: Types): JsonObject {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupsOf(types).map((name) => apiGroup(types, name)),
  };
}

/** `GET /api/v1` and `GET /apis/<group>/<version>`; undefined when it is not served. */
export function apiResourceList(
  types: Types,
  group: string,
  version: string,
): JsonObject | undefined {
  const own = types.filter((type) => type.group === group && type.version === version);
  if (!own.length) return undefined;
  const resources = own.flatMap((type) => [
    {
      name: type.resource,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: type.verbs,
      ...(type.shortNames.length ? { shortNames: type.shortNames } : {}),
      ...(type.categories.length ? { categories: type.categories } : {}),
    },
    ...type.subresources.map((sub) => ({
      name: `${type.resource}/${sub.name}`,
      singularName: "",
      namespaced: type.namespaced,
      ...(sub.group === group && sub.version === version
        ? {}
        : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  return {
    kind: "APIResourceList",
    ...(group ? { apiVersion: "v1" } : {}),
    groupVersion: apiVersionOf({ group, version }),
    resources,
  };
}

/** The media type of {@linkcode aggregated}. */
export const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** `GET /api` (core) or `GET /apis` (the rest) in the aggregated form. */
export function aggregated(types: Types, core: boolean): JsonObject {
  const kindOf = ({ group, version, kind }: { group: string; version: string; kind: string }) => ({
    group,
    version,
    kind,
  });
  const resource = (type: ResourceType) => ({
    resource: type.resource,
    responseKind: kindOf(type),
    scope: type.namespaced ? "Namespaced" : "Cluster",
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length ? { categories: type.categories } : {}),
    ...(type.subresources.length
      ? {
        subresources: type.subresources.map((sub) => ({
          subresource: sub.name,
          responseKind: kindOf(sub),
          verbs: sub.verbs,
        })),
      }
      : {}),
  });
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: (core ? [""] : groupsOf(types)).map((group) => ({
      metadata: { ...(group ? { name: group } : {}), creationTimestamp: null },
      versions: versionsOf(types, group).map((version) => ({
        version,
        resources: types.filter((type) => type.group === group && type.version === version)
          .map(resource),
        freshness: "Current",
      })),
    })),
  };
}
