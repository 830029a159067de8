/** Tools that write, run as plans and after approval, over the demo cluster and the real control plane. */
import assert from "node:assert/strict";
import { approvalOf, createPlan } from "../../lib/policy/plan.ts";
import { planText } from "../../lib/policy/plan_text.ts";
import {
  connect,
  type Connected,
  DEMO,
  runningPod,
  TARGETS,
  uniqueName,
} from "../support/clusters.ts";
import { toolCaller, valueOf } from "../support/tools.ts";
import { needs } from "../support/needs.ts";

const CONFIGMAPS = {
  scope: "namespaced",
  api_group: "",
  api_version: "v1",
  resource_kind: "configmaps",
  target_ns: "default",
};

const manifests = (...names: string[]) =>
  names.map((name) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { a: "1" } })
  ).join("\n---\n");

for (const target of TARGETS) {
  const test = (fact: string, use: (cluster: Connected) => Promise<void>) =>
    Deno.test(needs(target, `planned tools, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target, { readWrite: true });
      await use(cluster);
    });
  const isThere = async (cluster: Connected, name: string) =>
    !(await toolCaller("resources", cluster)("get_k8s_entity", {
      ...CONFIGMAPS,
      entity_name: name,
    })).isError;

  test("several manifests are one plan, stored once approved and not before", async (cluster) => {
    const names = [uniqueName("planned"), uniqueName("planned")] as const;
    const given = { ...CONFIGMAPS, payload_manifest: manifests(...names) };
    for (const dry_run of [true, false]) {
      const plan = createPlan(Date.now());
      const answer = await toolCaller("resources", cluster, { plan })("deploy_k8s_entity", {
        ...given,
        ...(dry_run ? { dry_run } : {}),
      });
      assert.equal(answer.isError, false, answer.text);
      if (dry_run) assert.deepEqual(valueOf(answer), { dryRun: true });
      assert.deepEqual(
        plan.changes.map(({ what }) => what),
        names.map((name) => `create configmaps default/${name}`),
      );
      assert.match(planText(plan), /data.a: "1"/);
      assert.equal(await isThere(cluster, names[0]), false);
      if (dry_run) continue;
      const approval = approvalOf(plan);
      const made = await toolCaller("resources", cluster, { approval })("deploy_k8s_entity", given);
      assert.equal(made.isError, false, made.text);
      assert.deepEqual(approval.left(), []);
      assert.equal(await isThere(cluster, names[1]), true);
    }
  });

  test("a deletion is planned, and its approval is for that one object", async (cluster) => {
    const [one, other] = [uniqueName("gone"), uniqueName("kept")];
    const given = { ...CONFIGMAPS, payload_manifest: manifests(one, other) };
    valueOf(await toolCaller("resources", cluster)("deploy_k8s_entity", given));
    const plan = createPlan(Date.now());
    const planned = toolCaller("resources", cluster, { plan });
    const deletion = { ...CONFIGMAPS, entity_name: one };
    valueOf(await planned("delete_k8s_entity", { ...deletion, dry_run: true }));
    assert.deepEqual(plan.changes.map(({ what }) => what), [`delete configmaps default/${one}`]);
    assert.equal(await isThere(cluster, one), true);
    const wrong = toolCaller("resources", cluster, { approval: approvalOf(plan) });
    const refused = await wrong("delete_k8s_entity", { ...CONFIGMAPS, entity_name: other });
    assert.match(refused.text, /was not in the plan/);
    assert.match((await wrong("delete_k8s_entity", deletion)).text, /has left its plan/);
    assert.equal(await isThere(cluster, one), true);
    const approval = approvalOf(plan);
    valueOf(await toolCaller("resources", cluster, { approval })("delete_k8s_entity", deletion));
    assert.equal(await isThere(cluster, one), false);
    assert.equal(await isThere(cluster, other), true);
  });

  test("a guarded change is planned with its difference", async (cluster) => {
    const name = uniqueName("planned");
    const { client, signal } = cluster;
    const resource = await client.resolve({ resource: "deployments" }, signal);
    const body = new TextEncoder().encode(JSON.stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: "web", image: "registry.example/web:1" }] },
        },
      },
    }));
    await client.send({ verb: "create", resource, namespace: "default", body }, signal);
    const plan = createPlan(Date.now());
    const given = {
      namespace: "default",
      group: "apps",
      version: "v1",
      plural: "deployments",
      name,
      operation: "scale",
      replicas: 2,
      approved: true,
    };
    const planned = toolCaller("guarded", cluster, { plan });
    valueOf(await planned("k8s_patch", { ...given, dry_run: true }));
    assert.equal(plan.changes.length, 1);
    assert.match(planText(plan), /spec.replicas: 0 → 2/);
    const read = await toolCaller("guarded", cluster)("k8s_get", {
      namespace: "default",
      group: "apps",
      version: "v1",
      plural: "deployments",
      name,
    });
    assert.match(read.text, /"replicas":0/);
  });
}

Deno.test("planned tools: a command ends its plan untried, and runs once approved", async () => {
  await using cluster = await connect(DEMO, { readWrite: true });
  const { namespace, name } = await runningPod(DEMO, cluster);
  const given = {
    ...CONFIGMAPS,
    resource_kind: "pods",
    target_ns: namespace,
    entity_name: name,
    action_path: "exec",
    request_payload: { command: ["echo", "here"] },
  };
  const plan = createPlan(Date.now());
  const tried = await toolCaller("resources", cluster, { plan })("interact_k8s_endpoint", given);
  assert.equal(tried.isError, true);
  assert.match(tried.text, /it acts at once/);
  assert.match(planText(plan), /create pods\/exec .*\n.*"command":\["echo","here"\]/);
  const other = { ...given, request_payload: { command: ["echo", "there"] } };
  const call = toolCaller("resources", cluster, { approval: approvalOf(plan) });
  assert.match((await call("interact_k8s_endpoint", other)).text, /was not in the plan/);
  const approval = approvalOf(plan);
  const made = await toolCaller("resources", cluster, { approval })("interact_k8s_endpoint", given);
  assert.equal(valueOf(made).stdout, "here\n");
});
