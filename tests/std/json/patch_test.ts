import assert from "node:assert/strict";
import { applyJsonPatch, applyMergePatch, PatchError } from "../../../lib/std/json/patch.ts";

Deno.test("applyMergePatch() lays keys over an object, null takes one away (RFC 7396)", () => {
  const target = { a: 1, b: { c: 2, d: [1, 2] } };
  assert.deepEqual(applyMergePatch(target, { a: null, b: { d: [3], e: {} } }), {
    b: { c: 2, d: [3], e: {} },
  });
  assert.deepEqual(applyMergePatch([1], { a: 1 }), { a: 1 });
  assert.deepEqual(target, { a: 1, b: { c: 2, d: [1, 2] } }, "the target stays as it was");
});

Deno.test("applyJsonPatch() does each operation on the outcome of the one before (RFC 6902)", () => {
  const target = { list: ["a", "b"], map: { "x/y": 1 } };
  const cases: readonly (readonly [readonly unknown[], unknown])[] = [
    [[{ op: "remove", path: "/list/0" }, { op: "remove", path: "/list/0" }], {
      ...target,
      list: [],
    }],
    [[{ op: "add", path: "/list/-", value: "c" }], { ...target, list: ["a", "b", "c"] }],
    [[{ op: "add", path: "/list/1", value: "c" }], { ...target, list: ["a", "c", "b"] }],
    [[{ op: "replace", path: "/map/x~1y", value: 2 }], { ...target, map: { "x/y": 2 } }],
    [[{ op: "copy", from: "/list/1", path: "/map/z" }], {
      ...target,
      map: { "x/y": 1, z: "b" },
    }],
    [[{ op: "move", from: "/list", path: "/moved" }], { map: { "x/y": 1 }, moved: ["a", "b"] }],
    [[{ op: "test", path: "/map", value: { "x/y": 1 } }], target],
    [[{ op: "test", path: "/none" }], target],
    [[{ op: "add", path: "/none" }], { ...target, none: null }],
    [[{ op: "copy", from: "/map/none", path: "/none" }], { ...target, none: null }],
    [[{ op: "add", path: "/list/-1", value: "c" }], { ...target, list: ["a", "b", "c"] }],
    [[{ op: "add", path: "/list/-2", value: "c" }], { ...target, list: ["a", "c", "b"] }],
    [[{ op: "remove", path: "/list/-1" }], { ...target, list: ["a"] }],
    [[{ op: "replace", path: "/list/+1", value: "c" }], { ...target, list: ["a", "c"] }],
  ];
  for (const [operations, outcome] of cases) {
    assert.deepEqual(applyJsonPatch(target, operations), outcome, JSON.stringify(operations));
  }
});

Deno.test("applyJsonPatch() refuses what leads nowhere", () => {
  for (
    const operation of [
      { op: "remove", path: "/none" },
      { op: "replace", path: "/list/7", value: 1 },
      { op: "add", path: "/none/deep", value: 1 },
      { op: "add", path: "/list/-3", value: 1 },
      { op: "remove", path: "/list/1e0" },
      { op: "move", from: "/none", path: "/list/0" },
      { op: "copy", from: "/none/none", path: "/list/0" },
      { op: "test", path: "/none/none", value: null },
      { op: "add", path: "", value: {} },
      { op: "remove", path: "" },
      { op: "test", path: "/list/0", value: "b" },
      { op: "add", path: "list", value: 1 },
      { op: "unknown", path: "/list" },
      "remove",
    ]
  ) {
    assert.throws(() => applyJsonPatch({ list: ["a"] }, [operation]), PatchError);
  }
});

Deno.test("patches take keys that are special to JavaScript as fields like any other", () => {
  const patch = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
  const merged = applyMergePatch({}, patch) as object;
  assert.equal(JSON.stringify(merged), '{"__proto__":{"a":1},"constructor":2}');
  const added = applyJsonPatch({}, [{ op: "add", path: "/__proto__", value: 3 }]) as object;
  assert.equal(JSON.stringify(added), '{"__proto__":3}');
  assert.throws(() => applyJsonPatch({}, [{ op: "add", path: "/__proto__/x", value: 1 }]));
});

Deno.test("applyJsonPatch() is bounded: many operations are quick, copies that double are refused", () => {
  const many = Array.from(
    { length: 10_000 },
    (_, at) => ({ op: "add", path: `/k${at}`, value: at }),
  );
  assert.equal(Object.keys(applyJsonPatch({}, many) as object).length, 10_000);
  assert.throws(() => applyJsonPatch({}, [...many, ...many]), /more than 10000 operations/);
  const doubling = Array.from({ length: 40 }, () => ({ op: "copy", from: "/a", path: "/a/-" }));
  assert.throws(() => applyJsonPatch({ a: ["x"] }, doubling), /copies or moves too much/);
  const list = Array.from({ length: 100_000 }, String);
  const moving = Array.from({ length: 10_000 }, () => ({ op: "add", path: "/0", value: 1 }));
  assert.throws(() => applyJsonPatch(list, moving), /copies or moves too much/);
});

Deno.test("applyJsonPatch() leaves the target and the patch as they were", () => {
  const target = { a: { b: [1] } };
  const patch = [{ op: "add", path: "/c", value: { d: 1 } }, { op: "add", path: "/c/e", value: 2 }];
  assert.deepEqual(applyJsonPatch(target, patch), { a: { b: [1] }, c: { d: 1, e: 2 } });
  assert.deepEqual(target, { a: { b: [1] } });
  assert.deepEqual(patch[0]?.value, { d: 1 });
});
