import assert from "node:assert/strict";
import {
  documentMark,
  documentPlace,
  documentSchemas,
  flatten,
  innermost,
  schemaOfKind,
  typeText,
} from "../../lib/kube/schemas/openapi.ts";

const KINDS = "x-kubernetes-group-version-kind";
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const SCHEMAS = {
  "io.example.v1.Web": {
    type: "object",
    description: "Web is served.",
    properties: {
      parts: { type: "array", items: ref("io.example.v1.Part") },
      byName: { type: "object", additionalProperties: ref("io.example.v1.Part") },
      port: ref("io.k8s.apimachinery.pkg.util.intstr.IntOrString"),
      limits: { type: "object", additionalProperties: ref("io.k8s.api.resource.Quantity") },
      when: ref("io.k8s.meta.v1.Time"),
      key: { type: "string", format: "byte" },
      custom: {
        anyOf: [{ type: "integer" }, { type: "string" }],
        "x-kubernetes-int-or-string": true,
      },
      raw: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      nothing: {},
    },
    [KINDS]: [{ group: "example.io", version: "v1", kind: "Web" }],
  },
  "io.example.v1.Part": {
    type: "object",
    description: "Part of a web.",
    required: ["name"],
    properties: { name: { type: "string" }, inner: ref("io.example.v1.Part") },
  },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
    format: "int-or-string",
    oneOf: [{ type: "integer" }, { type: "string" }],
  },
  "io.k8s.api.resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
  "io.k8s.meta.v1.Time": { type: "string", format: "date-time" },
  "io.example.v1.Loop": { allOf: [ref("io.example.v1.Loop")], description: "itself" },
  "io.example.v1.Nest": { type: "array", items: ref("io.example.v1.Nest") },
};

Deno.test("documentMark() tells a document's state by its place", () => {
  const index = {
    paths: { "apis/apps/v1": { serverRelativeURL: "/openapi/v3/apis/apps/v1?hash=A" } },
  };
  assert.equal(documentPlace({ group: "", version: "v1" }), "api/v1");
  const place = documentPlace({ group: "apps", version: "v1" });
  assert.equal(documentMark(index, place), "/openapi/v3/apis/apps/v1?hash=A");
  for (const other of ["api/v1", "constructor", "__proto__"]) {
    assert.equal(documentMark(index, other), undefined);
  }
  assert.equal(documentMark("no index", place), undefined);
});

Deno.test("documentSchemas() has none for what is no document", () => {
  assert.deepEqual(documentSchemas({ components: { schemas: { a: {} } } }), { a: {} });
  for (const bad of [null, 5, [], { components: [] }]) assert.deepEqual(documentSchemas(bad), {});
});

Deno.test("schemaOfKind() finds a kind by group and version", () => {
  const wanted = { group: "example.io", version: "v1", kind: "Web" };
  assert.deepEqual(schemaOfKind(SCHEMAS, wanted), ref("io.example.v1.Web"));
  assert.equal(schemaOfKind(SCHEMAS, { ...wanted, group: "" }), undefined);
  assert.equal(schemaOfKind(SCHEMAS, { ...wanted, version: "v2" }), undefined);
});

Deno.test("flatten() follows references and allOf; what stands beside them wins", () => {
  const field = { allOf: [ref("io.example.v1.Part")], description: "The first.", default: {} };
  const flat = flatten(SCHEMAS, field);
  assert.equal(flat.typeName, "Part");
  assert.equal(flat.description, "The first.");
  assert.deepEqual(flat.required, ["name"]);
  assert.deepEqual(Object.keys(flat.properties), ["name", "inner"]);
});

Deno.test("flatten() joins the parts of an allOf", () => {
  const flat = flatten(SCHEMAS, {
    allOf: [ref("io.example.v1.Part"), { properties: { extra: {} }, required: ["extra"] }],
  });
  assert.deepEqual(Object.keys(flat.properties), ["name", "inner", "extra"]);
  assert.deepEqual(flat.required, ["name", "extra"]);
});

Deno.test("flatten() ends where a schema refers to itself, or to nothing", () => {
  assert.equal(flatten(SCHEMAS, ref("io.example.v1.Loop")).description, "itself");
  assert.deepEqual(flatten(SCHEMAS, ref("missing")).properties, {});
  assert.deepEqual(flatten(SCHEMAS, ref("constructor")).properties, {});
  // Each type refers to the next one twice.
  const chain: Record<string, unknown> = {};
  for (let at = 0; at < 60; at++) {
    chain[`t${at}`] = { allOf: [ref(`t${at + 1}`), ref(`t${at + 1}`)] };
  }
  assert.equal(flatten(chain, ref("t0")).typeName, "t0");
});

Deno.test("innermost() passes through lists and maps, however they are nested", () => {
  const { parts, byName } = SCHEMAS["io.example.v1.Web"].properties;
  for (const schema of [parts, byName, { type: "array", items: byName }]) {
    assert.equal(innermost(SCHEMAS, schema).typeName, "Part");
  }
  assert.equal(innermost(SCHEMAS, ref("io.example.v1.Nest")).typeName, "Nest");
});

Deno.test("typeText() writes types as kubectl does", () => {
  const types = Object.entries(SCHEMAS["io.example.v1.Web"].properties)
    .map(([name, schema]) => [name, typeText(SCHEMAS, schema)]);
  assert.deepEqual(Object.fromEntries(types), {
    parts: "[]Part",
    byName: "map[string]Part",
    port: "IntOrString",
    limits: "map[string]Quantity",
    when: "string(date-time)",
    key: "string(base64)",
    custom: "IntOrString",
    raw: "object",
    nothing: "any",
  });
  assert.match(typeText(SCHEMAS, ref("io.example.v1.Nest")), /^(\[\])+…$/);
});
