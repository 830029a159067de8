/** Which pod and which container are meant, on both clusters: `deployment/cart`, and no container. */
import assert from "node:assert/strict";
import { newestPod, podSelectorOf } from "../../lib/names/pods.ts";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { toolCaller } from "../support/tools.ts";

const container = (name: string) => ({ name, image: "registry.example/app:1" });

const POD = {
  automountServiceAccountToken: false,
  initContainers: [container("setup")],
  containers: [container("proxy"), container("app")],
};

const SCRIPT = `
  const pods = k8s.coreV1().pods("default");
  const tried = run => { try { return run() } catch (e) { return e.message + " | " + e.hint } };
`;

/** Makes a pod of several containers, of which one is the default. */
async function makePod(evaluator: ReturnType<typeof testEvaluator>, name: string): Promise<void> {
  const metadata = {
    name,
    annotations: { "kubectl.kubernetes.io/default-container": "app" },
  };
  await evaluator.value(`${SCRIPT}
    pods.create(${JSON.stringify({ metadata, spec: POD })});
    pods.waitFor("${name}", p => p.status?.phase === "Running");
    null`);
}

for (const target of TARGETS) {
  const on = (fact: string) => needs([...target.needs, "time"], `${fact}, ${target.name}`);

  Deno.test(
    on("the default container is meant, and a wrong one learns which there are"),
    async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(cluster.brokers);
      const name = uniqueName("several");
      await makePod(evaluator, name);
      const value = await evaluator.value(`${SCRIPT}
      const same = pods.getLogs("${name}") === pods.getLogs("${name}", {container: "app"});
      [
        same,
        tried(() => pods.getLogs("${name}", {container: "ap"})),
        tried(() => pods.exec("${name}", ["echo", "ran"]).stdout),
        tried(() => pods.exec("${name}", ["echo"], {container: "ap"})),
        typeof tried(() => pods.getLogs("${name}", {container: "setup"})),
      ]`) as unknown[];
      const wrong = `Cannot use container "ap" of pod "${name}": it has none of that name | ` +
        "It has proxy, app; init containers: setup.";
      assert.deepEqual(value, [true, wrong, "ran\n", wrong, "string"]);

      const read = await toolCaller("resources", cluster)("get_k8s_entity", {
        ...{ api_version: "v1", resource_kind: "pods", target_ns: "default", entity_name: name },
        sub_path: "logs",
      });
      assert.equal(read.isError, false, read.text);
      const guarded = { namespace: "default", pod: name, container: "ap" };
      const refused = await toolCaller("guarded", cluster)("k8s_pod_logs", guarded);
      assert.match(refused.text, /^ERROR: .*\nIt has proxy, app; init containers: setup\.$/);
    },
  );

  Deno.test(on("a workload stands for its newest pod"), async () => {
    await using cluster = await connect(target, { readWrite: true });
    await using evaluator = testEvaluator(cluster.brokers);
    const call = toolCaller("resources", cluster);
    const name = uniqueName("cart");
    const labels = { app: name };
    const deployment = {
      metadata: { name },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container("app")] } },
      },
    };
    const evaluation = await evaluator.run(`${SCRIPT}
      k8s.appsV1().deployments("default").create(${JSON.stringify(deployment)});
      k8s.appsV1().deployments("default").waitFor("${name}", d => d.status?.readyReplicas === 2);
      const newest = pods.list({labelSelector: "app=${name}"}).items
        .map(p => [p.metadata.creationTimestamp, p.metadata.name]).sort((a, b) =>
          a[0] > b[0] ? -1 : a[0] < b[0] ? 1 : a[1] < b[1] ? -1 : 1)[0][1];
      [
        pods.getLogs("deployment/${name}") === pods.getLogs(newest),
        pods.getLogs("deploy/${name}") === pods.getLogs("pod/" + newest),
        pods.exec("deployments.apps/${name}", ["echo", "ran"]).stdout,
        pods.getLogs("deployment/${name}", {allContainers: true})[0].pod === newest,
        tried(() => pods.getLogs("deployment/no-such")),
        tried(() => pods.getLogs("configmap/kube-root-ca.crt")),
        newest,
      ]`);
    assert.ok(evaluation.ok, JSON.stringify(evaluation));
    const value = JSON.parse(evaluation.result.text) as unknown[];
    assert.deepEqual(value.slice(0, 4), [true, true, "ran\n", true]);
    assert.match(`${value[4]}`, /deployments.apps "no-such" not found/);
    assert.match(`${value[5]}`, /configmap\/kube-root-ca.crt" as a pod: it has no pods|not found/);
    const read = await call("get_k8s_entity", {
      ...{ api_version: "apps/v1", resource_kind: "deployments", target_ns: "default" },
      ...{ entity_name: name, sub_path: "logs" },
    });
    assert.equal(read.isError, false, read.text);
    assert.deepEqual(
      evaluation.console[0],
      { level: "info", text: `deployment/${name}: this is pod ${value[6]}, the newest of 2.` },
    );
  });

  Deno.test(on("an empty list of a namespace that is not there says so"), async () => {
    await using cluster = await connect(target);
    await using evaluator = testEvaluator(cluster.brokers);
    const evaluation = await evaluator.run(`
      k8s.coreV1().pods("no-such-place").list({labelSelector: "a=b"}).items.length +
        k8s.coreV1().configMaps("default").list({labelSelector: "a=b"}).items.length`);
    assert.deepEqual(evaluation.console, [{
      level: "info",
      text: 'There is no namespace "no-such-place": the list is empty for that.',
    }]);
  });
}

Deno.test("podSelectorOf() reads the selectors of workloads and services", () => {
  const of = (selector: unknown) => podSelectorOf({ spec: { selector } });
  assert.equal(of({ app: "web", tier: "front" }), "app=web,tier=front");
  assert.equal(
    of({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "a", operator: "In", values: ["1", "2"] },
        { key: "b", operator: "NotIn", values: ["3"] },
        { key: "c", operator: "Exists" },
        { key: "d", operator: "DoesNotExist" },
      ],
    }),
    "app=web,a in (1,2),b notin (3),c,!d",
  );
  // All pods of the namespace are nobody's.
  assert.equal(of({}), undefined);
  assert.equal(podSelectorOf({ data: {} }), undefined);
});

Deno.test("newestPod() takes one that can serve", () => {
  const pod = (name: string, phase: string, second: number) => ({
    metadata: { name, creationTimestamp: `2026-01-02T10:00:0${second}Z` },
    status: { phase },
  });
  const pods = [pod("old", "Running", 1), pod("new", "Running", 2), pod("waits", "Pending", 3)];
  assert.equal(newestPod(pods, "log")?.metadata.name, "new");
  const ended = [pod("runs", "Running", 1), pod("done", "Succeeded", 2)];
  assert.equal(newestPod(ended, "log")?.metadata.name, "done");
  assert.equal(newestPod(ended, "exec")?.metadata.name, "runs");
  assert.equal(newestPod([], "log"), undefined);
});
