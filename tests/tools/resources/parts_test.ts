/** The pure parts of the resource tools. */
import assert from "node:assert/strict";
import { InputError } from "../../../lib/errors.ts";
import { keepNewest, readLogOptions } from "../../../lib/tools/support/pod_logs.ts";
import { LAST_APPLIED } from "../../../lib/names/well_known.ts";
import { filterAnnotations } from "../../../lib/tools/support/object_metadata.ts";
import {
  checkAgainstCall,
  definedIn,
  inOrder,
  manifestOf,
  readDocuments,
  referenceOf,
} from "../../../lib/tools/support/manifests.ts";

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

/** Every object of a manifest as one of the target, of a call that names the target whole. */
function read(given: unknown) {
  const call = { group: "apps", version: "v1", resource: "deployments" };
  const { namespace, ...found } = TARGET;
  const manifests = readDocuments(given).map((document) => {
    referenceOf(document, call);
    return manifestOf(document, found, { target_ns: namespace });
  });
  checkAgainstCall(manifests, call, { scope: "namespaced", target_ns: namespace });
  return manifests;
}

Deno.test("a manifest gets what the call says and it leaves out", () => {
  const [manifest] = read({ metadata: { name: "web", managedFields: [] } });
  assert.deepEqual(manifest, {
    what: "the manifest",
    name: "web",
    target: TARGET,
    object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
  });
  const list = { kind: "List", items: [{ metadata: { name: "a" } }, { metadata: { name: "b" } }] };
  assert.deepEqual(read(list).map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(read("```yaml\nmetadata: {name: a}\n```").map(({ name }) => name), ["a"]);
});

Deno.test("a manifest is refused where it cannot be meant", () => {
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
    [{ kind: "Secret", metadata: { name: "x" } }, /kind is "Secret".*are Deployment/],
    [{ kind: 5, metadata: { name: "x" } }, /kind is a number/],
    [{ apiVersion: "a/b/c", metadata: { name: "x" } }, /apiVersion is "a\/b\/c"/],
    [{ metadata: {} }, /metadata.name is missing/],
    [{ metadata: { generateName: "x-" } }, /metadata.name is missing/],
    [{ metadata: { name: ["x"] } }, /metadata.name is missing/],
    [{ metadata: { name: "x", namespace: ["y"] } }, /namespace is a list/],
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
    assert.throws(() => read(given), (error: unknown) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, words);
      return true;
    });
  }
});

const kind = (group: string, resource: string, kind: string, namespaced = false) => ({
  group,
  version: "v1",
  resource: { ...TARGET.resource, resource, kind, singular: kind.toLowerCase(), namespaced },
});

Deno.test("a call is refused that says something else than its manifest", () => {
  const [document] = readDocuments({ metadata: { name: "x", namespace: "shop" } });
  const manifest = manifestOf(document!, TARGET, {});
  const node = manifestOf(
    readDocuments({ metadata: { name: "x" } })[0]!,
    kind("", "nodes", "Node"),
    {},
  );
  const fits = (...given: [Parameters<typeof checkAgainstCall>[1], object]) =>
    checkAgainstCall([manifest], ...given);
  fits({}, {});
  fits({ resource: "Deployment", version: "v1" }, { scope: "namespaced", target_ns: "shop" });
  assert.throws(() => fits({ resource: "pods" }, {}), /has Deployment of apps\/v1.*names pods/);
  assert.throws(() => fits({ version: "v1beta1" }, {}), /names v1beta1/);
  assert.throws(() => fits({ group: "batch" }, {}), /names batch/);
  assert.throws(() => fits({}, { scope: "cluster" }), /is namespaced/);
  assert.throws(() => checkAgainstCall([node], {}, { scope: "namespaced" }), /to the cluster/);
  assert.throws(() => checkAgainstCall([node], {}, { target_ns: "shop" }), /to the cluster/);
  // One of several is enough: the others say themselves what they are.
  checkAgainstCall([node, manifest], { resource: "deployments" }, { target_ns: "shop" });
});

Deno.test("a namespace is said by the manifest or by the call", () => {
  const [document] = readDocuments({ metadata: { name: "x" } });
  const into = (target_ns?: string) => manifestOf(document!, TARGET, { target_ns });
  assert.equal(into("shop").target.namespace, "shop");
  for (const target_ns of [undefined, ""]) {
    assert.throws(() => into(target_ns), (error: unknown) => {
      assert.match((error as InputError).hint ?? "", /metadata\.namespace or in target_ns/);
      return true;
    });
  }
  assert.throws(() => into("*"), /one namespace, not into all/);
});

Deno.test("definitions and namespaces come first, and what a definition makes is known", () => {
  const documents = readDocuments({
    kind: "List",
    items: [
      { metadata: { name: "a" } },
      { metadata: { name: "shop" } },
      { metadata: { name: "b" } },
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "gears.example.com" },
        spec: {
          group: "example.com",
          scope: "Namespaced",
          names: { plural: "gears", kind: "Gear" },
          versions: [{ name: "v1" }],
        },
      },
    ],
  });
  const kinds = [
    kind("", "pods", "Pod"),
    kind("", "namespaces", "Namespace"),
    kind("", "pods", "Pod"),
    kind("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"),
  ];
  const manifests = documents.map((document, at) => manifestOf(document, kinds[at]!, {}));
  assert.deepEqual(inOrder(manifests).map(({ name }) => name), [
    "shop",
    "gears.example.com",
    "a",
    "b",
  ]);
  const defined = (version: string) =>
    definedIn(documents, { group: "example.com", version, resource: "Gear" });
  assert.equal(defined("v1")?.resource.resource, "gears");
  assert.equal(defined("v1")?.resource.namespaced, true);
  assert.equal(defined("v2"), undefined);
});
