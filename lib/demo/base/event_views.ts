/** Events are stored once and served twice: as `v1` and as `events.k8s.io/v1`. */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { ResourceType } from "./api_resources.ts";

/** Fields by their names in core/v1 and in events.k8s.io/v1. */
const RENAMED: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["count", "deprecatedCount"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["reportingComponent", "reportingController"],
];

function rename(object: KubeObject, names: readonly (readonly [string, string])[]): KubeObject {
  const to = new Map(names);
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [to.get(key) ?? key, value]),
  );
}

/** A stored object as a resource's version shows it. */
export function toServed(object: KubeObject, type: ResourceType): KubeObject {
  const served = type.group === "events.k8s.io" ? rename(object, RENAMED) : object;
  const apiVersion = apiVersionOf(type);
  return served.apiVersion === apiVersion ? served : { ...served, apiVersion };
}

/** An object as it came in, as it is stored. */
export function toStored(object: KubeObject, type: ResourceType): KubeObject {
  if (type.group !== "events.k8s.io") return object;
  const back = RENAMED.map(([core, other]) => [other, core] as const);
  return { ...rename(object, back), apiVersion: "v1" };
}
