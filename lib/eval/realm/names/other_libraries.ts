/**
 * What is said to names that are not there, because another library has them: the JavaScript client's
 * `listNamespacedPod`, a resource under the wrong group, a list where its items are meant.
 */
import { resolve } from "../../../names/resolve.ts";
import { execOf } from "../../../std/regexp.ts";
import type { FoundResource, ServedNames, Version } from "./served_names.ts";

/** Method names of @kubernetes/client-node: verb, scope, kind (with a subresource behind it), reach. */
const GENERATED =
  /^(list|read|get|create|deleteCollection|delete|patch|replace|watch)(?:Namespaced|Cluster(?=Custom))?([A-Z]\w*?)(ForAllNamespaces)?$/;
const SUBRESOURCE = /^(\w+?)(Log|Status|Scale|Eviction)$/;

const CALLS: Readonly<Record<string, string>> = {
  list: "list()",
  read: "get(name)",
  get: "get(name)",
  create: "create(object)",
  delete: "delete(name)",
  deleteCollection: "deleteCollection({}, {labelSelector})",
  patch: 'patch(name, "merge", data)',
  replace: "update(object)",
  watch: "watch()",
  Log: "getLogs(name)",
  Status: "updateStatus(object)",
  Scale: "scale(name, replicas)",
  Eviction: "evict(name)",
};

/** For a name that `k8s` or, with its version, a client has not: where what is meant stands. */
export function elsewhere(
  label: string,
  names: ServedNames,
  name: string,
  version?: Version,
): string | undefined {
  if (execOf(/^(?:KubeConfig|Config|makeApiClient|loadFrom\w*)$/, name)) {
    return `${label} is connected already: write ${label}.coreV1().pods(ns).list().`;
  }
  const read = execOf(GENERATED, name);
  if (!read) {
    const found = find(names, name, version);
    return found && `Write ${callOf(label, names, found)}.`;
  }
  const verb = read[1]!;
  const whole = find(names, read[2]!, version);
  const parts = whole ? null : execOf(SUBRESOURCE, read[2]!);
  const found = whole ?? (parts ? find(names, parts[1]!, version) : undefined);
  if (!found) return undefined;
  const call = parts && !(parts[2] === "Status" && verb === "read") ? parts[2]! : verb;
  return `Write ${callOf(label, names, found, read[3] ? '""' : "ns")}.${CALLS[call]}.`;
}

function find(names: ServedNames, name: string, first?: Version): FoundResource | undefined {
  const reference = { resource: name };
  return (first && resolve([first], reference)) ?? resolve(names.versions(), reference);
}

function callOf(label: string, names: ServedNames, found: FoundResource, namespace = "ns"): string {
  const { resource, namespaced } = found.resource;
  return `${label}.${names.clientOf(found)}().${resource}(${namespaced ? namespace : ""})`;
}

/** Verbs by the names that other libraries, kubectl and habit give them. */
const VERBS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  read: "get(name)",
  describe: "get(name)",
  find: "get(name)",
  replace: "update(object)",
  edit: "patch(name, data)",
  remove: "delete(name)",
  add: "create(object)",
  log: "getLogs(name)",
  logs: "getLogs(name)",
  all: "list()",
  getall: "list()",
  items: "list().items",
  map: "list().items.map(…)",
  filter: "list().items.filter(…)",
  foreach: "list().items.forEach(…)",
  length: "list().items.length",
};

/** For a verb that a resource has not: how it is written. */
export function verbMeant(name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(VERBS, lower) ? `Write .${VERBS[lower]}.` : undefined;
}
