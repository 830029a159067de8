import assert from "node:assert/strict";
import { dropManagedFields as drop } from "../../lib/kube/wire/managed_fields.ts";

const dropManagedFields = (json: string) =>
  new TextDecoder().decode(drop(new TextEncoder().encode(json)));

const entry = {
  manager: "kube",
  operation: "Update",
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:metadata": { 'k:{"a":"]\\\\"}': {} }, ']"[': ["x\\", []] },
};
const pod = (name: string, more = {}) => ({
  metadata: { name, managedFields: [entry, entry], ...more },
  spec: { containers: [{ name: "a" }] },
});

Deno.test("dropManagedFields() leaves everything else as it is", () => {
  const { managedFields: _, ...metadata } = pod("a").metadata;
  const wanted = { ...pod("a"), metadata };
  assert.deepEqual(JSON.parse(dropManagedFields(JSON.stringify(pod("a")))), wanted);
  const list = { kind: "PodList", metadata: {}, items: [pod("a"), pod("b", { z: 1 }), pod("c")] };
  const got = JSON.parse(dropManagedFields(JSON.stringify(list)));
  assert.equal(JSON.stringify(got).includes("managedFields"), false);
  assert.deepEqual(got.items[1].metadata, { name: "b", z: 1 });
  assert.deepEqual(got.items[2].spec, list.items[2]?.spec);
});

Deno.test("dropManagedFields() is not deceived by text within strings, nor by a field of that name", () => {
  for (
    const object of [
      { a: ',"managedFields":[{"fieldsType":"FieldsV1"}', b: 1 },
      { a: "\\", b: JSON.stringify(pod("x")), c: "]" },
      { a: 1, managedFields: ["mine", { x: "]" }], b: 2 },
    ]
  ) assert.deepEqual(JSON.parse(dropManagedFields(JSON.stringify(object))), object);
});

Deno.test("dropManagedFields() knows the field by where it is", () => {
  const embedded = {
    kind: "Work",
    metadata: { name: "w", annotations: { a: "é]}" }, managedFields: [entry], uid: "u" },
    spec: {
      object: pod("a"),
      items: [pod("b"), pod("c")],
      template: { metadata: { labels: {}, managedFields: [entry] } },
      deep: [[[[{ metadata: { z: 1, managedFields: [entry] } }]]]],
    },
    items: { a: { metadata: { z: 1, managedFields: [entry] } } },
    status: { metadata: { name: "x", managedFields: [entry] } },
  };
  const { managedFields: _, ...metadata } = embedded.metadata;
  const wanted = { ...embedded, metadata };
  const got = (value: unknown) => JSON.parse(dropManagedFields(JSON.stringify(value)));
  assert.deepEqual(got(embedded), wanted);
  assert.deepEqual(got({ kind: "WorkList", metadata: {}, items: [embedded, embedded] }).items, [
    wanted,
    wanted,
  ]);
  assert.deepEqual(got({ type: "ADDED", object: embedded }).object, wanted);
  const rows = [{ cells: [{ metadata: { a: 1, managedFields: [entry] } }], object: embedded }];
  assert.deepEqual(got({ kind: "Table", columnDefinitions: [], rows }).rows, [
    { cells: rows[0]!.cells, object: wanted },
  ]);
});

Deno.test("dropManagedFields() ends with text that is cut off", () => {
  const text = JSON.stringify(pod("a"));
  for (const length of [40, 60, 100, text.length - 1]) dropManagedFields(text.slice(0, length));
});
