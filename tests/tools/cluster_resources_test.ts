/** The cluster as resources of the protocol. */
import assert from "node:assert/strict";
import { InputError } from "../../lib/errors.ts";
import { clusterResources } from "../../lib/tools/mcp_resources/cluster_resources.ts";
import { formatUri, parseUri, TEMPLATES } from "../../lib/tools/mcp_resources/uris.ts";
import { connect, TARGETS } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";

Deno.test("parseUri() takes both forms, by each of their words", () => {
  const node = { group: "", version: "v1", resource: "nodes", name: "a" };
  for (const scope of ["cluster", "clustered"]) {
    assert.deepEqual(parseUri(`k8s://${scope}//v1/nodes/a`), node);
    assert.deepEqual(parseUri(`k8s://${scope}/core/v1/nodes/a`), node);
  }
  const web = {
    namespace: "shop",
    group: "apps",
    version: "v1",
    resource: "deployments",
    name: "web",
  };
  for (const scope of ["namespace", "namespaced"]) {
    assert.deepEqual(parseUri(`k8s://${scope}/shop/apps/v1/deployments/web`), web);
  }
  assert.equal(
    parseUri(`k8s://cluster/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode`).name,
    "system:node",
  );
  assert.deepEqual(parseUri(formatUri(web)), web);
  assert.deepEqual(parseUri("k8s://cluster/core/v1/nodes"), {
    group: "",
    version: "v1",
    resource: "nodes",
  });
});

Deno.test("parseUri() refuses what could mean something else", () => {
  for (
    const uri of [
      "",
      "k8s://",
      "k8s://cluster",
      "k8s://galaxy//v1/nodes/a",
      "k8s://namespace//apps/v1/deployments/web",
      "k8s://cluster//v1/nodes/",
      "k8s://cluster//v1//a",
      "k8s://cluster//v1/nodes/a/status",
      "k8s://cluster//v1/nodes/..",
      "k8s://namespace/shop//v1/configmaps/../secrets/x",
      "k8s://namespace/shop//v1/configmaps/%2e%2e%2fsecrets%2fx",
      "k8s://namespace/shop//v1/configmaps/a%252fb",
      "k8s://namespace/shop//v1/configmaps/a%00",
      "k8s://namespace/shop//v1/configmaps/%zz",
      "k8s://cluster//v1/nodes/a?watch=true",
      "k8s://cluster//v1/nodes/a#x",
      "https://cluster//v1/nodes/a",
      "file:///etc/passwd",
    ]
  ) assert.throws(() => parseUri(uri), InputError, uri);
});

for (const target of TARGETS) {
  const test = (
    fact: string,
    use: (given: {
      resources: ReturnType<typeof clusterResources>;
      broker: Awaited<ReturnType<typeof connect>>["broker"];
      signal: AbortSignal;
    }) => Promise<void>,
  ) =>
    Deno.test(needs(target, `cluster resources, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target);
      await use({ resources: clusterResources({ advertise: true }), ...cluster });
    });

  test("what is served is listed page by page, each entry readable", async ({ resources, broker, signal }) => {
    const uris: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await resources.list(cursor, broker, signal);
      uris.push(...page.resources.map(({ uri }) => uri));
      assert.ok(page.resources.length <= 100);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.equal(new Set(uris).size, uris.length);
    assert.ok(uris.includes("k8s://cluster/core/v1/nodes"));
    const deployments = uris.find((uri) =>
      /^k8s:\/\/namespace\/[^/]+\/apps\/v1\/deployments$/.test(uri)
    );
    assert.ok(deployments);
    const read = JSON.parse(await resources.read(deployments, broker, signal));
    assert.equal(read.kind, "Deployment");
    await assert.rejects(resources.list("bm90IG9uZQ", broker, signal), /none of this list's/);
    const silent = clusterResources({ advertise: false });
    assert.deepEqual(await silent.list(undefined, broker, signal), { resources: [] });
  });

  test("an object is read under its URI, and only there", async ({ resources, broker, signal }) => {
    const read = (uri: string) => resources.read(uri, broker, signal);
    const { items } = JSON.parse(await read("k8s://cluster//v1/namespaces"));
    const [{ uri }] = items;
    const text = await read(uri);
    assert.equal(JSON.parse(text).kind, "Namespace");
    assert.doesNotMatch(text, /managedFields/);
    await assert.rejects(read("k8s://cluster//v1/pods/x"), /pods are namespaced/);
    await assert.rejects(
      read("k8s://namespace/default//v1/nodes/x"),
      /nodes belong to the cluster/,
    );
    await assert.rejects(read("k8s://namespace/default//v1/podz/x"), /Cannot find "podz"/);
    await assert.rejects(read("k8s://namespace/default//v1/configmaps/nope"), /not found/);
  });

  test("the templates' variables are completed", async ({ resources, broker, signal }) => {
    const [cluster, namespaced] = TEMPLATES.map(({ uriTemplate }) => uriTemplate) as [
      string,
      string,
    ];
    const complete = (template: string, variable: string, value: string, chosen = {}) =>
      resources.complete({ template, variable, value, chosen }, broker, signal);
    assert.ok((await complete(namespaced, "namespace", "def")).includes("default"));
    assert.ok((await complete(namespaced, "group", "ap")).includes("apps"));
    assert.deepEqual(await complete(namespaced, "group", "cor"), ["core"]);
    assert.deepEqual(await complete(namespaced, "version", "", { group: "apps" }), ["v1"]);
    const core = { group: "core", version: "v1" };
    assert.deepEqual(await complete(cluster, "resource", "node", core), ["nodes"]);
    assert.deepEqual(await complete(namespaced, "resource", "node", core), []);
    const namespaces = { ...core, resource: "namespaces" };
    assert.ok((await complete(cluster, "name", "default", namespaces)).includes("default"));
    assert.deepEqual(await complete(namespaced, "name", "", { ...core, resource: "pods" }), []);
    await assert.rejects(complete("k8s://{x}", "x", ""), InputError);
    await assert.rejects(complete(cluster, "colour", ""), InputError);
  });
}
