/** What bodies would bring about, before a server that records what reaches it. */
import assert from "node:assert/strict";
import type { RequestCall } from "../../lib/broker/types.ts";
import { PolicyError } from "../../lib/errors.ts";
import { PATCH_TYPES } from "../../lib/names/requests.ts";
import { createPlan } from "../../lib/policy/plan.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Policy, Rule } from "../../lib/policy/types.ts";
import { createRecorder } from "../support/recorder.ts";

const RBAC = "rbac.authorization.k8s.io";
const SERVED = [
  { group: "", resource: "secrets", kind: "Secret", namespaced: true },
  { group: "", resource: "configmaps", kind: "ConfigMap", namespaced: true },
  { group: RBAC, resource: "roles", kind: "Role", namespaced: true },
  { group: RBAC, resource: "rolebindings", kind: "RoleBinding", namespaced: true },
  { group: RBAC, resource: "clusterroles", kind: "ClusterRole", namespaced: false },
  { group: RBAC, resource: "clusterrolebindings", kind: "ClusterRoleBinding", namespaced: false },
];
const BASE = `/apis/${RBAC}/v1`;
const GET_PODS = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const ALL = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
const OBJECTS = {
  [`${BASE}/clusterroles/reader`]: { kind: "ClusterRole", rules: [GET_PODS] },
  [`${BASE}/clusterroles/view`]: {
    kind: "ClusterRole",
    aggregationRule: {},
    rules: [GET_PODS],
  },
  [`${BASE}/clusterroles/to-come`]: { kind: "ClusterRole", aggregationRule: {}, rules: null },
  [`${BASE}/clusterroles/operator`]: { kind: "ClusterRole", rules: [GET_PODS, ALL] },
  [`${BASE}/clusterroles/odd`]: { kind: "ClusterRole", rules: "none" },
  [`${BASE}/namespaces/shop/roles/reader`]: { kind: "Role", rules: [GET_PODS] },
  ...secret("token", "kubernetes.io/service-account-token"),
  ...secret("plain", "Opaque"),
};

function secret(name: string, type: string) {
  const object = { kind: "Secret", type, metadata: { name, resourceVersion: "7" } };
  return { [`/api/v1/namespaces/shop/secrets/${name}`]: object };
}

/** Makes a request. @returns what arrived that changes something */
async function ask(
  call: Partial<RequestCall>,
  body: unknown,
  policy: Policy = makePolicy({ mode: "read-write" }),
) {
  const recorder = createRecorder(SERVED, OBJECTS);
  const broker = recorder.brokers(() => policy).as({ tool: "test", session: "test" });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const whole = { op: "request", verb: "create", resource: "roles", ...call } as RequestCall;
  const error = await (async () => {
    const signal = new AbortController().signal;
    for await (const _ of broker.call(whole, new TextEncoder().encode(text), signal));
  })().catch((error) => error);
  const changes = recorder.sent.filter(({ method, path }) =>
    method !== "GET" && !path.includes("dryRun=All")
  );
  return { error, changes, reads: recorder.sent.filter(({ method }) => method === "GET") };
}

async function refused(call: Partial<RequestCall>, body: unknown, policy?: Policy) {
  const { error, changes } = await ask(call, body, policy);
  assert.ok(error instanceof PolicyError, `${JSON.stringify(call)} ${JSON.stringify(body)}`);
  assert.deepEqual(changes, []);
  return error.message;
}

async function allowed(call: Partial<RequestCall>, body: unknown, policy?: Policy) {
  const { error, changes } = await ask(call, body, policy);
  assert.equal(error, undefined, `${JSON.stringify(call)}: ${error?.message}`);
  assert.equal(changes.length, 1);
  return new TextDecoder().decode(changes[0]?.body);
}

const ROLE = { resource: "roles", namespace: "shop" } as const;
const CLUSTER_ROLE = { resource: "clusterroles" } as const;
const BINDING = { resource: "rolebindings", namespace: "shop" } as const;
const CLUSTER_BINDING = { resource: "clusterrolebindings" } as const;
const ref = (name: unknown, kind = "ClusterRole") => ({
  metadata: { name: "b" },
  roleRef: { apiGroup: RBAC, kind, name },
  subjects: [],
});

Deno.test("roles: everyday rights may be written, what gives more needs escalate", async () => {
  await allowed(ROLE, { rules: [GET_PODS] });
  await allowed(CLUSTER_ROLE, { rules: [GET_PODS] });
  await allowed({ ...ROLE, verb: "update", name: "r" }, { rules: [] });
  for (
    const rule of [
      ALL,
      { ...GET_PODS, verbs: ["get", "*"] },
      { ...GET_PODS, resources: ["*"] },
      { ...GET_PODS, resources: ["*/proxy"] },
      { ...GET_PODS, resources: ["pods/*"] },
      { ...GET_PODS, resources: ["pods/attach"] },
      { ...GET_PODS, resources: ["nodes/proxy"] },
      { ...GET_PODS, resources: ["serviceaccounts/token"] },
      { ...GET_PODS, verbs: ["escalate"] },
      { ...GET_PODS, verbs: ["bind"] },
      { ...GET_PODS, verbs: ["IMPERSONATE"] },
      { ...GET_PODS, apiGroups: ["*"] },
      { verbs: ["get"], nonResourceURLs: ["*"] },
      { ...GET_PODS, Verbs: ["*"] },
      { ...GET_PODS, verbs: "get" },
      null,
      "all",
    ]
  ) {
    const body = { rules: [GET_PODS, rule] };
    assert.match(await refused(ROLE, body), /it would escalate roles/);
    await refused(CLUSTER_ROLE, body);
    await refused({ ...ROLE, verb: "update", name: "r" }, body);
    await refused(
      { ...ROLE, verb: "patch", name: "r", contentType: PATCH_TYPES.apply },
      body,
    );
  }
  for (const body of [{ rules: {} }, { Rules: [] }, [], null, "{", "", { aggregationRule: {} }]) {
    await refused(CLUSTER_ROLE, body);
  }
});

Deno.test("bindings: the role is looked at; what is not known to be harmless needs bind", async () => {
  for (const call of [BINDING, CLUSTER_BINDING]) {
    await allowed(call, ref("reader"));
    await allowed(call, ref("view"));
    for (
      const name of [
        "cluster-admin",
        "operator",
        "odd",
        "to-come",
        "none",
        "../clusterroles/reader",
      ]
    ) {
      const message = await refused(call, ref(name));
      assert.ok(message.includes(`it would bind clusterroles "${name}"`), message);
    }
    for (
      const body of [
        {},
        { roleRef: null },
        { roleRef: "reader" },
        ref(5),
        ref(""),
        ref("reader", "Group"),
        { ...ref("reader"), RoleRef: ref("cluster-admin").roleRef },
        { roleRef: { ...ref("reader").roleRef, Name: "cluster-admin" } },
        { roleRef: { ...ref("reader").roleRef, apiGroup: "other.example" } },
      ]
    ) await refused(call, body);
  }
  await allowed(BINDING, ref("reader", "Role"));
  await refused({ ...BINDING, namespace: "other" }, ref("admin", "Role"));
});

Deno.test("bindings: a rule may give bind, by role and namespace", async () => {
  const rule: Rule = {
    source: "c.yaml:1",
    effect: "allow",
    verbs: ["bind"],
    resources: ["clusterroles"],
    namespaces: ["shop"],
    names: ["edit"],
  };
  const policy = makePolicy({ mode: "read-write", rules: [rule] });
  await allowed(BINDING, ref("edit"), policy);
  await refused(BINDING, ref("admin"), policy);
  await refused({ ...BINDING, namespace: "other" }, ref("edit"), policy);
  await refused(CLUSTER_BINDING, ref("edit"), policy);
  const open = makePolicy({ mode: "read-write", profile: "open" });
  await allowed(CLUSTER_BINDING, ref("cluster-admin"), open);
  await refused(CLUSTER_BINDING, ref("cluster-admin"), makePolicy({ profile: "open" }));
});

Deno.test("patches: what touches rules, role or subjects needs a rule, metadata alone does not", async () => {
  const targets = [ROLE, CLUSTER_ROLE, BINDING, CLUSTER_BINDING];
  const metadata = { metadata: { annotations: { a: "b" } } };
  const labels = { metadata: { labels: { a: "b" } } };
  for (const target of targets) {
    for (const contentType of [PATCH_TYPES.merge, PATCH_TYPES.strategic]) {
      const call = { ...target, verb: "patch", name: "x", contentType } as const;
      await allowed(call, metadata);
      for (const key of ["rules", "roleRef", "subjects", "$patch", "Rules", "spec"]) {
        await refused(call, { ...metadata, [key]: [] });
      }
      await refused(call, [metadata]);
    }
    const call = { ...target, verb: "patch", name: "x", contentType: PATCH_TYPES.json } as const;
    await allowed(call, [{ op: "add", path: "/metadata/annotations/a", value: "b" }]);
    // Labels of a cluster role decide who collects its rules.
    const judge = target === CLUSTER_ROLE ? refused : allowed;
    await judge(call, [{ op: "add", path: "/metadata/labels/a", value: "b" }]);
    await judge({ ...call, contentType: PATCH_TYPES.merge }, labels);
    if (target === CLUSTER_ROLE) {
      await refused({ ...call, contentType: PATCH_TYPES.apply }, labels);
      await allowed({ ...call, contentType: PATCH_TYPES.apply }, metadata);
      await allowed({ ...call, contentType: PATCH_TYPES.apply }, { ...labels, rules: [] });
      await refused(call, [{ op: "replace", path: "/metadata", value: {} }]);
      await refused(call, [{ op: "copy", from: "/metadata/x", path: "/metadata/labels" }]);
    }
    for (
      const operation of [
        { op: "add", path: "/rules/-", value: GET_PODS },
        { op: "replace", path: "/roleRef/name", value: "cluster-admin" },
        { op: "replace", path: "", value: {} },
        { op: "move", from: "/metadata/x", path: "/subjects" },
        { op: "copy", from: "/rules", path: "/metadata/x" },
        { op: "add", path: ["/metadata/x"] },
        "add",
      ]
    ) await refused(call, [{ op: "test", path: "/metadata/name", value: "x" }, operation]);
    await refused({ ...target, verb: "patch", name: "x" }, { rules: [], subjects: [] });
    await refused(call, { rules: [], roleRef: {} });
    // An apply that adds a subject leaves open to which role.
    if (target.resource.endsWith("bindings")) {
      await refused({ ...call, contentType: PATCH_TYPES.apply }, { subjects: [] });
    }
  }
});

Deno.test("bodies: what was judged is what is sent, in JSON and in YAML", async () => {
  // Of a key given twice Go keeps parts of both, JSON.parse the last.
  const twice = `{"rules":[${JSON.stringify(ALL)}],"rules":[{}]}`;
  assert.equal(await allowed(ROLE, twice), '{"rules":[{}]}');
  const second = JSON.stringify(ref("reader")).slice(1);
  const sent = await allowed(BINDING, `{"roleRef":{"name":"cluster-admin"},${second}`);
  assert.deepEqual(JSON.parse(sent), ref("reader"));
  const apply = {
    ...BINDING,
    verb: "patch",
    name: "b",
    contentType: PATCH_TYPES.apply,
  } as const;
  const yaml = (name: string) =>
    `metadata: {name: b}\nroleRef:\n  kind: ClusterRole\n  name: ${name}\n`;
  assert.deepEqual(JSON.parse(await allowed(apply, yaml("reader"))).roleRef.name, "reader");
  await refused(apply, yaml("cluster-admin"));
  await refused(apply, `${yaml("reader")}---\n${yaml("cluster-admin")}`);
  await refused(apply, `x: &r {name: cluster-admin, kind: ClusterRole}\nroleRef: *r`);
});

Deno.test("secrets: one of an account that is made another's, or empty, needs a token request too", async () => {
  const owner = "kubernetes.io/service-account.name";
  const merge = { contentType: PATCH_TYPES.merge };
  const json = { contentType: PATCH_TYPES.json };
  const pointer = "/metadata/annotations/kubernetes.io~1service-account.name";
  const touching: [Partial<RequestCall>, unknown][] = [
    [merge, { metadata: { annotations: { [owner]: "admin" } } }],
    [{ contentType: PATCH_TYPES.strategic }, { metadata: { annotations: { $patch: "replace" } } }],
    [{ contentType: PATCH_TYPES.apply }, { metadata: { annotations: { [owner]: "admin" } } }],
    [merge, { metadata: { annotations: null } }],
    [merge, { data: { token: null } }],
    [merge, { data: null }],
    [json, [{ op: "replace", path: pointer, value: "admin" }]],
    [json, [{ op: "replace", path: "/metadata/annotations", value: { [owner]: "admin" } }]],
    [json, [{ op: "move", from: "/data/token", path: "/data/x" }]],
    [json, [{ op: "replace", path: "", value: {} }]],
  ];
  const harmless: [Partial<RequestCall>, unknown][] = [
    [merge, { metadata: { annotations: { note: "x" }, labels: { a: "b" } } }],
    [json, [{ op: "add", path: "/metadata/annotations/note", value: "x" }]],
  ];
  const patch = (name: string) => ({ resource: "secrets", namespace: "shop", verb: "patch", name });
  for (const [how, body] of touching) {
    const call = { ...patch("token"), ...how } as Partial<RequestCall>;
    assert.match(await refused(call, body), /create serviceaccounts\/token/);
    await allowed({ ...call, name: "plain" }, body);
  }
  for (const [how, body] of harmless) {
    await allowed({ ...patch("token"), ...how } as Partial<RequestCall>, body);
  }
});

Deno.test("secrets: one that is filled with a token needs what a token request needs", async () => {
  const secrets = { resource: "secrets", namespace: "shop" } as const;
  const type = "kubernetes.io/service-account-token";
  await allowed(secrets, { data: { a: "b" } });
  await allowed(secrets, { type: "Opaque" });
  const update = { ...secrets, verb: "update", name: "s" } as const;
  const apply = {
    ...secrets,
    verb: "patch",
    name: "s",
    contentType: PATCH_TYPES.apply,
  } as const;
  for (const call of [secrets, update, apply]) {
    assert.match(await refused(call, { type }), /it would create serviceaccounts\/token/);
    await refused(call, { Type: type });
    await refused(call, "[]");
  }
  assert.equal(await allowed(secrets, `{"type":"${type}","type":null}`), '{"type":null}');
  await allowed({ ...apply, contentType: PATCH_TYPES.merge }, { data: { a: "b" } });
});

Deno.test("creation: a rule by name goes by the name in the body", async () => {
  const rules: Rule[] = [{ source: "c:1", effect: "deny", names: ["prod-*"] }];
  const policy = makePolicy({ mode: "read-write", rules });
  const call = { resource: "configmaps", namespace: "shop" };
  await allowed(call, { metadata: { name: "ok" } }, policy);
  await refused(call, { metadata: { name: "prod-1" } }, policy);
  await refused(call, { metadata: { generateName: "prod-" } }, policy);
  await refused(call, '{"metadata":{"name":"prod-1"},"metadata":{}}', policy);
});

Deno.test("a role that may not be read is not looked at", async () => {
  const rules: Rule[] = [{ source: "c:1", effect: "deny", resources: ["clusterroles"] }];
  const policy = makePolicy({ mode: "read-write", rules });
  const { error, reads } = await ask(BINDING, ref("reader"), policy);
  assert.ok(error instanceof PolicyError);
  assert.deepEqual(reads, []);
});

/** A server that applies merge patches, for trials and for good. */
async function patched(body: unknown, live: object, policy = makePolicy({ mode: "read-write" })) {
  const path = `${BASE}/namespaces/shop/roles/r`;
  const before = { kind: "Role", metadata: { name: "r", resourceVersion: "7" }, ...live };
  const recorder = createRecorder(SERVED, { [path]: before }, ({ method, body }) => {
    if (method !== "PATCH") return undefined;
    const { metadata, ...patch } = JSON.parse(new TextDecoder().decode(body));
    return metadata.resourceVersion === "7"
      ? Response.json({ ...before, ...patch })
      : Response.json({ kind: "Status", code: 409, reason: "Conflict" }, { status: 409 });
  });
  const broker = recorder.brokers(() => policy).as({ tool: "test", session: "test" });
  const call = { op: "request", verb: "patch", name: "r", contentType: PATCH_TYPES.merge } as const;
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const signal = new AbortController().signal;
  const error = await broker.call({ ...call, ...ROLE }, bytes, signal).next()
    .then(() => undefined, (error) => error);
  const made = recorder.sent.filter(({ method, path }) =>
    method === "PATCH" && !path.includes("dryRun=All")
  );
  return { error, made };
}

Deno.test("patches: a role is judged by what it would be, and changed at that version", async () => {
  const { error, made } = await patched({ rules: [GET_PODS] }, { rules: [] });
  assert.equal(error, undefined);
  assert.equal(
    JSON.parse(new TextDecoder().decode(made[0]?.body)).metadata.resourceVersion,
    "7",
  );
  const exec = { verbs: ["create"], apiGroups: [""], resources: ["pods/attach"] };
  const more = await patched({ rules: [GET_PODS, exec] }, { rules: [] });
  assert.match(more.error.message, /it would escalate roles "r".*"pods\/attach" in rule 2/);
  assert.match(more.error.hint, /--approve/);
  assert.match(more.error.hint, /effect: allow, verbs: \[escalate\], resources: \[roles\]/);
  assert.deepEqual(more.made, []);
});

Deno.test("roles: what the policy in force denies the caller, no role hands on", async () => {
  const rules: Rule[] = [{ source: "c:1", effect: "deny", resources: ["pods/exec", "secrets"] }];
  const policy = makePolicy({ mode: "read-write", rules });
  const exec = { verbs: ["create"], apiGroups: [""], resources: ["pods", "pods/exec"] };
  await allowed(ROLE, { rules: [exec] });
  const message = await refused(ROLE, { rules: [GET_PODS, exec] }, policy);
  assert.match(message, /\("create pods\/exec" in rule 2\)/);
  const read = { verbs: ["list"], apiGroups: [""], resources: ["secrets"], resourceNames: ["a"] };
  assert.match(await refused(CLUSTER_ROLE, { rules: [read] }, policy), /"list secrets" in rule 1/);
  // What is allowed in one namespace is handed on there, and not in the whole cluster.
  const local: Rule[] = [{ source: "c:1", effect: "deny", namespaces: ["prod"] }];
  const elsewhere = makePolicy({ mode: "read-write", rules: local });
  await allowed(ROLE, { rules: [GET_PODS] }, elsewhere);
  await refused(CLUSTER_ROLE, { rules: [GET_PODS] }, elsewhere);
  await refused(CLUSTER_BINDING, ref("reader"), elsewhere);
  await allowed(BINDING, ref("reader"), elsewhere);
  assert.match(
    await refused(BINDING, ref("reader"), policyWithout("pods")),
    /"get pods" in rule 1/,
  );
});

function policyWithout(resource: string): Policy {
  const rules: Rule[] = [{ source: "c:1", effect: "deny", resources: [resource] }];
  return makePolicy({ mode: "read-write", rules });
}

Deno.test("roles: in approve mode a person is asked, and sees that rights are given", async () => {
  const recorder = createRecorder(SERVED, OBJECTS);
  const plan = createPlan(0);
  const broker = recorder.brokers(() => makePolicy({ mode: "approve" }))
    .as({ tool: "test", session: "test", plan });
  const call = { op: "request", verb: "create", ...BINDING } as const;
  const bytes = new TextEncoder().encode(JSON.stringify(ref("operator")));
  await broker.call(call, bytes, new AbortController().signal).next();
  assert.match(
    plan.changes[0]?.what ?? "",
    /GIVES RIGHTS: bind clusterroles "operator": "\*" in rule 2/,
  );
});

Deno.test("roles: one that takes too long to judge is too much", async () => {
  const wide = {
    verbs: ["get", "list", "watch"],
    apiGroups: [""],
    resources: Array.from({ length: 50 }, (_, at) => `r${at}`),
  };
  const message = await refused(ROLE, { rules: Array.from({ length: 100 }, () => wide) });
  assert.match(message, /more than 5000 rights in rule \d+/);
  await refused(ROLE, { rules: [{ verbs: ["get"], nonResourceURLs: ["/*"] }] });
});
