/** Prompts over the protocol: their list, their arguments, and what is said of wrong ones. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { ApiError } from "../../lib/errors.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import { createPrompts } from "../../lib/prompts/prompts.ts";
import { connect, DEMO, LOGGER } from "../support/clusters.ts";
import { promptServer } from "./server.ts";

/** Arguments of each prompt, `*` behind those that are required. */
const ARGUMENTS = {
  k8s_resource_status: "resource_type* namespace",
  k8s_deploy_application: "app_name* image* namespace replicas",
  k8s_troubleshoot: "resource_type* resource_name* namespace",
  k8s_resource_inventory: "namespace",
  k8s_security_check: "namespace",
  k8s_resource_scaling: "resource_type* resource_name* namespace",
  k8s_logs_analysis: "pod_name* namespace container",
  istio_service_mesh: "namespace",
  istio_canary_setup: "service_name* new_version* canary_percentage namespace",
  istio_mtls_enable: "namespace",
  helm_chart_management: "release_name namespace",
  helm_install_chart: "chart_name* release_name* values namespace",
  helm_upgrade_chart: "release_name* chart_name* values namespace",
  argocd_application: "app_name namespace",
  argocd_sync_application: "application_name* namespace",
  argocd_rollback_application: "application_name* revision namespace",
};

Deno.test("prompts/list has every prompt with its arguments, in few words", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"] });
  assert.deepEqual(server.client.getServerCapabilities(), {
    tools: {},
    prompts: {},
    completions: {},
  });
  const { prompts } = await server.client.listPrompts();
  const listed = prompts.map(({ name, arguments: known = [] }) => [
    name,
    known.map(({ name, required }) => `${name}${required ? "*" : ""}`).join(" "),
  ]);
  assert.deepEqual(Object.fromEntries(listed), ARGUMENTS);
  for (const { description, arguments: known = [] } of prompts) {
    for (const text of [description, ...known.map(({ description }) => description)]) {
      assert.ok(text && text.length <= 80, `${text}`);
    }
  }
  assert.ok(JSON.stringify(prompts).length < 6_500, `${JSON.stringify(prompts).length}`);
});

Deno.test("a context is listed where scripts may use others", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"], contexts: true });
  for (const { arguments: known = [] } of (await server.client.listPrompts()).prompts) {
    assert.equal(known.at(-1)?.name, "context");
  }
});

Deno.test("what is left out has its default", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"] });
  const { text } = server;
  assert.match(
    await text("k8s_resource_status", { resource_type: "pods" }),
    /const ns = "default";/,
  );
  const deploy = await text("k8s_deploy_application", { app_name: "web", image: "nginx:1" });
  assert.match(deploy, /in namespace "default", 1 pod\./);
  assert.match(await text("argocd_application"), /const ns = "argocd";/);
  assert.match(await text("istio_service_mesh", { namespace: "" }), /const ns = "default";/);
  const canary = await text("istio_canary_setup", { service_name: "a", new_version: "v2" });
  assert.match(canary, /^Send 10% of the traffic/);
  // What belongs to the cluster is in no namespace.
  const nodes = await text("k8s_resource_status", { resource_type: "no", namespace: "shop" });
  assert.match(nodes, /nodes of the cluster[^]*const ns = "";/);
});

Deno.test("the namespace that a server was started with stands for default, and for no other", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"], namespace: "shop" });
  const { prompts } = await server.client.listPrompts();
  assert.match(JSON.stringify(prompts[0]), /Namespace \(default: shop\)/);
  assert.match(await server.text("istio_mtls_enable"), /namespace "shop"/);
  assert.match(await server.text("argocd_application"), /namespace "argocd"/);
  assert.match(await server.text("k8s_security_check"), /all namespaces/);
});

Deno.test("wrong names and arguments are told, with what was meant", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"] });
  const wrong: readonly [string, Record<string, string>, RegExp][] = [
    ["k8s_resource_statos", {}, /no such prompt\nDid you mean k8s_resource_status or /],
    ["nothing", {}, /no such prompt\nThere are k8s_resource_status, /],
    ["__proto__", {}, /no such prompt/],
    ["k8s_resource_status", {}, /"k8s_resource_status": resource_type is missing/],
    ["k8s_troubleshoot", { resource_type: " " }, /resource_type and resource_name are missing/],
    ["istio_mtls_enable", { namespce: "a" }, /has none of that name\nDid you mean namespace\?/],
    ["istio_mtls_enable", { toString: "a" }, /argument "toString" of prompt[^]*It has namespace/],
    ["k8s_resource_status", { resource_type: "deploymnts" }, /Did you mean deployments/],
    ["k8s_resource_scaling", { resource_type: "pods", resource_name: "a" }, /can be scaled/],
    ["k8s_deploy_application", { app_name: "a", image: "b", replicas: "many" }, /replicas: "many"/],
    ["istio_canary_setup", {
      service_name: "a",
      new_version: "v2",
      canary_percentage: "101",
    }, /from 0 to 100/],
    ["istio_mtls_enable", { context: "prod" }, /"prod" is not a context/],
  ];
  for (const [name, given, message] of wrong) {
    await assert.rejects(server.text(name, given), (error: { code?: number; message: string }) => {
      assert.match(error.message, message);
      assert.equal(error.code, -32602);
      return true;
    });
  }
});

Deno.test("names that other prompts and servers use are taken", async () => {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"] });
  assert.equal(
    await server.text("argocd_sync_application", { app_name: "web" }),
    await server.text("argocd_sync_application", { application_name: "web" }),
  );
  assert.equal(
    await server.text("argocd_application", { application_name: "web" }),
    await server.text("argocd_application", { app_name: "web" }),
  );
});

Deno.test("a prompt needs no cluster for the types that every cluster has", async () => {
  const brokers = createBrokers({
    connect: () =>
      Promise.reject(new ApiError("Cannot reach it", { status: 0, reason: "Unreachable" })),
    policy: () => makePolicy(),
    logger: LOGGER,
  });
  const prompts = createPrompts({ tools: ["evaluate_script"], mode: "read-only", contexts: false });
  const broker = brokers.as({ tool: "test", session: "test" });
  const get = (resource_type: string) =>
    prompts.get("k8s_resource_status", { resource_type }, broker, new AbortController().signal);
  assert.match((await get("deploy")).text, /"apps","version":"v1","resource":"deployments"/);
  await assert.rejects(get("shops"), /Cannot reach it/);
  const asked = { prompt: "k8s_troubleshoot", argument: "namespace", value: "", chosen: {} };
  assert.deepEqual(await prompts.complete(asked, broker, new AbortController().signal), []);
});
