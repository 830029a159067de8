/** Deletions by another name, against a server that records what reaches it. */
import assert from "node:assert/strict";
import type { RequestCall } from "../../lib/broker/types.ts";
import { insideNamespace } from "../../lib/policy/implied_deletions.ts";
import { PATCH_TYPES } from "../../lib/names/requests.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Rule } from "../../lib/policy/types.ts";
import { createRecorder } from "../support/recorder.ts";

const EXTENSIONS = "apiextensions.k8s.io";
const SERVED = [
  { group: "", resource: "namespaces", kind: "Namespace", namespaced: false },
  { group: "", resource: "secrets", kind: "Secret", namespaced: true },
  { group: "", resource: "configmaps", kind: "ConfigMap", namespaced: true },
  {
    group: "apps",
    resource: "deployments",
    kind: "Deployment",
    namespaced: true,
    subresources: ["scale", "status"],
  },
  { group: "gateway.networking.k8s.io", resource: "gateways", kind: "Gateway", namespaced: true },
  { group: "batch", resource: "jobs", kind: "Job", namespaced: true },
  { group: "example.com", resource: "widgets", kind: "Widget", namespaced: true },
  {
    group: EXTENSIONS,
    resource: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    namespaced: false,
  },
];
const SHOP = "/namespaces/shop";
const OWNER = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "u-owner" };
const LEAVING = { apiVersion: "v1", kind: "ConfigMap", name: "leaving", uid: "u-leaving" };
const GONE = { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "u-gone" };
const going = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b", "c/d"] };
const OBJECTS = {
  [`/api/v1${SHOP}/configmaps/kept`]: {
    kind: "ConfigMap",
    metadata: { name: "kept", uid: "u", ownerReferences: [LEAVING] },
  },
  [`/api/v1${SHOP}/configmaps/owner`]: {
    kind: "ConfigMap",
    metadata: { name: "owner", uid: OWNER.uid },
  },
  [`/api/v1${SHOP}/configmaps/leaving`]: {
    kind: "ConfigMap",
    metadata: { name: "leaving", uid: LEAVING.uid, ...going },
  },
  [`/apis/apps/v1${SHOP}/deployments/web`]: {
    kind: "Deployment",
    metadata: { name: "web", uid: "u" },
    spec: { replicas: 2 },
  },
  [`/apis/apps/v1${SHOP}/deployments/web/scale`]: {
    kind: "Scale",
    metadata: { name: "web", uid: "u" },
    spec: { replicas: 2 },
  },
  [`/apis/apps/v1${SHOP}/deployments/web/status`]: {
    kind: "Deployment",
    metadata: { name: "web", uid: "u" },
    spec: { replicas: 2 },
  },
  "/api/v1/namespaces/shop": { kind: "Namespace", metadata: { name: "shop", uid: "u" } },
  [`/apis/batch/v1${SHOP}/jobs/done`]: {
    kind: "Job",
    metadata: { name: "done", uid: "u" },
    spec: { ttlSecondsAfterFinished: 3600 },
  },
};

/** What came of a change, and what of it arrived at the server. */
async function ask(call: Partial<RequestCall>, body: unknown, rules: readonly Rule[]) {
  const recorder = createRecorder(
    SERVED,
    OBJECTS,
    ({ path }) =>
      path.startsWith(`/api/v1${SHOP}/configmaps/gone`)
        ? Response.json({ kind: "Status", reason: "NotFound", code: 404 }, { status: 404 })
        : undefined,
  );
  const broker = recorder.brokers(() => makePolicy({ mode: "read-write", rules }))
    .as({ tool: "test", session: "test" });
  const whole = { op: "request", verb: "patch", resource: "configmaps", ...call } as RequestCall;
  const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
  const error = await (async () => {
    for await (const _ of broker.call(whole, bytes, new AbortController().signal));
  })().catch((error) => error);
  return { error, changes: recorder.sent.filter(({ method }) => method !== "GET") };
}

const NO_DELETE: Rule = { source: "c:1", effect: "deny", verbs: ["delete", "deletecollection"] };
const merge = { verb: "patch", contentType: PATCH_TYPES.merge, namespace: "shop" } as const;
const json = { ...merge, contentType: PATCH_TYPES.json } as const;
const apply = { ...merge, contentType: PATCH_TYPES.apply } as const;
const strategic = { ...merge, contentType: PATCH_TYPES.strategic } as const;
const update = { verb: "update", namespace: "shop" } as const;
const kept = { name: "kept" };
const leaving = { name: "leaving" };
const web = { group: "apps", resource: "deployments", name: "web" };
const job = { group: "batch", resource: "jobs", name: "done" };
const owned = (...owners: unknown[]) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "kept", ownerReferences: owners },
});

const ENDS: readonly (readonly [string, Partial<RequestCall>, unknown])[] = [
  ["an owner that is not there, by a merge patch", { ...merge, ...kept }, owned(GONE)],
  ["the same by an update", { ...update, ...kept }, owned(GONE)],
  ["the same by an apply", { ...apply, ...kept }, owned(GONE)],
  ["the same by a JSON patch", { ...json, ...kept }, [
    { op: "add", path: "/metadata/ownerReferences/-", value: GONE },
  ]],
  ["the same by way of another field", { ...json, ...kept }, [
    { op: "add", path: "/data", value: [GONE] },
    { op: "copy", from: "/data", path: "/metadata/ownerReferences" },
  ]],
  ["an owner that is going", { ...merge, name: "owner" }, owned(LEAVING)],
  ["an owner of another uid", { ...merge, ...kept }, owned({ ...OWNER, uid: "other" })],
  ["an owner of a kind that is not served", { ...merge, ...kept }, owned({ ...GONE, kind: "X" })],
  ["the finalizers of what is going", { ...merge, ...leaving }, { metadata: { finalizers: null } }],
  ["one of them", { ...json, ...leaving }, [{ op: "remove", path: "/metadata/finalizers/1" }]],
  ["the same by a directive", { ...strategic, ...leaving }, {
    metadata: { "$deleteFromPrimitiveList/finalizers": ["a/b", "c/d"] },
  }],
  ["the same by an apply that leaves them out", { ...apply, ...leaving }, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "leaving" },
  }],
  ["a Job's time to live", { ...merge, ...job }, { spec: { ttlSecondsAfterFinished: 0 } }],
  ["replicas to nothing", { ...merge, ...web }, { spec: { replicas: 0 } }],
  ["the same by scale", { ...merge, ...web, subresource: "scale" }, { spec: { replicas: 0 } }],
  ["replicas of a scale taken away", { ...merge, ...web, subresource: "scale" }, {
    spec: { replicas: null },
  }],
  ["a scale without a number", { ...update, ...web, subresource: "scale" }, { spec: {} }],
  ["the same by a JSON patch", { ...json, ...web, subresource: "scale" }, [
    { op: "remove", path: "/spec/replicas" },
  ]],
  ["a directive for the whole", { ...strategic, ...kept }, { $patch: "replace", data: {} }],
  ["a directive deep inside", { ...strategic, ...web }, { spec: { $patch: "replace" } }],
  ["an owner that is not there, by the status", { ...merge, ...web, subresource: "status" }, {
    metadata: { ownerReferences: [GONE] },
  }],
  ["a patch that copies without end", { ...json, ...kept }, [
    { op: "add", path: "/a", value: ["x"] },
    ...Array.from({ length: 30 }, () => ({ op: "copy", from: "/a", path: "/a/-" })),
  ]],
  ["a patch that does not apply", { ...json, ...kept }, [{ op: "remove", path: "/none" }]],
];

for (const [what, call, body] of ENDS) {
  Deno.test(`where delete is denied, so is what deletes in effect: ${what}`, async () => {
    const { error, changes } = await ask(call, body, [NO_DELETE]);
    assert.match(error?.message ?? "nothing", /it would delete .*: rule c:1 denies it/);
    assert.deepEqual(changes, []);
    assert.equal((await ask(call, body, [])).changes.length, 1, "without the rule it is made");
  });
}

Deno.test("where delete is denied, everyday changes go on", async () => {
  for (
    const [call, body] of [
      [{ ...merge, ...kept }, { data: { a: "b" } }],
      [{ ...merge, ...kept }, owned(OWNER)],
      [{ ...merge, ...kept }, owned(LEAVING)],
      [{ ...merge, ...leaving }, { data: { a: "b" } }],
      [{ ...merge, ...web }, { spec: { replicas: 1 } }],
      [{ ...merge, ...job }, { spec: { ttlSecondsAfterFinished: 3600, suspend: true } }],
    ] as const
  ) {
    const { error, changes } = await ask(call, body, [NO_DELETE]);
    assert.equal(error, undefined, JSON.stringify(body));
    assert.equal(changes.length, 1);
  }
});

Deno.test("a namespace and a definition are deleted only with what goes with them", async () => {
  const deny = (resources: readonly string[], more: Partial<Rule> = {}): Rule[] => [
    { source: "c:1", effect: "deny", verbs: ["deletecollection"], resources, ...more },
  ];
  const namespace = { verb: "delete", resource: "namespaces", name: "shop" } as const;
  const definition = {
    verb: "delete",
    group: EXTENSIONS,
    resource: "customresourcedefinitions",
  } as const;
  const widgets = { ...definition, name: "widgets.example.com" };
  const all = { ...definition, verb: "deletecollection" } as const;
  const owned = {
    verb: "patch",
    contentType: PATCH_TYPES.merge,
    resource: "namespaces",
    name: "shop",
  } as const;
  const refused = [
    [owned, deny(["secrets"]), "deletecollection secrets"],
    [all, deny(["gateways"]), "deletecollection gateways"],
    [namespace, deny(["secrets"]), "deletecollection secrets"],
    [namespace, deny(["widgets"], { namespaces: ["shop"] }), "deletecollection widgets"],
    [widgets, deny(["widgets"]), "deletecollection widgets"],
    [widgets, deny(["widgets"], { namespaces: ["other"] }), "deletecollection widgets"],
    [all, deny(["widgets"]), "deletecollection widgets"],
    // Who denies that one goes does not want all to go.
    [namespace, deny(["secrets"], { verbs: ["delete"] }), "deletecollection secrets"],
    [
      namespace,
      deny(["secrets"], { verbs: ["delete"], names: ["db"] }),
      "deletecollection secrets",
    ],
    [widgets, deny(["widgets"], { verbs: ["delete"] }), "deletecollection widgets"],
  ] as const;
  for (const [call, rules, words] of refused) {
    const body = call.verb === "patch" ? { metadata: { ownerReferences: [GONE] } } : undefined;
    const { error, changes } = await ask(call, body, rules);
    assert.match(error?.message ?? "nothing", new RegExp(`it would ${words}`));
    assert.deepEqual(changes, []);
  }
  const made = [
    [namespace, deny(["secrets"], { namespaces: ["other"] })],
    [namespace, []],
    [widgets, deny(["secrets"])],
  ] as const;
  for (const [call, rules] of made) {
    const { error, changes } = await ask(call, undefined, rules);
    assert.equal(error, undefined);
    assert.equal(changes.length, 1);
  }
});

Deno.test("insideNamespace() counts what can only be deleted one by one, and nothing that cannot", () => {
  const of = (resource: string, namespaced: boolean, ...verbs: string[]) => ({
    ...{ group: "", resource, namespaced, verbs },
  });
  const implied = insideNamespace("shop", [
    of("pods", true, "delete", "deletecollection"),
    of("services", true, "delete"),
    of("bindings", true, "create"),
    of("nodes", false, "delete", "deletecollection"),
  ]);
  assert.deepEqual(implied.map(({ verb, resource }) => `${verb} ${resource}`), [
    "deletecollection pods",
    "delete services",
  ]);
});
