/**
 * OpenAPI v3 documents of what is served.
 * @see {@link https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3}
 */
import { apiVersionOf } from "../../names/groups.ts";
import { hash } from "../base/json.ts";
import { type JsonObject } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";
import { builtInSchemas, schemaNameOf, schemaOf } from "../base/schemas.ts";
import { isRecord } from "../../std/json/unknown.ts";

const REF = "#/components/schemas/";
const GVK = "x-kubernetes-group-version-kind";

type Types = readonly ResourceType[];

/** Where a group version is served, without the leading slash. */
function placeOf(type: ResourceType): string {
  return `${type.group ? "apis" : "api"}/${apiVersionOf(type)}`;
}

/** A packed schema in full: references as paths, in `allOf` where something stands beside them. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (!isRecord(value)) return value;
  if (typeof value.$ref !== "string") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner)]));
  }
  const { $ref, ...rest } = value;
  const reference = { $ref: `${REF}${$ref}` };
  return Object.keys(rest).length ? { allOf: [reference], ...rest } : reference;
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  );
}

/** The name under which a resource's schema stands in a document. */
function nameOf(type: ResourceType): string {
  const reversed = type.group.split(".").reverse().join(".");
  return type.custom
    ? `${reversed}.${type.version}.${type.kind}`
    : schemaNameOf(type.group, type.version, type.kind) ?? type.kind;
}

const parameter = (name: string, description: string, type = "string") => ({
  name,
  in: "query",
  description,
  schema: { type, uniqueItems: true },
});
const LIST_PARAMETERS = [
  parameter("continue", "The continue option should be set when retrieving more results."),
  parameter("fieldSelector", "A selector to restrict the list by fields."),
  parameter("labelSelector", "A selector to restrict the list by labels."),
  parameter("limit", "The maximum number of responses to return for a list call.", "integer"),
  parameter("resourceVersion", "The resource versions that the request may be served from."),
  parameter("watch", "Watch for changes to the described resources.", "boolean"),
];
const WRITE_PARAMETERS = [
  parameter("dryRun", "When present, indicates that modifications should not be persisted."),
  parameter("fieldManager", "The name of the actor that is making these changes."),
  parameter("fieldValidation", "What to do with fields that are unknown or duplicate."),
];
const PATCH_TYPES = ["apply-patch+yaml", "json-patch+json", "merge-patch+json"];

function pathsOf(type: ResourceType): [string, JsonObject][] {
  const schema = { $ref: `${REF}${nameOf(type)}` };
  const content = { "application/json": { schema } };
  const gvk = { group: type.group, kind: type.kind, version: type.version };
  const operation = (action: string, more: JsonObject): JsonObject => ({
    tags: [placeOf(type).replace(/^apis?\//, "").replaceAll(/[./]+(\w)/g, (_, c) => `_${c}`)],
    ...more,
    responses: { "200": { description: "OK", content }, "401": { description: "Unauthorized" } },
    "x-kubernetes-action": action,
    [GVK]: gvk,
  });
  const verbs = (list: readonly [string, string, string, JsonObject][]) =>
    Object.fromEntries(
      list.filter(([verb]) => type.verbs.includes(verb))
        .map(([, method, action, more]) => [method, operation(action, more)]),
    );
  const scope = type.namespaced ? "/namespaces/{namespace}" : "";
  const collection = `/${placeOf(type)}${scope}/${type.resource}`;
  const writes = { parameters: WRITE_PARAMETERS };
  const item = verbs([
    ["get", "get", "get", {}],
    ["update", "put", "put", { ...writes, requestBody: { content, required: true } }],
    ["patch", "patch", "patch", {
      ...writes,
      requestBody: {
        content: Object.fromEntries(PATCH_TYPES.map((one) => [`application/${one}`, {
          schema: { type: "object" },
        }])),
        required: true,
      },
    }],
    ["delete", "delete", "delete", {}],
  ]);
  return [
    [
      collection,
      verbs([
        ["list", "get", "list", { parameters: LIST_PARAMETERS }],
        ["create", "post", "post", { ...writes, requestBody: { content, required: true } }],
        ["deletecollection", "delete", "deletecollection", {}],
      ]),
    ],
    ...(Object.keys(item).length ? [[`${collection}/{name}`, item] as [string, JsonObject]] : []),
  ];
}

/**
 * `GET /openapi/v3`.
 * @param prefix of the paths in the answer: clients take them as they are
 */
export function openApiIndex(types: Types, prefix = ""): JsonObject {
  const places = [...new Set(types.map(placeOf))].sort();
  return {
    paths: Object.fromEntries(places.map((place) => {
      const own = types.filter((type) => placeOf(type) === place);
      const sum = hash(JSON.stringify(own)).toString(16).toUpperCase().padStart(8, "0");
      return [place, { serverRelativeURL: `${prefix}/openapi/v3/${place}?hash=${sum.repeat(16)}` }];
    })),
  };
}

/** `GET /openapi/v3/<place>`; undefined when nothing is served there. */
export function openApiDocument(types: Types, place: string): JsonObject | undefined {
  const own = types.filter((type) => placeOf(type) === place);
  const [first] = own;
  if (!first) return undefined;
  const all = builtInSchemas();
  const schemas: JsonObject = {};
  const queue = own.flatMap((type) => type.custom ? [] : [nameOf(type)]);
  for (const type of own) {
    const list = schemaNameOf(type.group, type.version, `${type.kind}List`);
    if (list) queue.push(list);
    if (!type.custom) continue;
    const schema = { ...schemaOf(type), [GVK]: [kindOf(type, "")] };
    schemas[nameOf(type)] = expand(schema);
    schemas[`${nameOf(type)}List`] = listSchema(type);
    queue.push(...references(schema), "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta");
  }
  for (const name of queue) {
    const schema = all[name];
    if (name in schemas || !schema) continue;
    schemas[name] = expand(schema);
    queue.push(...references(schema));
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.36.3" },
    paths: Object.fromEntries(own.flatMap(pathsOf)),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          description: "Bearer Token authentication",
          name: "authorization",
          in: "header",
        },
      },
    },
  };
}

const kindOf = ({ group, kind, version }: ResourceType, ending: string) => ({
  group,
  kind: `${kind}${ending}`,
  version,
});

function listSchema(type: ResourceType): JsonObject {
  return {
    description: `${type.kind}List is a list of ${type.kind}`,
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      items: { type: "array", items: { $ref: `${REF}${nameOf(type)}` } },
      metadata: { $ref: `${REF}io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta` },
    },
    [GVK]: [kindOf(type, "List")],
  };
}
