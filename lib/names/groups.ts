/** Names of API groups, and the `apiVersion` that they make with a version. Pure. */

/** A group and one of its versions; the core group is "". */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** A group as requests name it: lower case, and "" for the core group, which people call "core". */
export function groupOf(name: string): string {
  const lower = name.toLowerCase();
  return lower === "core" ? "" : lower;
}

/** A group as people name it: "core" for the core group, which has no name of its own. */
export function groupName(group: string): string {
  return group === "" ? "core" : group;
}

/**
 * Whether a group is one of Kubernetes' own.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/#api-groups}
 */
export function isOwnGroup(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}

/** `apps/v1`, and `v1` for the core group: the `apiVersion` of objects. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `apps/v1` taken apart; undefined where there is more than a group and a version. */
export function splitApiVersion(apiVersion: string): GroupVersion | undefined {
  const [first = "", second, ...rest] = apiVersion.split("/");
  if (rest.length > 0) return undefined;
  return second === undefined ? { group: "", version: first } : { group: first, version: second };
}
