/**
 * Server-side apply.
 * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/}
 */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import {
  entriesOf,
  type Entry,
  isMerged,
  isSame,
  itemStep,
  type Manager,
  ownable,
  type Path,
  SELF,
  SEPARATOR,
  withEntries,
} from "./fields.ts";
import { equal, rfc3339 } from "../base/json.ts";
import { textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { fieldSchema, itemSchema, type Schema, schemaOf } from "../base/schemas.ts";
import { StatusError } from "../base/status.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

/** A path as conflicts name it: `.spec.containers[name="app"].image`. */
function readable(path: Path): string {
  return path.split(SEPARATOR).filter((step) => step !== SELF).map((step) => {
    if (step.startsWith("f:")) return `.${step.slice(2)}`;
    if (!step.startsWith("k:")) return `[=${step.slice(2)}]`;
    const keys = Object.entries(Object(parseExact(step.slice(2))));
    return `[${keys.map(([key, value]) => `${key}=${stringifyExact(value)}`).join(",")}]`;
  }).join("");
}

function applyConflict(conflicts: { entry: Entry; path: Path }[]): StatusError {
  const who = ({ name, subresource, operation, apiVersion }: Entry) =>
    JSON.stringify(name) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : "") +
    (operation === "Update" ? ` using ${apiVersion}` : "");
  const managers = [...new Set(conflicts.map(({ entry }) => who(entry)))].sort();
  const [first] = conflicts;
  const text = conflicts.length === 1 && first
    ? `1 conflict: conflict with ${who(first.entry)}: ${readable(first.path)}`
    : `${conflicts.length} conflicts: ${
      managers.map((manager) =>
        [
          `conflicts with ${manager}:`,
          ...conflicts.filter(({ entry }) => who(entry) === manager)
            .map(({ path }) => `- ${readable(path)}`),
        ].join("\n")
      ).join("\n")
    }`;
  return new StatusError(409, "Conflict", `Apply failed with ${text}`, {
    causes: conflicts.map(({ entry, path }) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${who(entry)}`,
      field: readable(path),
    })),
  });
}

/** What is applied laid over what is there: maps and keyed lists merge, all else is replaced. */
function overlay(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (isRecord(applied) && isRecord(live) && schema?.["x-kubernetes-map-type"] !== "atomic") {
    const result = { ...live };
    for (const [key, value] of Object.entries(applied)) {
      result[key] = overlay(live[key], value, fieldSchema(schema, key));
    }
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live) || !isMerged(schema)) return applied;
  const result = [...live];
  for (const item of applied) {
    const step = itemStep(item, schema);
    const index = result.findIndex((one) => itemStep(one, schema) === step);
    if (index < 0) result.push(item);
    else result[index] = overlay(result[index], item, itemSchema(schema));
  }
  return result;
}

/** The value without some of its paths; what is left empty by that goes too. */
function prune(
  value: unknown,
  schema: Schema | undefined,
  gone: ReadonlySet<Path>,
  path: string[],
): unknown {
  if (gone.has(path.join(SEPARATOR)) || gone.has([...path, SELF].join(SEPARATOR))) return undefined;
  if (isRecord(value) && schema?.["x-kubernetes-map-type"] !== "atomic") {
    const kept = Object.entries(value).map(([key, inner]) =>
      [key, prune(inner, fieldSchema(schema, key), gone, [...path, `f:${key}`])] as const
    ).filter(([, inner]) => inner !== undefined);
    return kept.length || !Object.keys(value).length ? Object.fromEntries(kept) : undefined;
  }
  if (!Array.isArray(value) || !isMerged(schema)) return value;
  const kept = value.map((item) =>
    prune(item, itemSchema(schema), gone, [
      ...path,
      itemStep(item, schema) ?? `v:${stringifyExact(item)}`,
    ])
  ).filter((item) => item !== undefined);
  return kept.length || !value.length ? kept : undefined;
}

/** All fields of an object that nobody has owned so far, in the name that Kubernetes gives that. */
function firstEntry(paths: Map<Path, unknown>, type: ResourceType, live: KubeObject): Entry {
  return {
    name: "before-first-apply",
    operation: "Update",
    apiVersion: apiVersionOf(type),
    time: textAt(live, "metadata", "creationTimestamp"),
    paths: new Set([...paths.keys()].filter((path) => !path.startsWith("f:status"))),
  };
}

/**
 * The live object with a manager's configuration applied to it.
 *
 * @throws {StatusError} 409 naming the managers whose fields would change, unless forced
 */
export function applyObject(
  live: KubeObject | undefined,
  applied: KubeObject,
  type: ResourceType,
  manager: Manager,
  force: boolean,
  now: Date,
): KubeObject {
  const schema = schemaOf(type);
  const wanted = ownable(applied, type);
  const present = live ? ownable(live, type) : new Map<Path, unknown>();
  const entries = live && !live.metadata?.managedFields
    ? [firstEntry(present, type, live)]
    : entriesOf(live);
  const own = entries.find((entry) => isSame(entry, manager));
  const others = entries.filter((entry) => entry !== own);
  const conflicts = others.flatMap((entry) =>
    [...wanted].filter(([path, value]) => entry.paths.has(path) && !equal(present.get(path), value))
      .map(([path]) => ({ entry, path }))
  );
  if (conflicts.length && !force) throw applyConflict(conflicts);
  const lost = new Set(conflicts.map(({ path }) => path));
  const gone = new Set(
    [...own?.paths ?? []].filter((path) =>
      !wanted.has(path) && !others.some((entry) => entry.paths.has(path))
    ),
  );
  const base = live && gone.size ? prune(live, schema, gone, []) : live;
  const merged = overlay(base ?? {}, applied, schema) as KubeObject;
  const paths = new Set(wanted.keys());
  const isUnchanged = own && paths.size === own.paths.size &&
    [...paths].every((path) => own.paths.has(path));
  return withEntries(merged, [
    ...others.map((entry): Entry => ({
      ...entry,
      paths: new Set([...entry.paths].filter((path) => !lost.has(path))),
    })),
    {
      ...manager,
      apiVersion: apiVersionOf(type),
      time: isUnchanged ? own.time : rfc3339(now),
      paths,
    },
  ]);
}
