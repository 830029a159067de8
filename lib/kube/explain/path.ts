/**
 * Paths as `kubectl explain` takes them: `deployment.spec.strategy`, `deployments.apps.spec`. From
 * the text to a resource and field names, and from those to a field of a schema. Pure.
 */
import { InputError, ResolveError } from "../../errors.ts";
import { nearestNames } from "../../std/nearest.ts";
import type { ApiIndex } from "../discovery/discovery.ts";
import { type FlatSchema, flatten, innermost, type Schemas } from "../schemas/openapi.ts";
import { resolve, type ResourceReference } from "../../names/resolve.ts";
import { resolveResource } from "../discovery/resolve.ts";
import type { ApiResource } from "../types.ts";

/** A parsed path. */
export interface ExplainPath {
  readonly resource: ApiResource;
  readonly fields: readonly string[];
}

/** A field found by a path. */
export interface FoundField {
  /** Names as the schema writes them. */
  readonly path: readonly string[];
  readonly schema: unknown;
  readonly required: boolean;
}

const VERSION = String.raw`v\d+(?:(?:alpha|beta)\d+)?`;
/** `apps/v1/deployments.spec`, `v1/pods.spec`. */
const GROUP_FIRST = new RegExp(String.raw`^(?:([\w.-]+)/)?(${VERSION})/(?=[\w-])`, "i");
/** `deployments.apps/v1.spec`, `pods/v1.spec`. */
const GROUP_LAST = new RegExp(String.raw`^([\w-]+)(?:\.([\w.-]+))?/(${VERSION})(?=[.[]|$)`, "i");

/** Fields named in the hint of an error when none is near. */
const NAMED_FIELDS = 25;
/** Schemas looked through for a field that is elsewhere. */
const SEARCHED = 2_000;

/**
 * The resource and the fields of a path. The resource is a plural, singular or short name, or a
 * kind; its group may follow (`deployments.apps`), or its version and group (`deployments.v1.apps`,
 * `deployments.apps/v1`).
 *
 * @throws {InputError} a path without a resource
 * @throws {ResolveError} a resource that is not served
 */
export function parseExplainPath(
  index: ApiIndex,
  path: string,
  given: { readonly group?: string; readonly version?: string } = {},
): ExplainPath {
  let rest = path.trim();
  let { group, version } = given;
  const first = GROUP_FIRST.exec(rest);
  if (first) {
    group = first[1] ?? "";
    version = first[2];
    rest = rest.slice(first[0].length);
  }
  const last = GROUP_LAST.exec(rest);
  if (last) {
    group = last[2] ?? "";
    version = last[3];
    rest = `${last[1]}${rest.slice(last[0].length)}`;
  }
  const [resource, ...fields] = splitFields(rest);
  if (resource === undefined) {
    throw new InputError(`Cannot explain "${path}": it names no resource`, {
      hint: 'Write explain("deployment.spec.strategy").',
    });
  }
  const reference = { resource, group, version };
  if (group === undefined && version === undefined) {
    const qualified = groupAfter(index, resource, fields);
    if (qualified) return qualified;
  }
  return { resource: resolveResource(index, reference), fields };
}

/** Field names of a path; list indices are dropped, a name in brackets and quotes is taken whole. */
function splitFields(path: string): string[] {
  const fields: string[] = [];
  for (const [, plain, quoted] of path.matchAll(/([^.[\]]+)|\[["']([^\]]*)["']\]|\[[^\]]*\]/g)) {
    const name = plain ?? quoted;
    if (name !== undefined) fields.push(name);
  }
  return fields;
}

/** The reading by which the names after the resource are its group, or its version and group. */
function groupAfter(
  index: ApiIndex,
  resource: string,
  fields: readonly string[],
): ExplainPath | undefined {
  const lower = fields.map((field) => field.toLowerCase());
  const begins = (names: readonly string[]) => names.every((name, at) => lower[at] === name);
  for (const { group, version } of index.versions) {
    const labels = group === "" ? ["core"] : group.split(".");
    const readings: [readonly string[], ResourceReference][] = [
      [[version, ...labels], { resource, group, version }],
      [labels, { resource, group }],
    ];
    for (const [names, reference] of readings) {
      const found = begins(names) ? resolve(index.versions, reference) : undefined;
      if (found) return { resource: found.resource, fields: fields.slice(names.length) };
    }
  }
  return undefined;
}

/**
 * Walks a path; lists and maps are passed through in silence, as kubectl does, and a key of a map
 * of plain values may be named. Names are taken whatever their case.
 *
 * @param what how errors name the object, such as `deployments.apps/v1`
 * @throws {ResolveError} no such field: how far the path leads, and the nearest names
 */
export function findField(
  schemas: Schemas,
  root: unknown,
  fields: readonly string[],
  what: string,
): FoundField {
  let found: FoundField = { path: [], schema: root, required: false };
  for (const field of fields) {
    const holder = innermost(schemas, found.schema);
    const name = ownName(holder.properties, field);
    const { values } = flatten(schemas, found.schema);
    const path = [...found.path, name ?? field];
    if (name !== undefined) {
      found = { path, schema: holder.properties[name], required: holder.required.includes(name) };
    } else if (values !== undefined && Object.keys(holder.properties).length === 0) {
      found = { path, schema: values, required: false };
    } else {
      throw noSuchField({ schemas, root, fields, what, at: found.path, holder, field });
    }
  }
  return found;
}

function ownName(properties: Readonly<Record<string, unknown>>, field: string) {
  if (Object.hasOwn(properties, field)) return field;
  const lower = field.toLowerCase();
  return Object.keys(properties).find((name) => name.toLowerCase() === lower);
}

function noSuchField({ schemas, root, fields, what, at, holder, field }: {
  schemas: Schemas;
  root: unknown;
  fields: readonly string[];
  what: string;
  at: readonly string[];
  holder: FlatSchema;
  field: string;
}): ResolveError {
  const start = `Cannot explain "${fields.join(".")}" of ${what}: `;
  const place = at.length === 0 ? "the object" : `"${at.join(".")}"`;
  const names = Object.keys(holder.properties);
  if (names.length === 0) {
    return new ResolveError(
      `${start}${place} ${
        holder.free
          ? `takes any fields, the schema does not describe "${field}"`
          : `is ${holder.type || "a plain value"}, it has no fields`
      }`,
    );
  }
  const near = nearestNames(field, names);
  const elsewhere = near.length > 0 ? undefined : fieldElsewhere(schemas, root, field, at);
  return new ResolveError(`${start}${place} has no field "${field}"`, {
    hint: near.length > 0
      ? `Did you mean ${near.map((name) => `"${[...at, name].join(".")}"`).join(" or ")}?`
      : elsewhere
      ? `Did you mean "${elsewhere.join(".")}"?`
      : `It has ${names.slice(0, NAMED_FIELDS).join(", ")}${
        names.length > NAMED_FIELDS ? `, and ${names.length - NAMED_FIELDS} more` : ""
      }.`,
  });
}

/** The shortest path to a field of that name, below `at` where there is one. */
function fieldElsewhere(
  schemas: Schemas,
  root: unknown,
  field: string,
  at: readonly string[],
): readonly string[] | undefined {
  const lower = field.toLowerCase();
  const seen = new Set<string>();
  const queue: { path: readonly string[]; schema: unknown }[] = [{ path: [], schema: root }];
  let best: readonly string[] | undefined;
  for (let next = 0; next < queue.length && next < SEARCHED; next++) {
    const { path, schema } = queue[next]!;
    const flat = innermost(schemas, schema);
    // A type is looked through where it is met first; below `at` once more.
    const below = at.every((name, depth) => path[depth] === name);
    const key = `${flat.typeName}${below}`;
    if (flat.typeName !== undefined && seen.has(key)) continue;
    seen.add(key);
    for (const name of Object.keys(flat.properties)) {
      const found = [...path, name];
      if (name.toLowerCase() === lower) {
        if (below) return found;
        best ??= found;
      }
      queue.push({ path: found, schema: flat.properties[name] });
    }
  }
  return best;
}
