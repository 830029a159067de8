/** What a cluster says of itself: its versions, its resources, its schemas. */
import { FRESH_MS, type KubeClient } from "../kube/client.ts";
import type { ApiIndex } from "../kube/discovery/discovery.ts";
import { withBroken } from "../kube/discovery/resolve.ts";
import { explain } from "../kube/explain/explain.ts";
import type { ClusterDocumentCall, NamesIndex } from "./types.ts";

/** What of discovery is looked at, by its path at the API server. */
export function pathOf(call: ClusterDocumentCall): string {
  if (call.op === "path" || call.op === "document") return call.path;
  return call.op === "explain" ? "/openapi/v3" : "/apis";
}

/** Such a document, from the cluster. */
export async function documentOf(
  kube: KubeClient,
  call: Exclude<ClusterDocumentCall, { readonly op: "document" }>,
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
  const versions = withBroken(index).map(({ group, version, preferred, broken, resources }) => ({
    group,
    version,
    preferred,
    ...(broken === undefined ? {} : { broken }),
    resources: resources.map((entry) => ({
      resource: entry.resource,
      singular: entry.singular,
      kind: entry.kind,
      shortNames: entry.shortNames,
      namespaced: entry.namespaced,
      verbs: entry.verbs,
      subresources: entry.subresources.map(({ name }) => name),
    })),
  }));
  return { versions };
}
