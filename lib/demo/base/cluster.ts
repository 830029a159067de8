/** What the parts of the demo cluster share: the objects, the clock, and one request to it. */
import { apiVersionOf } from "../../names/groups.ts";
import { without } from "./json.ts";
import { type JsonObject } from "../../std/json/at.ts";
import { BUILT_IN, customTypes, type ResourceType } from "./api_resources.ts";
import type { Store } from "./store.ts";
import type { KubeObject } from "../../kube/types.ts";

/** The running cluster. */
export interface Cluster {
  readonly store: Store;
  /** The time; while a story is told, the time at which it came to an object. */
  readonly now: (about?: KubeObject) => Date;
  /** Ends when the cluster does. */
  readonly signal: AbortSignal;
}

/** One request for a resource, taken apart. */
export interface Call {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The body's bytes as text; "" for none. */
  readonly body: string;
  /** `Warning` headers of the answer. */
  readonly warnings: string[];
}

/** One event of a watch. */
export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
  | { readonly type: "BOOKMARK"; readonly metadata: KubeObject["metadata"] }
  | { readonly type: "ERROR"; readonly status: JsonObject };

/** What a request comes to; turned into the form that the client asked for by lib/demo/answers/render.ts. */
export type Outcome =
  | { readonly object: KubeObject; readonly code?: number }
  | { readonly items: readonly KubeObject[]; readonly metadata: JsonObject }
  | { readonly events: ReadableStream<WatchEvent> }
  /** Of a kind other than the resource's: given as it is. */
  | { readonly other: JsonObject; readonly code?: number };

/** Where CustomResourceDefinitions are stored. */
export const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

/** All resources served now, custom ones too. */
export function servedTypes({ store }: Pick<Cluster, "store">): readonly ResourceType[] {
  return [...BUILT_IN, ...store.list(DEFINITIONS).flatMap(customTypes)];
}

/** The resource of that name, if it is served. */
export function findType(
  cluster: Pick<Cluster, "store">,
  group: string,
  version: string,
  resource: string,
): ResourceType | undefined {
  return servedTypes(cluster).find((type) =>
    type.resource === resource && type.group === group && type.version === version
  );
}

/** An object of a resource with its kind and version, these first. */
export function typed(object: KubeObject, type: ResourceType): KubeObject {
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    ...without(object, "kind", "apiVersion"),
  };
}
