/** Two callers of one server: all that the cluster is asked for either is asked as that caller. */
import assert from "node:assert/strict";
import { startDemo } from "../../lib/demo/demo.ts";
import { makeToken } from "../../lib/identity/tokens/token_file.ts";
import { VARIANTS } from "../e2e/program.ts";
import { connectTo, runScript, startHttp } from "../http/served.ts";

interface Asked {
  readonly path: string;
  readonly user: string;
}

/** Passes everything on to the demo, and writes down for whom. */
async function startProxy(folder: string) {
  const demo = await startDemo();
  const { server, credentials } = demo.access;
  const token = credentials.bearer?.kind === "token" ? credentials.bearer.token : "";
  const asked: Asked[] = [];
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push({ path: pathname, user: request.headers.get("impersonate-user") ?? "nobody" });
    const { method, headers, body } = request;
    return fetch(`${server}${pathname}${search}`, { method, headers, body });
  });
  await Deno.writeTextFile(
    `${folder}/kubeconfig`,
    JSON.stringify({
      "current-context": "demo",
      contexts: ["demo", "other"].map((name) => ({
        name,
        context: { cluster: "demo", user: "demo", namespace: "shop" },
      })),
      clusters: [{
        name: "demo",
        cluster: { server: `http://127.0.0.1:${proxy.addr.port}/${token}` },
      }],
      users: [{ name: "demo", user: {} }],
    }),
  );
  return {
    asked,
    /** What was asked since, by path without what stands in front of each. */
    take: () =>
      asked.splice(0).map(({ path, user }) => ({ user, path: path.replace(`/${token}`, "") })),
    async close() {
      await proxy.shutdown();
      await demo.close();
    },
  };
}

Deno.test("what one caller's calls have read of the cluster serves no other's", async () => {
  const folder = await Deno.makeTempDir();
  const proxy = await startProxy(folder);
  const [ann, bob] = [makeToken("ann", { groups: ["dev"] }), makeToken("bob")];
  await Deno.writeTextFile(`${folder}/tokens`, `${ann.line}\n${bob.line}\n`);
  await Deno.writeTextFile(
    `${folder}/config.yaml`,
    `contexts: [other]
policy:
  rules:
    - {effect: deny, resources: [secrets], users: [bob]}
    - {effect: deny, resources: [configmaps], userGroups: [dev]}
`,
  );
  await using served = await startHttp(VARIANTS[0]!, [
    "--demo=false",
    `--kubeconfig=${folder}/kubeconfig`,
    `--config=${folder}/config.yaml`,
    `--tokens-file=${folder}/tokens`,
    "--cluster-identity=impersonate",
  ]);
  const connectAs = ({ token }: { token: string }) =>
    connectTo(served.url, "auto", { headers: { authorization: `Bearer ${token}` } });
  const clients = { ann: await connectAs(ann), bob: await connectAs(bob) };
  try {
    const work = async (client: typeof clients.ann) => {
      const said: string[] = [];
      for (
        const script of [
          `k8s.appsV1().deployments("shop").list().items.length`, // discovery and a list
          `explain("deployments.spec.replicas")`, // schemas
          `k8s.context("other").coreV1().pods("shop").list().items.length`, // another context
          `k8s.coreV1().pods("shop").watch({timeoutSeconds: 1}); 1`,
        ]
      ) said.push(await runScript(client, script));
      await client.listResources();
      const entity = { kind: "Deployment", name: "catalog", namespace: "shop" };
      await client.callTool({ name: "get_k8s_entity", arguments: entity });
      await client.callTool({ name: "search_api", arguments: { query: "deployments" } });
      return said;
    };
    const summary = (user: string) => {
      const taken = proxy.take();
      assert.deepEqual([...new Set(taken.map((one) => one.user))], [user]);
      return taken.map(({ path }) => path).sort();
    };
    const first = await work(clients.ann);
    const annAsked = summary("ann");
    assert.ok(
      annAsked.includes("/apis") && annAsked.some((path) => path.startsWith("/openapi/v3")),
    );
    const second = await work(clients.bob);
    // All of it anew: nothing that was read for ann is an answer for bob.
    assert.deepEqual(summary("bob"), annAsked);
    assert.deepEqual(second, first);
    await work(clients.ann);
    assert.ok(summary("ann").length < annAsked.length, "there is a cache to be kept apart");

    // At once, and each in a namespace of their own.
    const many = (client: typeof clients.ann, namespace: string) =>
      Array.from(
        { length: 8 },
        () => runScript(client, `k8s.coreV1().pods("${namespace}").list().items.length`),
      );
    await Promise.all([...many(clients.ann, "shop"), ...many(clients.bob, "kube-system")]);
    for (const { path, user } of proxy.take()) {
      const [, namespace] = /namespaces\/([^/]+)\/pods/.exec(path) ?? [];
      if (namespace === undefined) continue;
      assert.equal(user, namespace === "shop" ? "ann" : "bob");
    }

    // Rules for one of them, or for a group of the other.
    const read = (resource: string) => `k8s.coreV1().${resource}("shop").list().items.length`;
    assert.match(await runScript(clients.bob, read("secrets")), /PolicyError|Cannot list secrets/);
    assert.match(await runScript(clients.ann, read("secrets")), /^\d+$/);
    assert.match(await runScript(clients.ann, read("configMaps")), /Cannot list configmaps/);
    assert.match(await runScript(clients.bob, read("configMaps")), /^\d+$/);
  } finally {
    await clients.ann.close();
    await clients.bob.close();
    await served.stop();
    await proxy.close();
    await Deno.remove(folder, { recursive: true });
  }
});
