/** The tools for any resource, over the demo cluster and the real control plane. */
import assert from "node:assert/strict";
import {
  connect,
  type Connected,
  runningPod,
  TARGETS,
  type TestTarget,
  uniqueName,
} from "../../support/clusters.ts";
import { type CallTool, toolCaller, valueOf } from "../../support/tools.ts";
import { needs } from "../../support/needs.ts";

const PODS = { scope: "namespaced", api_group: "", api_version: "v1", resource_kind: "pods" };
const CONFIGMAPS = { ...PODS, resource_kind: "configmaps", target_ns: "default" };
const DEPLOYMENTS = {
  scope: "namespaced",
  api_group: "apps",
  api_version: "v1",
  resource_kind: "deployments",
  target_ns: "default",
};

interface Tried {
  readonly call: CallTool;
  readonly cluster: Connected;
  readonly target: TestTarget;
}

for (const target of TARGETS) {
  const test = (
    fact: string,
    use: (tried: Tried) => Promise<void>,
    options: { readWrite?: boolean } = { readWrite: true },
  ) =>
    Deno.test(needs(target, `resource tools, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target, options);
      await use({ call: toolCaller("resources", cluster), cluster, target });
    });
  const refused = async (asked: Promise<{ text: string; isError: boolean }>, words: RegExp) => {
    const { text, isError } = await asked;
    assert.equal(isError, true, text);
    assert.match(text, words);
    assert.doesNotMatch(text, /\.ts:\d+/);
  };
  const manifest = (name: string, data: object) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data,
  });

  test("an object is applied, read, listed and deleted", async ({ call }) => {
    const name = uniqueName("applied");
    const applied = valueOf(
      await call("deploy_k8s_entity", {
        ...CONFIGMAPS,
        payload_manifest: manifest(name, { a: "1" }),
      }),
    ).applied as Record<string, unknown>;
    assert.equal(applied.name, name);
    assert.ok(applied.uid);
    const read = await call("get_k8s_entity", { ...CONFIGMAPS, entity_name: name });
    assert.deepEqual(valueOf(read).data, { a: "1" });
    assert.doesNotMatch(read.text, /managedFields/);
    const listed = await call("scan_k8s_collection", CONFIGMAPS);
    assert.match(listed.text, new RegExp(`"${name}"`));
    assert.doesNotMatch(listed.text, /managedFields/);
    assert.deepEqual(
      valueOf(await call("delete_k8s_entity", { ...CONFIGMAPS, entity_name: name })),
      { deleted: { resource: "configmaps", name, namespace: "default" } },
    );
    await refused(call("get_k8s_entity", { ...CONFIGMAPS, entity_name: name }), /not found/);
  });

  test("the newer names of parameters mean the same", async ({ call }) => {
    const name = uniqueName("newer");
    const where = {
      resource_type: "namespaced",
      group: "core",
      version: "v1",
      resource: "configmaps",
      namespace: "default",
    };
    valueOf(await call("deploy_k8s_entity", { ...where, manifest: manifest(name, {}) }));
    assert.equal(
      (valueOf(await call("get_k8s_entity", { ...where, name })).metadata as { name: string }).name,
      name,
    );
    valueOf(
      await call("scan_k8s_collection", {
        ...where,
        label_selector: "a=b",
        include_annotations: false,
        exclude_annotation_keys: [],
        include_annotation_keys: [],
      }),
    );
    valueOf(await call("delete_k8s_entity", { ...where, name, parameters: {} }));
    await refused(
      call("get_k8s_entity", { ...where, name, entity_name: "other" }),
      /name and entity_name mean the same and differ/,
    );
    await refused(
      call("get_k8s_entity", { ...where, namespac: "x" }),
      /no parameter "namespac"; did you mean namespace/,
    );
  });

  test("scope, group, version, resource and namespace are checked", async ({ call }) => {
    const { scope: _, ...WITHOUT_SCOPE } = { ...PODS, target_ns: "default", entity_name: "x" };
    const get = (given: object) =>
      call("get_k8s_entity", { ...PODS, target_ns: "default", entity_name: "x", ...given });
    const scan = (given: object) => call("scan_k8s_collection", { ...PODS, ...given });
    // The scope by another name, taken for the resource.
    await refused(
      call("get_k8s_entity", { ...WITHOUT_SCOPE, resource_type: "pods" }),
      /no such scope[^]*the resource goes into resource_kind/,
    );
    // What the resource is says it too.
    await refused(
      call("get_k8s_entity", WITHOUT_SCOPE),
      /pods "x" not found[^]*in namespace "default"/,
    );
    await refused(get({ scope: "galaxy" }), /no such scope[^]*"cluster" or "namespaced"/);
    await refused(
      get({ api_group: "nope.example" }),
      /serves no such group[^]*pods: group "", version "v1"/,
    );
    await refused(get({ api_version: "v9" }), /serves no such group and version/);
    await refused(get({ resource_kind: "podz" }), /serves no such resource[^]*Did you mean pods/);
    await refused(get({ resource_kind: "deployments" }), /deployments: group "apps", version "v1"/);
    await refused(get({ scope: "cluster", target_ns: undefined }), /they are namespaced/);
    await refused(get({ target_ns: "" }), /without target_ns/);
    await refused(get({ resource_kind: "nodes" }), /belong to the cluster/);
    await refused(
      get({ resource_kind: "nodes", scope: "clustered" }),
      /target_ns "default" for nodes/,
    );
    await refused(scan({ scope: "cluster", target_ns: "default" }), /contradict/);
    await refused(scan({ target_ns: undefined }), /without target_ns/);
    await refused(
      call("get_k8s_entity", { scope: "namespaced" }),
      /api_version: .*resource_kind: .*entity_name: /,
    );
  });

  test("names that would lead elsewhere are refused", async ({ call }) => {
    for (const name of ["../secrets/x", "a/b", "..", ".", "%2e%2e%2fsecrets", "a%2fb", ""]) {
      const where = { ...CONFIGMAPS, entity_name: name };
      await refused(call("get_k8s_entity", where), /Cannot use|no name|empty/);
      await refused(call("delete_k8s_entity", where), /Cannot use|no name|empty/);
      if (name === "") continue;
      const found = { ...CONFIGMAPS, entity_name: "x" };
      await refused(call("get_k8s_entity", { ...found, sub_path: name }), /Cannot/);
      await refused(
        call("get_k8s_entity", { ...found, resource_kind: `configmaps/${name}` }),
        /no such/,
      );
      await refused(call("get_k8s_entity", { ...found, api_version: `v1/${name}` }), /Cannot/);
      await refused(call("get_k8s_entity", { ...found, target_ns: name }), /Cannot/);
    }
    await refused(
      call("get_k8s_entity", { ...CONFIGMAPS, entity_name: "x", sub_path: "../../secrets" }),
      /Cannot/,
    );
  });

  test("kind, singular and short names are taken for the resource", async ({ call }) => {
    for (const resource_kind of ["Deployment", "deployment", "deploy", "DEPLOYMENTS"]) {
      assert.match(
        (await call("scan_k8s_collection", { ...DEPLOYMENTS, resource_kind })).text,
        /DeploymentList/,
      );
    }
    const listed = await call("scan_k8s_collection", {
      ...DEPLOYMENTS,
      api_group: undefined,
      api_version: "apps/v1",
    });
    assert.match(listed.text, /DeploymentList/);
  });

  test("a namespaced resource in cluster scope is listed everywhere, and that is said", async ({ call }) => {
    const { text, notes } = await call("scan_k8s_collection", {
      ...CONFIGMAPS,
      scope: "clustered",
      target_ns: undefined,
    });
    assert.match(text, /kube-root-ca\.crt|ConfigMapList/);
    assert.match(notes, /all namespaces/);
  });

  test("a list is bounded, pages go on, and says so", async ({ call, cluster }) => {
    const prefix = uniqueName("large");
    const labels = { large: prefix };
    const configmaps = await cluster.client.resolve({ resource: "configmaps" }, cluster.signal);
    for (let at = 0; at < 4; at++) {
      const body = new TextEncoder().encode(JSON.stringify({
        ...manifest(`${prefix}-${at}`, { text: "word ".repeat(5_000) }),
        metadata: { name: `${prefix}-${at}`, labels },
      }));
      await cluster.client.send(
        { verb: "create", resource: configmaps, namespace: "default", body },
        cluster.signal,
      );
    }
    const where = { ...CONFIGMAPS, label_filter: `large=${prefix}` };
    const whole = await call("scan_k8s_collection", where);
    assert.ok(whole.text.length <= 50_000);
    assert.equal((valueOf(whole).items as unknown[]).length, 4);
    assert.match(whole.notes, /truncated: true\. The 4 items have 10\d{4} characters.*limit 1 /);
    assert.doesNotMatch(whole.notes, /evaluate_script/, "which this server does not have");
    const first = await call("scan_k8s_collection", { ...where, limit: "1" });
    const { metadata, items } = valueOf(first) as {
      metadata: { continue: string };
      items: { metadata: { name: string } }[];
    };
    assert.deepEqual(items.map(({ metadata }) => metadata.name), [`${prefix}-0`]);
    assert.match(first.notes, /1 items are shown.*continue/);
    const second = await call("scan_k8s_collection", {
      ...where,
      limit: 1,
      continue: metadata.continue,
    });
    assert.match(second.text, new RegExp(`${prefix}-1`));
    const { text, notes } = await call("get_k8s_entity", {
      ...CONFIGMAPS,
      entity_name: `${prefix}-0`,
    });
    assert.ok(text.length < 30_000);
    assert.equal(notes, "");
  });

  test("annotations of a list are chosen", async ({ call }) => {
    const name = uniqueName("annotated");
    const annotations = { "x.io/a": "1", "x.io/b": "2", "y.io/c": "3" };
    const object = {
      ...manifest(name, {}),
      metadata: { name, labels: { annotated: name }, annotations },
    };
    valueOf(await call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: object }));
    const keys = async (given: object) => {
      const listed = await call("scan_k8s_collection", {
        ...CONFIGMAPS,
        label_filter: `annotated=${name}`,
        ...given,
      });
      const [item] = valueOf(listed).items as [{ metadata: { annotations?: object } }];
      return Object.keys(item.metadata.annotations ?? {});
    };
    assert.deepEqual(await keys({}), ["x.io/a", "x.io/b", "y.io/c"]);
    assert.deepEqual(await keys({ omit_annotation_keys: ["x.io/*"] }), ["y.io/c"]);
    assert.deepEqual(await keys({ detail_annotations: false }), []);
    assert.deepEqual(
      await keys({ detail_annotations: false, include_only_annotation_keys: ["x.io/b"] }),
      ["x.io/b"],
    );
  });

  test("logs are bounded, subresources read, and no stream is followed", async ({ call, cluster }) => {
    const pod = await runningPod(target, cluster);
    const where = { ...PODS, target_ns: pod.namespace, entity_name: pod.name };
    for (const sub_path of ["log", "logs"]) {
      const tail = await call("get_k8s_entity", {
        ...where,
        sub_path,
        query_params: { tailLines: "1" },
      });
      assert.equal(tail.isError, false, tail.text);
      assert.ok(tail.text.trimEnd().split("\n").length <= 1);
    }
    const logs = { ...where, sub_path: "logs" };
    await refused(
      call("get_k8s_entity", { ...logs, query_params: { follow: true } }),
      /"follow": no such/,
    );
    await refused(
      call("get_k8s_entity", { ...logs, query_params: { tailLines: -1 } }),
      /tailLines -1/,
    );
    await refused(call("get_k8s_entity", { ...logs, query_params: { container: "nope" } }), /nope/);
    assert.equal(
      valueOf(await call("get_k8s_entity", { ...where, sub_path: "status" })).kind,
      "Pod",
    );
    await refused(
      call("get_k8s_entity", { ...where, sub_path: "stats" }),
      /no such subresource|needs a rule/,
    );
    await refused(
      call("get_k8s_entity", { ...where, sub_path: "proxy" }),
      /Cannot get pods\/proxy/,
    );
  });

  test("what is served is read at a version", async ({ call }) => {
    const read = await call("get_k8s_entity", {
      scope: "cluster",
      api_version: "v1",
      resource_kind: "namespaces",
      entity_name: "default",
      query_params: { resourceVersion: "0" },
    });
    assert.equal(valueOf(read).kind, "Namespace");
    await refused(
      call("get_k8s_entity", {
        ...CONFIGMAPS,
        entity_name: "x",
        query_params: { resourceVersio: "0" },
      }),
      /no such option[^]*resourceVersion/,
    );
  });

  test("a manifest is taken as JSON and YAML text, tried out by dry_run", async ({ call }) => {
    const name = uniqueName("text");
    const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "1"}\n`;
    const tried = valueOf(
      await call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: yaml, dry_run: true }),
    );
    assert.equal(tried.dryRun, true);
    await refused(call("get_k8s_entity", { ...CONFIGMAPS, entity_name: name }), /not found/);
    valueOf(await call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: yaml }));
    const json = JSON.stringify(manifest(name, { a: "2" }));
    valueOf(await call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: json }));
    const read = valueOf(await call("get_k8s_entity", { ...CONFIGMAPS, entity_name: name }));
    assert.deepEqual(read.data, { a: "2" });
    valueOf(await call("delete_k8s_entity", { ...CONFIGMAPS, entity_name: name, dry_run: true }));
    valueOf(await call("delete_k8s_entity", { ...CONFIGMAPS, entity_name: name }));
  });

  test("several objects are all applied, or it is said which were not", async ({ call }) => {
    const [one, two, bad] = [uniqueName("one"), uniqueName("two"), uniqueName("Bad_Name")];
    const text = (...names: string[]) =>
      names.map((name) => JSON.stringify(manifest(name, { a: "1" }))).join("\n---\n");
    await refused(
      call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: text(one, bad, two) }),
      /Nothing was applied: object 2 of 3/,
    );
    await refused(call("get_k8s_entity", { ...CONFIGMAPS, entity_name: one }), /not found/);
    const { applied } = valueOf(
      await call("deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: text(one, two) }),
    );
    assert.deepEqual((applied as { name: string }[]).map(({ name }) => name), [one, two]);
  });

  test("a manifest says what it is and where, once", async ({ call }) => {
    const name = uniqueName("once");
    const text = (data: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\n` +
      `data: {a: "${data}"}\n`;
    const deploy = (given: object) => call("deploy_k8s_entity", given);
    valueOf(await deploy({ payload_manifest: text("1") }));
    valueOf(await deploy({ manifest: "```yaml\n" + text("2") + "```" }));
    const read = {
      apiVersion: "v1",
      kind: "ConfigMap",
      name,
      namespace: "default",
    };
    assert.deepEqual(valueOf(await call("get_k8s_entity", read)).data, { a: "2" });
    await refused(
      deploy({ payload_manifest: text("3"), kind: "Secret" }),
      /has ConfigMap of v1, but the call names Secret/,
    );
    await refused(
      deploy({ payload_manifest: text("3"), target_ns: "kube-system" }),
      /namespace is "default", but target_ns is "kube-system"/,
    );
    await refused(
      deploy({ payload_manifest: { kind: "ConfigMap", metadata: { name } } }),
      /it has no apiVersion/,
    );
    await refused(
      deploy({ payload_manifest: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } } }),
      /no namespace, and configmaps are namespaced/,
    );
    await refused(
      deploy({ payload_manifest: { apiVersion: "v1", kind: "Nope", metadata: { name } } }),
      /Cannot find "Nope" in v1/,
    );
    assert.deepEqual(valueOf(await call("get_k8s_entity", read)).data, { a: "2" });
    await refused(
      call("get_k8s_entity", { ...read, apiVersio: "v1" }),
      /no parameter "apiVersio"; did you mean api_version/,
    );
    valueOf(await call("delete_k8s_entity", read));
  });

  test("several kinds are applied in the order in which they can be", async ({ call }) => {
    const space = uniqueName("space");
    const text = (data: string) =>
      [
        `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ${space}}, data: {a: ${data}}}`,
        `{apiVersion: v1, kind: ServiceAccount, metadata: {name: b, namespace: ${space}}}`,
        `{apiVersion: v1, kind: Namespace, metadata: {name: ${space}}}`,
      ].join("\n---\n");
    const tried = valueOf(
      await call("deploy_k8s_entity", { payload_manifest: text("x"), dry_run: true }),
    );
    assert.deepEqual(tried.notTried, ["a", "b"]);
    const where = { apiVersion: "v1", kind: "ConfigMap", name: "a", namespace: space };
    await refused(call("get_k8s_entity", where), /not found/);
    const { applied } = valueOf(await call("deploy_k8s_entity", { payload_manifest: text("x") }));
    assert.deepEqual((applied as { kind: string }[]).map(({ kind }) => kind), [
      "Namespace",
      "ConfigMap",
      "ServiceAccount",
    ]);
    // All are tried out before the first is stored.
    const bad = text("z").replace("name: b", "name: Bad_Name");
    await refused(
      call("deploy_k8s_entity", { payload_manifest: bad }),
      /Nothing was applied: object 2 of 3/,
    );
    assert.deepEqual(valueOf(await call("get_k8s_entity", where)).data, { a: "x" });
    const { deleting, deleted } = valueOf(
      await call("delete_k8s_entity", { apiVersion: "v1", kind: "Namespace", name: space }),
    );
    assert.ok(deleted ?? deleting);
  });

  test("a list says all namespaces in every way, and other tools say that they do not", async ({ call }) => {
    for (const target_ns of ["*", "all", "", "All"]) {
      const { notes } = await call("scan_k8s_collection", { ...CONFIGMAPS, target_ns });
      assert.match(notes, /all namespaces/);
      const nodes = { api_version: "v1", resource_kind: "nodes", target_ns };
      assert.match((await call("scan_k8s_collection", nodes)).text, /NodeList/);
      await refused(
        call("get_k8s_entity", { ...CONFIGMAPS, target_ns, entity_name: "x" }),
        /Name (the|its) namespace/,
      );
    }
    await refused(
      call("scan_k8s_collection", { ...CONFIGMAPS, target_ns: undefined }),
      /target_ns "\*" lists all/,
    );
  });

  test("a limit of 0 is none, and quoted arguments are read", async ({ call }) => {
    const where = { ...CONFIGMAPS, target_ns: "*" };
    const count = async (given: object) =>
      (valueOf(await call("scan_k8s_collection", { ...where, ...given })).items as unknown[])
        .length;
    assert.equal(await count({ limit: 1 }), 1);
    for (
      const given of [
        { limit: 0 },
        { limit: "0" },
        { query_params: { limit: 0 } },
        { query_params: '{"limit": "0"}' },
        { query_params: { limit: null } },
        { omit_annotation_keys: '["x.io/*"]', scope: "", label_filter: null },
      ]
    ) assert.ok(await count(given) > 1, JSON.stringify(given));
    assert.equal(await count({ query_params: '{"limit": 1}' }), 1);
    await refused(
      call("scan_k8s_collection", { ...where, query_params: { limit: "many" } }),
      /limit|many/,
    );
  });

  test("a conflict names managers and fields; force takes over", async ({ call, cluster }) => {
    const name = uniqueName("conflict");
    const configmaps = await cluster.client.resolve({ resource: "configmaps" }, cluster.signal);
    await cluster.client.send({
      verb: "patch",
      resource: configmaps,
      namespace: "default",
      name,
      contentType: "application/apply-patch+yaml",
      options: { fieldManager: "somebody" },
      body: new TextEncoder().encode(JSON.stringify(manifest(name, { a: "theirs" }))),
    }, cluster.signal);
    const ours = { ...CONFIGMAPS, payload_manifest: manifest(name, { a: "ours" }) };
    await refused(
      call("deploy_k8s_entity", ours),
      /other managers own \.data\.a \("somebody"[^]*force: true/,
    );
    valueOf(await call("deploy_k8s_entity", { ...ours, force: true }));
    const read = valueOf(await call("get_k8s_entity", { ...CONFIGMAPS, entity_name: name }));
    assert.deepEqual(read.data, { a: "ours" });
  });

  test("subresources are posted to, with what the payload leaves out", async ({ call, cluster }) => {
    const pod = await runningPod(target, cluster);
    const where = { ...PODS, target_ns: pod.namespace, entity_name: pod.name };
    const evict = { ...where, action_path: "eviction", request_payload: {} };
    valueOf(await call("interact_k8s_endpoint", { ...evict, dry_run: true }));
    await refused(
      call("interact_k8s_endpoint", { ...evict, request_payload: { metadata: { name: "other" } } }),
      /metadata\.name of the payload differs/,
    );
    await refused(
      call("interact_k8s_endpoint", { ...where, request_payload: {} }),
      /no action_path[^]*eviction/,
    );
    await refused(
      call("interact_k8s_endpoint", {
        ...where,
        action_path: "exec",
        request_payload: { command: "ls" },
      }),
      /command: must be a list of strings/,
    );
  });

  test("read-only refuses every write and names the way out", async ({ call }) => {
    const name = { ...CONFIGMAPS, entity_name: "x" };
    for (
      const [tool, given] of [
        ["deploy_k8s_entity", { ...CONFIGMAPS, payload_manifest: manifest("x", {}) }],
        ["deploy_k8s_entity", {
          ...CONFIGMAPS,
          payload_manifest: manifest("x", {}),
          dry_run: true,
        }],
        ["delete_k8s_entity", name],
        ["interact_k8s_endpoint", {
          ...PODS,
          target_ns: "default",
          entity_name: "x",
          action_path: "eviction",
          request_payload: {},
        }],
      ] as const
    ) {
      await refused(call(tool, given), /read-only[^]*--read-write/);
    }
  }, {});
}
