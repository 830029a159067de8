/** What a script knows of the names that a cluster serves. Types only. */
import type { NamedResource, NamesIndex } from "../../../broker/types.ts";
import type { Found } from "../../../names/resolve.ts";

/** One version of a group, as the cluster serves it. */
export type Version = NamesIndex["versions"][number];

/** A resource, and where it is served. */
export interface FoundResource extends Found<NamedResource> {
  /** Other groups that serve a resource of the name by which it was asked for. */
  readonly others?: readonly string[];
}

/** The names of one cluster. */
export interface ServedNames {
  versions(): readonly Version[];
  /** Names of the clients, as `appsV1`. */
  clients(): readonly string[];
  clientOf(version: Pick<Version, "group" | "version">): string;
  /** What `find` gives; when that is nothing, once more after asking the cluster again. */
  orRefresh<Value>(key: string, find: () => Value | undefined): Value | undefined;
}
