/** Draining a node: which pods go, and what holds one back. */
import assert from "node:assert/strict";
import { choose } from "../../lib/eval/realm/verbs/drain.ts";
import { connect, TARGETS, uniqueName } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { needs } from "../support/needs.ts";
import { js } from "../support/script.ts";

const pod = (owner?: string, more: object = {}, annotations: Record<string, string> = {}) => ({
  metadata: {
    name: "p",
    namespace: "n",
    uid: "u",
    annotations,
    ...(owner ? { ownerReferences: [{ kind: owner, controller: true }] } : {}),
  },
  ...more,
});
const NONE = { ignoreDaemonSets: false, deleteEmptyDirData: false, force: false };

Deno.test("choose() evicts, leaves and refuses as kubectl drain does", () => {
  const local = { spec: { volumes: [{ name: "v", emptyDir: {} }] } };
  assert.equal(choose(pod("ReplicaSet"), NONE), "evict");
  assert.equal(choose(pod(undefined, {}, { "kubernetes.io/config.mirror": "x" }), NONE), "stay");
  assert.equal(choose(pod("DaemonSet"), { ...NONE, ignoreDaemonSets: true }), "stay");
  assert.equal(choose(pod(undefined), { ...NONE, force: true }), "evict");
  assert.equal(choose(pod("ReplicaSet", local), { ...NONE, deleteEmptyDirData: true }), "evict");
  assert.equal(choose(pod(undefined, { ...local, status: { phase: "Failed" } }), NONE), "evict");
  for (const refused of [pod("DaemonSet"), pod(undefined), pod("ReplicaSet", local)]) {
    assert.equal(typeof choose(refused, NONE), "object");
  }
});

for (const target of TARGETS) {
  Deno.test(
    needs([...target.needs, "time"], `drain() respects disruption budgets, ${target.name}`),
    async () => {
      await using cluster = await connect(target, { readWrite: true });
      await using evaluator = testEvaluator(cluster.broker);
      const name = uniqueName("drain");
      // A node of the test's own: others are not to lose their pods.
      const script = js`
      const nodes = k8s.coreV1().nodes(), pods = k8s.coreV1().pods("default");
      const budgets = k8s.policyV1().podDisruptionBudgets("default");
      const labels = { app: "${name}" };
      nodes.create({
        metadata: {
          name: "${name}",
          annotations: { "kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0" },
          labels: { type: "kwok" },
        },
        spec: { taints: [{ key: "kwok.x-k8s.io/node", value: "fake", effect: "NoSchedule" }] },
        status: {
          allocatable: { cpu: "4", memory: "8Gi", pods: "10" },
          capacity: { cpu: "4", memory: "8Gi", pods: "10" },
        },
      });
      const made = (n) =>
        pods.create({
          metadata: { name: "${name}-" + n, labels: n === "kept" ? labels : {} },
          spec: {
            nodeName: "${name}",
            automountServiceAccountToken: false,
            tolerations: [{ operator: "Exists" }],
            containers: [{ name: "main", image: "registry.example/app:1" }],
          },
        });
      made("kept");
      made("free");
      pods.waitFor("${name}-kept", "Ready", { timeoutMs: 8000 });
      budgets.create({
        name: "${name}",
        spec: { minAvailable: 1, selector: { matchLabels: labels } },
      });
      budgets.waitFor("${name}", (b) => b.status && b.status.currentHealthy === 1, {
        timeoutMs: 8000,
      });
      const told = [];
      try {
        nodes.drain("${name}");
      } catch (e) {
        told.push(e.name);
      }
      try {
        nodes.drain("${name}", { force: true, ignoreDaemonSets: true, timeoutMs: 1500 });
      } catch (e) {
        told.push(e.name, e.message);
      }
      const cordoned = nodes.get("${name}").spec.unschedulable;
      budgets.delete("${name}");
      const gone = nodes.drain("${name}", { force: true, ignoreDaemonSets: true, timeoutMs: 8000 });
      nodes.delete("${name}");
      [told, cordoned, gone];
    `;
      const [told, cordoned, gone] = await evaluator.value(script) as [string[], boolean, string[]];
      assert.deepEqual(told.slice(0, 2), ["DrainError", "TimeoutError"]);
      assert.match(told[2] ?? "", /-kept is kept: The disruption budget/);
      assert.equal(cordoned, true);
      assert.ok(gone.includes(`default/${name}-kept`), gone.join());
    },
  );
}
