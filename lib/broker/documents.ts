/** What a cluster says of itself: its versions, its resources, its schemas. */
import { FRESH_MS, type KubeClient } from "../kube/client.ts";
import type { ApiIndex } from "../kube/discovery/discovery.ts";
import { explain } from "../kube/explain/explain.ts";
import { apiVersionOf, splitApiVersion } from "../names/groups.ts";
import type { ClusterDocumentCall, NamesIndex } from "./types.ts";

/** What of discovery is looked at, by its path at the API server. */
export function pathOf(call: ClusterDocumentCall): string {
  if (call.op === "path") return call.path;
  return call.op === "explain" ? "/openapi/v3" : "/apis";
}

/** Such a document, from the cluster. */
export async function documentOf(
  kube: KubeClient,
  call: ClusterDocumentCall,
  signal: AbortSignal,
): Promise<unknown> {
  switch (call.op) {
    case "explain":
      return await explain(kube, call, signal);
    case "path":
      return await kube.getJson(call.path, { signal });
    case "names":
      return namesOf(
        await kube.index({ signal, ...(call.refresh ? { maxAgeMs: FRESH_MS } : {}) }),
      );
  }
}

function namesOf(index: ApiIndex): NamesIndex {
  const broken = new Map(index.broken.map((entry) => [entry.groupVersion, entry.message]));
  const known = index.versions.map(({ group, version, preferred, resources }) => {
    const message = broken.get(apiVersionOf({ group, version }));
    broken.delete(apiVersionOf({ group, version }));
    return {
      group,
      version,
      preferred,
      ...(message === undefined ? {} : { broken: message }),
      resources: resources.map((entry) => ({
        resource: entry.resource,
        singular: entry.singular,
        kind: entry.kind,
        shortNames: entry.shortNames,
        namespaced: entry.namespaced,
        verbs: entry.verbs,
        subresources: entry.subresources.map(({ name }) => name),
      })),
    };
  });
  // Discovery of the older kind says of a broken group nothing but its name.
  const unknown = [...broken].map(([groupVersion, message]) => {
    const { group, version } = splitApiVersion(groupVersion) ??
      { group: groupVersion, version: "" };
    return { group, version, preferred: false, broken: message, resources: [] };
  });
  return { versions: [...known, ...unknown] };
}
