/**
 * OpenAPI v3 documents of a cluster, one for each group and version: where they are, which schema is
 * a kind's, and how one is read with its references followed. Pure.
 *
 * @see {@link https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3}
 */
import { apiVersionOf } from "../../names/groups.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** The schemas of one document, by name. */
export type Schemas = Readonly<Record<string, unknown>>;

/** What is known of one schema, references and `allOf` followed. */
export interface FlatSchema {
  /** Name of the type referred to, without its package: `DeploymentStrategy`. */
  readonly typeName?: string;
  readonly description: string;
  /** JSON type; "" where the schema gives none. */
  readonly type: string;
  readonly format: string;
  readonly enum: readonly unknown[];
  readonly default?: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  /** Schema of a list's items. */
  readonly items?: unknown;
  /** Schema of a map's values. */
  readonly values?: unknown;
  /** JSON types of which one must fit, as of `IntOrString` and `Quantity`. */
  readonly oneOf: readonly string[];
  /** Fields that the schema does not name are kept. */
  readonly free: boolean;
}

const REFERENCE = "#/components/schemas/";
const KINDS = "x-kubernetes-group-version-kind";

/** Silent steps through lists and maps: more than any real schema has. */
const MAX_DEPTH = 16;

/** References followed one behind the other for a single schema; real ones have one or two. */
const MAX_REFERENCES = 8;

/** Key of a group version in the index, also its path below `/openapi/v3/`. */
export function documentPlace(
  { group, version }: { readonly group: string; readonly version: string },
): string {
  return `${group === "" ? "api" : "apis"}/${apiVersionOf({ group, version })}`;
}

/**
 * The mark of a document in the index (`GET /openapi/v3`), which changes with its content; undefined
 * when the index has no such document.
 */
export function documentMark(index: unknown, place: string): string | undefined {
  const paths = record(record(index).paths);
  if (!Object.hasOwn(paths, place)) return undefined;
  const url = record(paths[place]).serverRelativeURL;
  return typeof url === "string" ? url : "";
}

/** The schemas of a document; all that is kept of it. */
export function documentSchemas(document: unknown): Schemas {
  return record(record(record(document).components).schemas);
}

/** The schema of a kind, found by `x-kubernetes-group-version-kind`. */
export function schemaOfKind(
  schemas: Schemas,
  wanted: { readonly group: string; readonly version: string; readonly kind: string },
): unknown {
  for (const name of Object.keys(schemas)) {
    const kinds = record(schemas[name])[KINDS];
    // The specification has a list; some aggregated servers write a single one.
    for (const entry of Array.isArray(kinds) ? kinds : [kinds]) {
      const { group, version, kind } = record(entry);
      if (group === wanted.group && version === wanted.version && kind === wanted.kind) {
        return { $ref: `${REFERENCE}${name}` };
      }
    }
  }
  return undefined;
}

/** Reads a schema; what stands beside a reference wins over what is referred to. */
export function flatten(schemas: Schemas, schema: unknown): FlatSchema {
  const whole = merged(schemas, schema, new Set());
  const { additionalProperties } = whole;
  const properties = record(whole.properties);
  const text = (key: string) => typeof whole[key] === "string" ? whole[key] as string : "";
  const values = isRecord(additionalProperties) && Object.keys(properties).length === 0
    ? additionalProperties
    : undefined;
  return {
    ...(whole.typeName === undefined ? {} : { typeName: text("typeName") }),
    description: text("description").trim(),
    type: text("type"),
    format: whole["x-kubernetes-int-or-string"] === true ? "int-or-string" : text("format"),
    enum: list(whole.enum),
    ...(whole.default === undefined ? {} : { default: whole.default }),
    properties,
    required: list(whole.required).filter((name) => typeof name === "string"),
    ...(isRecord(whole.items) ? { items: whole.items } : {}),
    ...(values ? { values } : {}),
    oneOf: [...list(whole.oneOf), ...list(whole.anyOf)].flatMap((one) => {
      const { type } = record(one);
      return typeof type === "string" ? [type] : [];
    }),
    free: whole["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true ||
      (text("type") === "object" && whole.properties === undefined && values === undefined),
  };
}

/** The schema behind lists and maps: whose fields a path goes on with. */
export function innermost(schemas: Schemas, schema: unknown): FlatSchema {
  let flat = flatten(schemas, schema);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const inner = flat.items ?? flat.values;
    if (inner === undefined) break;
    flat = flatten(schemas, inner);
  }
  return flat;
}

/** A type as kubectl writes it: `string`, `[]Container`, `map[string]Quantity`, `IntOrString`. */
export function typeText(schemas: Schemas, schema: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) return "…";
  const flat = flatten(schemas, schema);
  if (flat.items !== undefined) return `[]${typeText(schemas, flat.items, depth + 1)}`;
  if (flat.values !== undefined) return `map[string]${typeText(schemas, flat.values, depth + 1)}`;
  if (flat.format === "int-or-string") return "IntOrString";
  if (flat.typeName === "Quantity") return "Quantity";
  if (Object.keys(flat.properties).length > 0) return flat.typeName ?? "object";
  if (flat.type === "string" && flat.format === "date-time") return "string(date-time)";
  if (flat.type === "string" && flat.format === "byte") return "string(base64)";
  return flat.type || flat.oneOf.join("|") || flat.typeName || (flat.free ? "object" : "any");
}

/** One plain schema of a schema, its reference and its `allOf`; each type is followed once. */
function merged(
  schemas: Schemas,
  schema: unknown,
  seen: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  const { $ref, allOf, ...own } = record(schema);
  const parts = list(allOf).map((part) => merged(schemas, part, seen));
  if (typeof $ref === "string" && $ref.startsWith(REFERENCE)) {
    const name = $ref.slice(REFERENCE.length);
    const follow = seen.size < MAX_REFERENCES && !seen.has(name);
    if (follow && Object.hasOwn(schemas, name)) {
      const typeName = name.slice(name.lastIndexOf(".") + 1);
      parts.push({ ...merged(schemas, schemas[name], new Set([...seen, name])), typeName });
    }
  }
  let whole: Readonly<Record<string, unknown>> = {};
  for (const part of [...parts, own]) {
    const properties = { ...record(whole.properties), ...record(part.properties) };
    const required = [...list(whole.required), ...list(part.required)];
    whole = {
      ...whole,
      ...part,
      ...(whole.properties || part.properties ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
    };
  }
  return whole;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
