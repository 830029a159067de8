/** The client layer against the demo cluster and the real control plane: the same facts of both. */
import assert from "node:assert/strict";
import { ApiError, InputError, ResolveError } from "../../lib/errors.ts";
import { PATCH_TYPES, type Verb } from "../../lib/names/requests.ts";
import type { ResourceRequest } from "../../lib/kube/wire/request.ts";
import type { KubeObject } from "../../lib/kube/types.ts";
import { connect, type Connected, runningPod, TARGETS, uniqueName } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

interface Asked extends Omit<ResourceRequest, "resource" | "verb" | "body"> {
  readonly group?: string;
  readonly body?: unknown;
}

/** Resolves, sends, and reads the JSON of the answer. */
async function ask(
  { client, signal }: Connected,
  verb: Verb,
  resource: string,
  { group, body, ...request }: Asked = {},
): Promise<KubeObject & { items?: KubeObject[] }> {
  const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
  const answer = await client.send({
    ...request,
    ...bytes,
    verb,
    resource: await client.resolve({ resource, group }, signal),
  }, signal);
  return JSON.parse(new TextDecoder().decode(answer));
}

async function listAll(
  { client, signal }: Connected,
  resource: string,
  request: Partial<ResourceRequest>,
): Promise<{ pages: number; names: string[] }> {
  const names: string[] = [];
  let pages = 0;
  const resolved = await client.resolve({ resource }, signal);
  for await (
    const { body } of client.pages({ ...request, verb: "list", resource: resolved }, signal)
  ) {
    pages += 1;
    const { items } = JSON.parse(new TextDecoder().decode(body)) as { items: KubeObject[] };
    names.push(...items.map(({ metadata }) => metadata?.name ?? ""));
  }
  return { pages, names };
}

/** A namespace of a test's own. */
async function namespaceFor(cluster: Connected): Promise<string> {
  const name = uniqueName("client");
  await ask(cluster, "create", "namespaces", { body: { metadata: { name } } });
  return name;
}

const configMap = (name: string, data: Record<string, string> = {}, labels = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data,
});

for (const target of TARGETS) {
  const test = (fact: string, run: (cluster: Connected) => Promise<void>) =>
    Deno.test(needs(target, `client, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target);
      await run(cluster);
    });

  test("discovers groups, and resolves names of every kind", async ({ client, signal }) => {
    for (const name of ["pods", "PO", "Pod", "pod"]) {
      const pods = await client.resolve({ resource: name }, signal);
      assert.deepEqual([pods.group, pods.version, pods.resource, pods.kind, pods.namespaced], [
        "",
        "v1",
        "pods",
        "Pod",
        true,
      ]);
      assert.ok(pods.subresources.some((each) => each.name === "log"));
    }
    const deploy = await client.resolve({ resource: "deploy" }, signal);
    assert.equal(deploy.group, "apps");
    await assert.rejects(client.resolve({ resource: "podz" }, signal), ResolveError);
  });

  test("creates, gets, updates, patches, deletes", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    const name = "settings";
    const made = await ask(cluster, "create", "configmaps", {
      namespace,
      body: configMap(name, { a: "1" }),
    });
    assert.equal(made.metadata?.namespace, namespace);
    assert.match(made.metadata?.uid ?? "", /^[0-9a-f-]{36}$/);
    const got = await ask(cluster, "get", "cm", { namespace, name });
    assert.deepEqual(got.data, { a: "1" });
    const updated = await ask(cluster, "update", "cm", {
      namespace,
      name,
      body: { ...got, data: { a: "2" } },
    });
    assert.notEqual(updated.metadata?.resourceVersion, got.metadata?.resourceVersion);
    const patched = await ask(cluster, "patch", "cm", {
      namespace,
      name,
      body: { data: { b: "3" } },
      contentType: PATCH_TYPES.merge,
    });
    assert.deepEqual(patched.data, { a: "2", b: "3" });
    const byJsonPatch = await ask(cluster, "patch", "cm", {
      namespace,
      name,
      body: [{ op: "remove", path: "/data/a" }],
      contentType: PATCH_TYPES.json,
    });
    assert.deepEqual(byJsonPatch.data, { b: "3" });
    await ask(cluster, "delete", "cm", { namespace, name });
    await assert.rejects(ask(cluster, "get", "cm", { namespace, name }), (error: ApiError) => {
      assert.deepEqual([error.status, error.reason], [404, "NotFound"]);
      assert.equal(error.message, `configmaps "${name}" not found`);
      return true;
    });
  });

  test("merges containers by name in a strategic patch, and applies", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    const labels = { app: "web" };
    const containers = [{ name: "web", image: "web:1" }, { name: "side", image: "side:1" }];
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    };
    await ask(cluster, "create", "deployments", { namespace, body: deployment });
    const patched = await ask(cluster, "patch", "deployments", {
      namespace,
      name: "web",
      body: { spec: { template: { spec: { containers: [{ name: "side", image: "side:2" }] } } } },
      contentType: PATCH_TYPES.strategic,
    }) as { spec?: { template: { spec: { containers: { name: string; image: string }[] } } } };
    const images = patched.spec?.template.spec.containers.map(({ name, image }) => [name, image])
      .sort();
    assert.deepEqual(images, [["side", "side:2"], ["web", "web:1"]]);
    const applied = await ask(cluster, "patch", "deployments", {
      namespace,
      name: "web",
      body: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", labels: { team: "shop" } },
      },
      contentType: PATCH_TYPES.apply,
      options: { fieldManager: "test" },
    });
    assert.equal(applied.metadata?.labels?.team, "shop");
  });

  test("lists in pages, and continues them to the end", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    const names = Array.from({ length: 7 }, (_, at) => `cm-${at}`);
    for (const name of names) {
      await ask(cluster, "create", "cm", {
        namespace,
        body: configMap(name, {}, { parity: `p${name.length % 2}`, of: "seven" }),
      });
    }
    const labelled = { namespace, options: { labelSelector: "of=seven" } };
    assert.deepEqual(await listAll(cluster, "cm", labelled), { pages: 1, names });
    const first = await ask(cluster, "list", "cm", {
      ...labelled,
      options: { ...labelled.options, limit: 3 },
    });
    assert.equal(first.items?.length, 3);
    const { continue: token, remainingItemCount } = first.metadata as {
      continue?: string;
      remainingItemCount?: number;
    };
    assert.ok(token);
    // The API server counts what remains only where no selector hides it.
    assert.equal(remainingItemCount, undefined);
    const second = await ask(cluster, "list", "cm", {
      ...labelled,
      options: { ...labelled.options, limit: 5, continue: token },
    });
    assert.deepEqual(second.items?.map(({ metadata }) => metadata?.name), names.slice(3));
    assert.equal((second.metadata as { continue?: string }).continue ?? "", "");
  });

  test("selects by label and field in every form", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    for (
      const [name, labels] of [["a", { tier: "front", x: "1" }], ["b", { tier: "back" }], ["c", {
        tier: "data",
      }]] as const
    ) {
      await ask(cluster, "create", "cm", { namespace, body: configMap(name, {}, labels) });
    }
    for (
      const [labelSelector, wanted] of [
        ["tier=front", ["a"]],
        ["tier==back", ["b"]],
        ["tier!=front,tier", ["b", "c"]],
        ["tier in (front, data)", ["a", "c"]],
        ["tier,tier notin (front)", ["b", "c"]],
        ["x", ["a"]],
        ["tier,!x", ["b", "c"]],
      ] as const
    ) {
      const { names } = await listAll(cluster, "cm", { namespace, options: { labelSelector } });
      assert.deepEqual(names, wanted, labelSelector);
    }
    const byField = await listAll(cluster, "cm", {
      namespace,
      options: { fieldSelector: "metadata.name=b" },
    });
    assert.deepEqual(byField.names, ["b"]);
    await assert.rejects(
      listAll(cluster, "cm", { namespace, options: { labelSelector: "a in" } }),
      (error: ApiError) => error.status === 400 && error.reason === "BadRequest",
    );
    await assert.rejects(
      listAll(cluster, "cm", { namespace, options: { fieldSelector: "data.x=1" } }),
      (error: ApiError) => error.status === 400,
    );
  });

  test("tells an empty namespace from a missing object", async (cluster) => {
    assert.deepEqual((await listAll(cluster, "cm", { namespace: "no-such-namespace" })).names, []);
    await assert.rejects(ask(cluster, "get", "ns", { name: "no-such-namespace" }), { status: 404 });
  });

  test("tells conflicts, invalid objects and what exists already in the server's words", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    const made = await ask(cluster, "create", "cm", { namespace, body: configMap("one") });
    await assert.rejects(ask(cluster, "create", "cm", { namespace, body: configMap("one") }), {
      status: 409,
      reason: "AlreadyExists",
      message: 'configmaps "one" already exists',
    });
    await ask(cluster, "update", "cm", {
      namespace,
      name: "one",
      body: { ...made, data: { a: "1" } },
    });
    await assert.rejects(
      ask(cluster, "update", "cm", { namespace, name: "one", body: { ...made, data: { a: "2" } } }),
      (error: ApiError) => {
        assert.deepEqual([error.status, error.reason], [409, "Conflict"]);
        assert.match(error.message, /the object has been modified/);
        assert.match(error.hint ?? "", /read it again/);
        return true;
      },
    );
    await assert.rejects(
      ask(cluster, "create", "cm", { namespace, body: configMap("Not A Name") }),
      (error: ApiError) => {
        assert.deepEqual([error.status, error.reason], [422, "Invalid"]);
        assert.equal(error.causes[0]?.field, "metadata.name");
        return true;
      },
    );
    await assert.rejects(
      ask(cluster, "create", "cm", {
        namespace,
        body: { ...configMap("two"), dta: {} },
        options: { fieldValidation: "Strict" },
      }),
      (error: ApiError) => error.status === 400 && /unknown field "dta"/.test(error.message),
    );
  });

  test("a dry run changes nothing", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    const options = { dryRun: "All" };
    const made = await ask(cluster, "create", "cm", { namespace, body: configMap("dry"), options });
    assert.equal(made.metadata?.name, "dry");
    assert.deepEqual(
      (await listAll(cluster, "cm", { namespace, options: { fieldSelector: "metadata.name=dry" } }))
        .names,
      [],
    );
  });

  test("gives tables and metadata alone where they are asked for", async (cluster) => {
    const namespace = await namespaceFor(cluster);
    await ask(cluster, "create", "cm", { namespace, body: configMap("t", { a: "1" }) });
    const table = await ask(cluster, "list", "cm", { namespace, form: "table" });
    assert.equal(table.kind, "Table");
    const partial = await ask(cluster, "list", "cm", { namespace, form: "metadata" });
    assert.equal(partial.kind, "PartialObjectMetadataList");
    assert.equal(partial.items?.find(({ metadata }) => metadata?.name === "t")?.data, undefined);
  });

  test("reads logs as text, by their options", async (cluster) => {
    const { client, signal } = cluster;
    const pods = await client.resolve({ resource: "pods" }, signal);
    const { namespace, name } = await runningPod(target, cluster);
    const log = (options: ResourceRequest["options"]) =>
      client.send(
        { verb: "get", resource: pods, subresource: "log", namespace, name, options },
        signal,
      )
        .then((bytes) => new TextDecoder().decode(bytes));
    const lines = (await log({})).trimEnd().split("\n");
    assert.ok(lines.length > 2);
    assert.deepEqual((await log({ tailLines: 2 })).trimEnd().split("\n").length, 2);
    await assert.rejects(log({ container: "no-such-container" }), { status: 400 });
  });

  test("refuses names that are paths before anything is sent", async (cluster) => {
    for (const name of ["../secrets/x", "a/b", "..", "%2e%2e"]) {
      await assert.rejects(ask(cluster, "get", "cm", { namespace: "default", name }), InputError);
    }
  });

  test("a custom resource is served once its definition is there", async (cluster) => {
    const group = `${uniqueName("g")}.example.com`;
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: "widgets", singular: "widget", kind: "Widget" },
        versions: [{
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        }],
      },
    };
    const calls = [];
    await using writable = await connect({
      ...target,
      open: () =>
        Promise.resolve({ access: cluster.client.access, close: () => Promise.resolve() }),
    }, { readWrite: true });
    const body = new TextEncoder().encode(JSON.stringify(definition));
    const create = {
      op: "request",
      verb: "create",
      group: "apiextensions.k8s.io",
      resource: "customresourcedefinitions",
    } as const;
    for await (const answer of writable.broker.call(create, body, cluster.signal)) {
      calls.push(answer);
    }
    assert.equal(calls.length, 1);
    const widget = {
      apiVersion: `${group}/v1`,
      kind: "Widget",
      metadata: { name: "w" },
      spec: { size: 3 },
    };
    const made = await ask(writable, "create", "widgets", {
      group,
      namespace: "default",
      body: widget,
    });
    assert.deepEqual(made.spec, { size: 3 });
    await ask(writable, "delete", "customresourcedefinitions", {
      group: "apiextensions.k8s.io",
      name: `widgets.${group}`,
    });
  });

  test("stops asking when its signal aborts", async ({ client }) => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await assert.rejects(client.resolve({ resource: "pods" }, stop.signal), /enough/);
  });
}
