/** Completion of prompts' arguments: from the cluster, under the policy, within bounds. */
import assert from "node:assert/strict";
import { createPrompts } from "../../lib/prompts/prompts.ts";
import type { Broker } from "../../lib/broker/types.ts";
import { connect, DEMO, TARGETS } from "../support/clusters.ts";
import { needs } from "../support/needs.ts";
import { application } from "./objects.ts";
import { type PromptServer, promptServer, type ServerChoice } from "./server.ts";

function completer({ client }: PromptServer, given: Record<string, string> = {}) {
  return async (prompt: string, argument: string, value = "") => {
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: prompt },
      argument: { name: argument, value },
      context: { arguments: given },
    });
    return completion.values;
  };
}

for (const target of TARGETS) {
  Deno.test(
    needs(target, `${target.name}: every argument that the cluster knows is completed`),
    async () => {
      await using cluster = await application(target);
      await using server = await promptServer(cluster.client, { sets: ["code"] });
      const { namespace, pod } = cluster;
      const complete = completer(server, {
        namespace,
        resource_type: "deploy",
        pod_name: pod,
        application_name: "web",
      });
      assert.deepEqual(await complete("istio_mtls_enable", "namespace", namespace.slice(0, -1)), [
        namespace,
      ]);
      assert.deepEqual(await complete("k8s_troubleshoot", "resource_type", "deploy"), [
        "deployments",
      ]);
      assert.deepEqual(await complete("k8s_troubleshoot", "resource_name", "WEB"), [
        "web",
        "web-next",
      ]);
      assert.deepEqual(await complete("k8s_resource_scaling", "resource_type", "s"), [
        "statefulsets",
      ]);
      assert.deepEqual(await complete("k8s_logs_analysis", "pod_name", pod), [pod]);
      assert.deepEqual(await complete("k8s_logs_analysis", "container"), ["istio-proxy", "main"]);
      assert.deepEqual(await complete("istio_canary_setup", "service_name"), ["web"]);
      assert.deepEqual(await complete("istio_canary_setup", "new_version"), ["v1", "v2"]);
      assert.deepEqual(await complete("helm_upgrade_chart", "release_name"), ["web"]);
      assert.deepEqual(await complete("argocd_application", "app_name", "w"), ["web"]);
      assert.deepEqual(await complete("argocd_rollback_application", "revision"), ["3", "4"]);
      assert.deepEqual(await complete("k8s_deploy_application", "image", "nginx"), []);
    },
  );
}

async function withServer(
  choice: Partial<ServerChoice>,
  use: (complete: ReturnType<typeof completer>) => Promise<void>,
  given: Record<string, string> = { namespace: "shop", resource_type: "secrets" },
): Promise<void> {
  await using cluster = await connect(DEMO);
  await using server = await promptServer(cluster.client, { sets: ["code"], ...choice });
  await use(completer(server, given));
}

Deno.test("what the policy does not show is not completed either", async () => {
  await withServer({}, async (complete) => {
    assert.deepEqual(await complete("k8s_troubleshoot", "resource_name"), [
      "db-credentials",
      "shop-tls",
    ]);
  });
  const rules = [
    { effect: "deny", source: "a", resources: ["secrets"] },
    { effect: "deny", source: "b", namespaces: ["payments"] },
  ] as const;
  await withServer({ rules }, async (complete) => {
    assert.deepEqual(await complete("k8s_troubleshoot", "resource_name"), []);
    assert.deepEqual(await complete("helm_upgrade_chart", "release_name"), []);
  });
  await withServer({ rules }, async (complete) => {
    assert.deepEqual(await complete("k8s_logs_analysis", "pod_name"), []);
  }, { namespace: "payments" });
});

Deno.test("the guarded tools alone complete nothing that they would not tell", async () => {
  await withServer({ sets: ["guarded"] }, async (complete) => {
    assert.deepEqual(await complete("k8s_troubleshoot", "resource_name"), []);
    assert.deepEqual(await complete("k8s_troubleshoot", "namespace"), []);
    const types = await complete("k8s_troubleshoot", "resource_type");
    assert.ok(types.includes("pods"));
    assert.ok(!types.some((type) => ["secrets", "configmaps", "nodes"].includes(type)));
  });
  await withServer({ sets: ["guarded"] }, async (complete) => {
    assert.ok((await complete("k8s_troubleshoot", "resource_name")).includes("cart"));
  }, { namespace: "shop", resource_type: "deployments" });
});

Deno.test("only contexts that scripts may use are completed", async () => {
  await withServer({ contexts: true }, async (complete) => {
    assert.deepEqual(await complete("k8s_resource_inventory", "context"), ["demo"]);
  });
});

Deno.test("unknown prompts and arguments are errors, other trouble is no values", async () => {
  await withServer({}, async (complete) => {
    await assert.rejects(complete("k8s_nothing", "namespace"), /no such prompt/);
    await assert.rejects(complete("istio_mtls_enable", "name"), /none of that name/);
    assert.deepEqual(await complete("k8s_troubleshoot", "resource_name"), []);
    assert.deepEqual(await complete("k8s_logs_analysis", "container"), []);
  }, { namespace: "no-such", resource_type: "no-such", pod_name: "../x" });
});

Deno.test("a cluster that does not answer gives no values, within seconds", async () => {
  const silent: Broker = {
    namespace: () => Promise.resolve("default"),
    isRead: () => true,
    // deno-lint-ignore require-yield
    async *call(_call, _body, signal) {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  };
  const prompts = createPrompts({ tools: ["evaluate_script"], mode: "read-only", contexts: false });
  const asked = { prompt: "istio_mtls_enable", argument: "namespace", value: "", chosen: {} };
  const signal = new AbortController().signal;
  assert.deepEqual(await prompts.complete(asked, silent, signal), []);
});

Deno.test("at most 100 values are given, and it is said that there are more", async () => {
  await using cluster = await connect(DEMO, { readWrite: true });
  const { client, signal } = cluster;
  const services = await client.resolve({ resource: "services" }, signal);
  for (let number = 0; number < 120; number++) {
    const name = `many-${number}`;
    const body = new TextEncoder().encode(
      JSON.stringify({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name },
        spec: { ports: [{ port: 80 }] },
      }),
    );
    await client.send({ verb: "create", resource: services, namespace: "shop", body }, signal);
  }
  await using server = await promptServer(client, { sets: ["code"] });
  const { completion } = await server.client.complete({
    ref: { type: "ref/prompt", name: "istio_canary_setup" },
    argument: { name: "service_name", value: "many-" },
    context: { arguments: { namespace: "shop" } },
  });
  assert.equal(completion.values.length, 100);
  assert.equal(completion.hasMore, true);
});
