/** The schemas of the served kinds, unpacked at first use, and ways through them. */
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { without } from "./json.ts";
import { at, type JsonObject, listAt, objectAt, textAt } from "../../std/json/at.ts";
import { PACKED_SCHEMAS } from "./schemas.generated.ts";
import type { ResourceType } from "./api_resources.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** A JSON schema; references are bare names. */
export type Schema = JsonObject;

const GVK = "x-kubernetes-group-version-kind";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
/** Schemas that are JSON types of their own: what they refer to is not looked into. */
const OPAQUE = new Set([
  `${META}FieldsV1`,
  "io.k8s.apimachinery.pkg.runtime.RawExtension",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
]);

/** metrics.k8s.io is served by another server, whose schemas are not in the packed ones. */
const METRICS: Record<string, Schema> = (() => {
  const prefix = "io.k8s.metrics.pkg.apis.metrics.v1beta1.";
  const usage = { type: "object", additionalProperties: { $ref: QUANTITY } };
  const known = (kind: string) => ({
    [GVK]: [{ group: "metrics.k8s.io", kind, version: "v1beta1" }],
  });
  const head = { apiVersion: { type: "string" }, kind: { type: "string" } };
  const times = {
    metadata: { $ref: `${META}ObjectMeta` },
    timestamp: { $ref: `${META}Time` },
    window: { $ref: `${META}Duration` },
  };
  const list = (kind: string) => ({
    type: "object",
    properties: {
      ...head,
      metadata: { $ref: `${META}ListMeta` },
      items: { type: "array", items: { $ref: `${prefix}${kind}` } },
    },
    ...known(`${kind}List`),
  });
  return {
    [`${META}Duration`]: { type: "string", description: "A duration as Go writes it." },
    [`${prefix}ContainerMetrics`]: {
      description: "ContainerMetrics sets resource usage metrics of a container.",
      type: "object",
      properties: { name: { type: "string" }, usage },
    },
    [`${prefix}NodeMetrics`]: {
      description: "NodeMetrics sets resource usage metrics of a node.",
      type: "object",
      properties: { ...head, ...times, usage },
      ...known("NodeMetrics"),
    },
    [`${prefix}PodMetrics`]: {
      description: "PodMetrics sets resource usage metrics of a pod.",
      type: "object",
      properties: {
        ...head,
        ...times,
        containers: { type: "array", items: { $ref: `${prefix}ContainerMetrics` } },
      },
      ...known("PodMetrics"),
    },
    [`${prefix}NodeMetricsList`]: list("NodeMetrics"),
    [`${prefix}PodMetricsList`]: list("PodMetrics"),
  };
})();

/** Gives all schemas by name; unpacks them the first time. */
export const builtInSchemas: () => Readonly<Record<string, Schema>> = (() => {
  let unpacked: Record<string, Schema> | undefined;
  return () => {
    unpacked ??= {
      ...JSON.parse(inflateRawSync(Buffer.from(PACKED_SCHEMAS, "base64")).toString()),
      ...METRICS,
    };
    return unpacked!;
  };
})();

/** Finds the schema's name for a kind. */
export const schemaNameOf: (group: string, version: string, kind: string) => string | undefined =
  (() => {
    let names: Map<string, string> | undefined;
    return (group, version, kind) => {
      names ??= new Map(
        Object.entries(builtInSchemas()).flatMap(([name, schema]) =>
          listAt(schema, GVK).map((entry): [string, string] => [
            `${textAt(entry, "group")}/${textAt(entry, "version")}/${textAt(entry, "kind")}`,
            name,
          ])
        ),
      );
      return names.get(`${group}/${version}/${kind}`);
    };
  })();

/** The schema that a schema refers to, with that one's name as `x-name`; or itself. */
export function resolve(schema: unknown): Schema {
  const name = textAt(schema, "$ref");
  if (!name) return isRecord(schema) ? schema : {};
  if (OPAQUE.has(name)) return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    ...builtInSchemas()[name],
    "x-name": name,
    ...(isRecord(schema) ? without(schema, "$ref") : {}),
  };
}

/** The schema of a resource's objects; undefined when a custom resource has none. */
export function schemaOf(type: Pick<ResourceType, "group" | "version" | "kind" | "custom">):
  | Schema
  | undefined {
  if (type.custom) {
    const own = at(type.custom.version, "schema", "openAPIV3Schema");
    if (!isRecord(own)) return undefined;
    return {
      ...own,
      properties: {
        ...objectAt(own, "properties"),
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { $ref: `${META}ObjectMeta` },
      },
    };
  }
  const name = schemaNameOf(type.group, type.version, type.kind);
  return name === undefined ? undefined : resolve({ $ref: name });
}

/** The schema of a field; undefined when the schema knows no such field. */
export function fieldSchema(schema: Schema | undefined, field: string): Schema | undefined {
  if (!schema) return undefined;
  const own = at(schema, "properties", field) ?? at(schema, "additionalProperties");
  return isRecord(own) ? resolve(own) : undefined;
}

/** The schema of a list's items. */
export function itemSchema(schema: Schema | undefined): Schema | undefined {
  const items = at(schema, "items");
  return isRecord(items) ? resolve(items) : undefined;
}

/** How server-side apply merges a list: `map` by keys, `set`, or as one value. */
export function listKind(schema: Schema | undefined): { kind: string; keys: string[] } {
  return {
    kind: textAt(schema, "x-kubernetes-list-type") || "atomic",
    keys: listAt(schema, "x-kubernetes-list-map-keys").map(String),
  };
}
