/** The pure parts of the resource tools. */
import assert from "node:assert/strict";
import { InputError } from "../../../lib/errors.ts";
import { keepNewest, readLogOptions } from "../../../lib/tools/support/pod_logs.ts";
import { LAST_APPLIED } from "../../../lib/names/well_known.ts";
import { filterAnnotations } from "../../../lib/tools/support/object_metadata.ts";
import { readManifests } from "../../../lib/tools/support/manifests.ts";

const TARGET = {
  group: "apps",
  version: "v1",
  namespace: "shop",
  resource: {
    resource: "deployments",
    singular: "deployment",
    kind: "Deployment",
    shortNames: [],
    namespaced: true,
    verbs: [],
    subresources: [],
  },
};

Deno.test("readLogOptions() has bounds, and no default tail beside a since", () => {
  assert.deepEqual(readLogOptions({}), {
    tailLines: 100,
    limitBytes: 32768,
    options: {},
    ownTail: false,
  });
  assert.equal(readLogOptions({ sinceSeconds: "60" }).tailLines, 10_000);
  assert.equal(readLogOptions({ sinceTime: "2026-01-02T03:04:05Z" }).tailLines, 10_000);
  assert.equal(readLogOptions({ sinceSeconds: 60, tailLines: 5 }).tailLines, 5);
  assert.equal(readLogOptions({ tailLines: 1_000_000 }).tailLines, 10_000);
  assert.equal(readLogOptions({ limitBytes: 1e12 - 1 }).limitBytes, 64 * 1024 * 1024);
  assert.deepEqual(
    readLogOptions({ previous: "true", timestamps: false, container: "a" }).options,
    {
      previous: true,
      timestamps: false,
      container: "a",
    },
  );
  for (
    const bad of [
      { follow: true },
      { __proto__x: 1 },
      { constructor: "x" },
      { sinceSeconds: 0 },
      { tailLines: "many" },
      { limitBytes: 0 },
      { previous: "maybe" },
      { container: "" },
      { sinceTime: "yesterday" },
      { sinceTime: "2026-01-02T03:04:05Z", sinceSeconds: 1 },
    ]
  ) assert.throws(() => readLogOptions(bad), InputError, JSON.stringify(bad));
});

Deno.test("keepNewest() keeps the end, in whole lines", () => {
  assert.deepEqual(keepNewest("a\nb\n", 100), { text: "a\nb\n", lines: 2, linesLeftOut: 0 });
  assert.deepEqual(keepNewest("one\ntwo\nthree\n", 10), {
    text: "two\nthree\n",
    lines: 2,
    linesLeftOut: 1,
  });
  assert.equal(keepNewest("one\ntwo\nthree\n", 9).text, "three\n");
  assert.deepEqual(keepNewest("one\ntwo\n", 4), { text: "two\n", lines: 1, linesLeftOut: 1 });
  assert.deepEqual(keepNewest("", 4), { text: "", lines: 0, linesLeftOut: 0 });
  assert.equal(keepNewest("x".repeat(50), 10).text, "x".repeat(10));
  assert.equal(keepNewest("äöü", 3).text, "ü");
});

Deno.test("filterAnnotations() keeps what is wanted", () => {
  const object = {
    metadata: { name: "x", annotations: { [LAST_APPLIED]: "{}", "a/b": "1", "a/c": "2" } },
  };
  const keys = (all: boolean, exclude: string[], include: string[]) =>
    (filterAnnotations(object, { all, exclude, include }) as typeof object).metadata.annotations;
  assert.deepEqual(keys(true, [], []), { "a/b": "1", "a/c": "2" });
  assert.deepEqual(keys(true, ["a/b"], []), { "a/c": "2" });
  assert.deepEqual(keys(true, ["a/*"], []), undefined);
  assert.deepEqual(keys(false, [], []), undefined);
  assert.deepEqual(keys(false, ["*"], [LAST_APPLIED, "a/c"]), { [LAST_APPLIED]: "{}", "a/c": "2" });
  assert.deepEqual(filterAnnotations("text", { all: true, exclude: [], include: [] }), "text");
});

Deno.test("readManifests() fills in what the call says", () => {
  const [read] = readManifests({ metadata: { name: "web", managedFields: [] } }, TARGET);
  assert.deepEqual(read, {
    name: "web",
    object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
  });
  const list = { kind: "List", items: [{ metadata: { name: "a" } }, { metadata: { name: "b" } }] };
  assert.deepEqual(readManifests(list, TARGET).map(({ name }) => name), ["a", "b"]);
});

Deno.test("readManifests() refuses what cannot be meant", () => {
  const bomb = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
  for (let at = 1; at < 10; at++) {
    bomb.push(`a${at}: &a${at} [${Array(10).fill(`*a${at - 1}`).join(",")}]`);
  }
  const cases: [unknown, RegExp][] = [
    ["", /it is empty/],
    ["---\n---\n", /it is empty/],
    [5, /a number, not an object/],
    [[1], /a list, not an object/],
    ["just words", /a string, not an object/],
    ["{]", /line 1/],
    [bomb.join("\n"), /expand to too much/],
    [{ kind: "Secret", metadata: { name: "x" } }, /kind is "Secret".*means Deployment/],
    [{ kind: 5, metadata: { name: "x" } }, /kind is a number/],
    [{ apiVersion: "apps/v1beta1", metadata: { name: "x" } }, /apiVersion is "apps\/v1beta1"/],
    [{ metadata: {} }, /metadata.name is missing/],
    [{ metadata: { generateName: "x-" } }, /metadata.name is missing/],
    [{ metadata: { name: ["x"] } }, /metadata.name is missing/],
    [{}, /no metadata/],
    [{ metadata: "x" }, /no metadata/],
    [
      { metadata: { name: "x", namespace: "prod" } },
      /namespace is "prod", but target_ns is "shop"/,
    ],
    ["metadata: {name: a}\n---\nkind: Service\nmetadata: {name: b}", /object 2 of 2.*"Service"/],
    ["metadata: {name: a}\n---\nmetadata: {name: a}", /"a" twice/],
    [{ kind: "List", items: Array(51).fill({}) }, /has 51 objects, at most 50/],
  ];
  for (const [given, words] of cases) {
    assert.throws(() => readManifests(given, TARGET), (error: unknown) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, words);
      return true;
    });
  }
});
