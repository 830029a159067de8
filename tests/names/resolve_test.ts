import assert from "node:assert/strict";
import { apiVersionOf, groupOf, isOwnGroup, splitApiVersion } from "../../lib/names/groups.ts";
import { otherGroups, readReference, resolve, whyNotFound } from "../../lib/names/resolve.ts";

const named = (resource: string, kind: string, ...shortNames: string[]) => ({
  resource,
  singular: kind.toLowerCase(),
  kind,
  shortNames,
});

const VERSIONS = [
  {
    group: "",
    version: "v1",
    preferred: true,
    resources: [named("pods", "Pod", "po"), named("events", "Event", "ev")],
  },
  {
    group: "metrics.k8s.io",
    version: "v1beta1",
    preferred: true,
    resources: [{ ...named("pods", "PodMetrics"), singular: "" }],
  },
  {
    group: "example.com",
    version: "v1",
    preferred: true,
    // A short name that is another one's kind, listed before it.
    resources: [named("gears", "Gear", "wheel"), named("wheels", "Wheel")],
  },
  {
    group: "example.com",
    version: "v1alpha1",
    preferred: false,
    resources: [named("gears", "Gear"), named("axles", "Axle")],
  },
];

const found = (resource: string, group?: string, version?: string) => {
  const { resource: names, ...of } = resolve(VERSIONS, { resource, group, version }) ?? {};
  return names && `${apiVersionOf(of as { group: string; version: string })} ${names.resource}`;
};

Deno.test("resolve() takes a plural before a singular or kind, and those before a short name", () => {
  assert.equal(found("WHEEL"), "example.com/v1 wheels");
  assert.equal(found("podmetricses"), "metrics.k8s.io/v1beta1 pods");
  assert.equal(found("po"), "v1 pods");
});

Deno.test("resolve() takes the preferred version, and another where that has no such resource", () => {
  assert.equal(found("gear"), "example.com/v1 gears");
  assert.equal(found("gear", undefined, "V1ALPHA1"), "example.com/v1alpha1 gears");
  assert.equal(found("axle", "example.com"), "example.com/v1alpha1 axles");
});

Deno.test("resolve() finds nothing by no name, and by a name that contradicts the fields beside it", () => {
  for (const name of ["", ".", "/", "pods/log", "../pods", "pods.", "pods.v1", "pods.apps"]) {
    assert.equal(found(name), undefined, name);
  }
  assert.equal(found("pods.metrics.k8s.io", ""), undefined);
  assert.equal(found("pods/v1", "metrics.k8s.io"), undefined);
});

Deno.test("readReference() reads group and version behind a name", () => {
  const cases = [
    ["Pods.Core", { group: "", version: undefined, resource: "pods" }],
    ["pods/v1", { group: "", version: "v1", resource: "pods" }],
    ["gears.v1alpha1.example.com", {
      group: "example.com",
      version: "v1alpha1",
      resource: "gears",
    }],
    ["gears.example.com/v1alpha1", {
      group: "example.com",
      version: "v1alpha1",
      resource: "gears",
    }],
  ] as const;
  for (const [resource, read] of cases) assert.deepEqual(readReference({ resource }), read);
});

Deno.test("whyNotFound() says where it was looked for, where it is, and what is near", () => {
  const why = (resource: string, group?: string, version?: string) => {
    const { elsewhere, place, isServed, near } = whyNotFound(VERSIONS, {
      resource,
      group,
      version,
    });
    return [place, isServed, elsewhere.map(apiVersionOf), near];
  };
  assert.deepEqual(why("gear", "core"), [
    "the core group",
    true,
    ["example.com/v1", "example.com/v1alpha1"],
    [],
  ]);
  assert.deepEqual(why("podz", "", "v1"), ["v1", true, [], ["pods"]]);
  assert.deepEqual(why("axlez", "nope.example"), ["nope.example", false, [], ["axles"]]);
  assert.deepEqual(why("x")[0], undefined);
});

Deno.test("groups and versions are joined and split as in apiVersion", () => {
  assert.equal(apiVersionOf({ group: "", version: "v1" }), "v1");
  assert.deepEqual(splitApiVersion("apps/v1"), { group: "apps", version: "v1" });
  assert.deepEqual(splitApiVersion("v1"), { group: "", version: "v1" });
  assert.equal(splitApiVersion("a/b/c"), undefined);
  assert.deepEqual([groupOf("CORE"), groupOf("Apps")], ["", "apps"]);
  assert.deepEqual(["", "apps", "x.k8s.io", "x.io"].map(isOwnGroup), [true, true, true, false]);
});

Deno.test("otherGroups() names the groups between which nothing chooses", () => {
  const consoles = (group: string, version = "v1") => ({
    group,
    version,
    preferred: true,
    resources: [named("consoles", "Console", "con")],
  });
  const versions = [...VERSIONS, consoles("a.example"), consoles("b.example"), {
    ...consoles("c.example", "v1beta1"),
  }];
  const others = (wanted: Parameters<typeof resolve>[1]) =>
    otherGroups(versions, wanted, resolve(versions, wanted)!);
  assert.deepEqual(others({ resource: "consoles" }), ["b.example", "c.example"]);
  assert.deepEqual(others({ resource: "Console", version: "v1" }), ["b.example"]);
  assert.deepEqual(others({ resource: "con", version: "v1beta1" }), []);
  assert.deepEqual(others({ resource: "consoles", group: "b.example" }), []);
  assert.deepEqual(others({ resource: "consoles.b.example" }), []);
  // The core group's resources have no longer name.
  assert.deepEqual(others({ resource: "pods" }), []);
  // What another group calls so only for short is no rival.
  assert.deepEqual(others({ resource: "wheels" }), []);
});
