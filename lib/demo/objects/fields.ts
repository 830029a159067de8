/**
 * Who owns which field: `managedFields`.
 * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management}
 */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import { equal, rfc3339, without } from "../base/json.ts";
import { type JsonObject, listAt, objectAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { fieldSchema, itemSchema, listKind, type Schema, schemaOf } from "../base/schemas.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** A field's steps, each as `fieldsV1` writes it (`f:name`, `k:{…}`, `v:…`), joined by NUL. */
export type Path = string;
/** Between the steps of a path. */
export const SEPARATOR = "\0";
/** The step that stands for an item itself. */
export const SELF = ".";

/** Who writes, and how. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly subresource?: string;
}

/** The step to an item of a list that is merged; undefined when the list is one value. */
export function itemStep(item: unknown, schema: Schema | undefined): string | undefined {
  const { kind, keys } = listKind(schema);
  if (kind === "set" && !isRecord(item)) return `v:${stringifyExact(item)}`;
  if (kind !== "map" || !isRecord(item)) return undefined;
  const own = keys.filter((key) => item[key] !== undefined || key === "protocol").map((key) => [
    key,
    item[key] ?? "TCP",
  ]);
  return `k:${stringifyExact(Object.fromEntries(own))}`;
}

/** Whether a list merges by its items. */
export function isMerged(schema: Schema | undefined): boolean {
  return ["map", "set"].includes(listKind(schema).kind);
}

/** The owned paths of a value, with the value at each: leaves, and items of merged lists. */
function walk(
  value: unknown,
  schema: Schema | undefined,
  found: Map<Path, unknown>,
  path: string[],
): Map<Path, unknown> {
  const here = path.join(SEPARATOR);
  if (isRecord(value) && schema?.["x-kubernetes-map-type"] !== "atomic") {
    const entries = Object.entries(value);
    if (!entries.length) found.set(here, {});
    for (const [key, inner] of entries) {
      walk(inner, fieldSchema(schema, key), found, [...path, `f:${key}`]);
    }
  } else if (Array.isArray(value) && isMerged(schema)) {
    for (const item of value) {
      const step = itemStep(item, schema) ?? `v:${stringifyExact(item)}`;
      const at = [...path, step];
      if (isRecord(item)) {
        found.set([...at, SELF].join(SEPARATOR), true);
        walk(item, itemSchema(schema), found, at);
      } else found.set(at.join(SEPARATOR), item);
    }
  } else found.set(here, value);
  return found;
}

const UNTRACKED = [
  "name namespace uid resourceVersion generation creationTimestamp deletionTimestamp managedFields",
  "deletionGracePeriodSeconds generateName selfLink",
].join(" ").split(" ");

/** The paths that a manager can own in an object. */
export function ownable(object: KubeObject, type: ResourceType): Map<Path, unknown> {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const tracked = Object.entries(metadata ?? {}).filter(([key]) => !UNTRACKED.includes(key));
  const value = tracked.length ? { metadata: Object.fromEntries(tracked), ...rest } : rest;
  return walk(value, schemaOf(type), new Map(), []);
}

/** Paths as the tree that `fieldsV1` is. */
function toTree(paths: Iterable<Path>): JsonObject {
  const tree: JsonObject = {};
  for (const path of paths) {
    let node = tree;
    for (const step of path.split(SEPARATOR)) {
      const next = node[step];
      node = isRecord(next) ? next : (node[step] = {}) as JsonObject;
    }
  }
  return tree;
}

function fromTree(tree: unknown, path: string[] = []): Path[] {
  const entries = Object.entries(objectAt(tree));
  if (!entries.length) return path.length ? [path.join(SEPARATOR)] : [];
  return entries.flatMap(([step, inner]) => fromTree(inner, [...path, step]));
}

/** One entry of `managedFields`, its paths unpacked. */
export interface Entry extends Manager {
  readonly paths: Set<Path>;
  readonly time: string;
  readonly apiVersion: string;
}

/** Who owns what in an object. */
export function entriesOf(object: KubeObject | undefined): Entry[] {
  return listAt(object, "metadata", "managedFields").map((entry) => ({
    name: textAt(entry, "manager"),
    operation: textAt(entry, "operation") === "Apply" ? "Apply" : "Update",
    subresource: textAt(entry, "subresource") || undefined,
    time: textAt(entry, "time"),
    apiVersion: textAt(entry, "apiVersion"),
    paths: new Set(fromTree(objectAt(entry, "fieldsV1"))),
  }));
}

/** Appliers first, then by time and name. */
function byOperation(a: Entry, b: Entry): number {
  const key = ({ operation, time, name }: Entry) => `${operation}\0${time}\0${name}`;
  return key(a) < key(b) ? -1 : 1;
}

const written = (entries: readonly Entry[]) =>
  entries.filter(({ paths }) => paths.size).toSorted(byOperation).map((entry) => ({
    manager: entry.name,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    time: entry.time,
    fieldsType: "FieldsV1",
    fieldsV1: toTree(entry.paths),
    ...(entry.subresource ? { subresource: entry.subresource } : {}),
  }));

/** Whether two are the same manager. */
export const isSame = (a: Manager, b: Manager) =>
  a.name === b.name && a.operation === b.operation && a.subresource === b.subresource;

/** The object with these owners. */
export function withEntries(object: KubeObject, entries: readonly Entry[]): KubeObject {
  const managedFields = written(entries);
  const own = managedFields.length ? { managedFields } : {};
  return { ...object, metadata: { ...without(object.metadata ?? {}, "managedFields"), ...own } };
}

/** The object with what a manager's update changed now its own, and no longer anybody else's. */
export function trackUpdate(
  object: KubeObject,
  old: KubeObject | undefined,
  type: ResourceType,
  manager: Manager,
  now: Date,
): KubeObject {
  // What the server alone sets on an object is nobody's.
  const mine = ([path]: [Path, unknown]) =>
    manager.subresource !== undefined || !type.subresources.some(({ name }) => name === "status") ||
    (!path.startsWith("f:status") && path !== `f:spec${SEPARATOR}f:finalizers`);
  const after = new Map([...ownable(object, type)].filter(mine));
  const before = old ? ownable(old, type) : new Map<Path, unknown>();
  const changed = [...after].filter(([path, value]) =>
    !before.has(path) || !equal(before.get(path), value)
  ).map(([path]) => path);
  const entries = entriesOf(old).map((entry): Entry => ({
    ...entry,
    paths: new Set(
      [...entry.paths].filter((path) =>
        after.has(path) && (isSame(entry, manager) || !changed.includes(path))
      ),
    ),
  }));
  const own = entries.find((entry) => isSame(entry, manager));
  if (own && changed.length) {
    const others = entries.filter((entry) => entry !== own);
    return withEntries(object, [
      ...others,
      { ...own, time: rfc3339(now), paths: new Set([...own.paths, ...changed]) },
    ]);
  }
  if (!changed.length) return withEntries(object, entries);
  const added = { ...manager, time: rfc3339(now), apiVersion: apiVersionOf(type) };
  return withEntries(object, [...entries, { ...added, paths: new Set(changed) }]);
}
