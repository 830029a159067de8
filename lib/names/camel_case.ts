/** Plural names as client libraries write them: `configMaps` for the resource `configmaps`. Pure. */
import type { ResourceNames } from "./resolve.ts";
import { execOf } from "../std/regexp.ts";

/** The plural in the capitals of its kind: `configMaps`, `networkPolicies`, `csiDrivers`. */
export function camelCasePlural({ resource, kind }: Pick<ResourceNames, "resource" | "kind">) {
  const lower = kind.toLowerCase();
  let same = 0;
  while (same < resource.length && resource[same] === lower[same]) same += 1;
  return lowerFirst(kind.slice(0, same)) + resource.slice(same);
}

/**
 * The names under which scripts are shown a resource. One whose plural is another word than its kind
 * (`pods` of PodMetrics) goes by the kind's own plural too, as in generated clients: `podMetricses`.
 */
export function shownNames(names: Pick<ResourceNames, "resource" | "kind">): readonly string[] {
  const plural = camelCasePlural(names);
  // The last letter may turn into another in the plural, as in `policies`.
  const isOfKind = names.resource.startsWith(names.kind.toLowerCase().slice(0, -1));
  return isOfKind ? [plural] : [plural, `${lowerFirst(names.kind)}es`];
}

/** `ConfigMap` to `configMap`, `CSIDriver` to `csiDriver`, `API` to `api`. */
function lowerFirst(name: string): string {
  const capitals = execOf(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, name)?.[0] ?? "";
  return capitals.toLowerCase() + name.slice(capitals.length);
}
