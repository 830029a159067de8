/** The guarded tools and their gate, over the demo cluster and the real control plane. */
import assert from "node:assert/strict";
import type { Broker, Brokers } from "../../../lib/broker/types.ts";
import {
  connect,
  type Connected,
  runningPod,
  TARGETS,
  type TestTarget,
  uniqueName,
} from "../../support/clusters.ts";
import { type Answered, toolCaller, valueOf } from "../../support/tools.ts";
import { needs } from "../../support/needs.ts";

const PODS = { namespace: "default", group: "", version: "v1", plural: "pods" };
const DEPLOYMENTS = { namespace: "default", group: "apps", version: "v1", plural: "deployments" };

/** Counts the requests that reach the broker; questions of discovery are none. */
function counting(brokers: Brokers): { brokers: Brokers; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    brokers: {
      as(origin) {
        const broker = brokers.as(origin);
        const counted: Broker = {
          ...broker,
          call(call, body, signal) {
            if (call.op === "request") asked.push(`${call.verb} ${call.resource}`);
            return broker.call(call, body, signal);
          },
        };
        return counted;
      },
    },
  };
}

interface Tried {
  readonly call: (name: string, input: unknown) => Promise<Answered>;
  /** What has been asked of the cluster since it was last looked at. */
  readonly asked: () => readonly string[];
  readonly cluster: Connected;
  readonly target: TestTarget;
}

async function deployment({ client, signal }: Connected): Promise<string> {
  const name = uniqueName("guarded");
  const resource = await client.resolve({ resource: "deployments" }, signal);
  const containers = [
    { name: "web", image: "registry.example/web:1" },
    { name: "side", image: "registry.example/side:1" },
  ];
  const body = new TextEncoder().encode(JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
    },
  }));
  await client.send({ verb: "create", resource, namespace: "default", body }, signal);
  return name;
}

for (const target of TARGETS) {
  const test = (fact: string, use: (tried: Tried) => Promise<void>, readWrite = true) =>
    Deno.test(needs(target, `guarded tools, ${target.name}: ${fact}`), async () => {
      await using cluster = await connect(target, { readWrite });
      const { brokers, asked } = counting(cluster.brokers);
      const call = toolCaller("guarded", { brokers, signal: cluster.signal });
      await use({ call, asked: () => asked.splice(0), cluster, target });
    });
  const told = async (answer: Promise<Answered>, words: RegExp) => {
    const { text, isError } = await answer;
    assert.equal(isError, true, text);
    assert.match(text, words);
    assert.doesNotMatch(text, /\n\s+at |\.ts:\d+/);
  };
  const named = (given: object) => ({ ...PODS, name: "x", approved: true, ...given });
  /** Each tool that names an object, with arguments that would do. */
  const objectTools = [
    ["k8s_get", (given: object) => ({ ...PODS, name: "x", ...given })],
    ["k8s_delete", named],
    ["k8s_patch", (given: object) => named({ operation: "labels", labels: { a: "b" }, ...given })],
  ] as const;
  const resourceTools = [...objectTools, [
    "k8s_list",
    (given: object) => ({ ...PODS, ...given }),
  ]] as const;

  test("a kind may be written by any name of its resource", async ({ call }) => {
    for (const kind of ["Pod", "pod", "Pods", "PODS", " po "]) {
      const { text, isError } = await call("k8s_list", { ...PODS, kind });
      assert.equal(isError ?? false, false, text);
    }
  });

  test("Secrets, ConfigMaps and what belongs to the cluster are out of reach", async ({ call, asked }) => {
    for (const [tool, given] of resourceTools) {
      const written = [
        ["Secret", "secrets", "secret", "Secrets", " SECRET ", "secrets.v1", "v1/secrets"],
        ["Secret", "secrets.v1.core", "core/v1/Secret", "secrets/x", "pods,secrets"],
        ["ConfigMap", "configmaps", "ConfigMap", "cm", "CM", "configmaps/v1", "configMap"],
      ] as const;
      for (const [kind, ...names] of written) {
        for (const name of names) {
          const words = new RegExp(`^BLOCKED: Access to kind '${kind}' is forbidden$`);
          await told(call(tool, given({ plural: name })), words);
          // Whatever else is wrong with the call.
          await told(call(tool, given({ kind: name })), words);
          await told(call(tool, given({ kind: name, group: "apps", plural: "nope" })), words);
          await told(call(tool, { kind: name }), words);
        }
      }
      for (
        const [group, plural] of [["", "nodes"], ["", "namespaces"], ["", "persistentvolumes"]]
      ) {
        await told(call(tool, given({ group, plural })), /^BLOCKED: .* belong to the cluster/);
      }
      await told(
        call(tool, given({ group: "rbac.authorization.k8s.io", plural: "clusterroles" })),
        /^BLOCKED: .* belong to the cluster/,
      );
      await told(call(tool, given({ plural: "pods/../secrets" })), /^BLOCKED: Access to kind/);
      await told(call(tool, given({ plural: "pods/../nodes" })), /^ERROR: ResolveError: /);
      await told(call(tool, given({ kind: "Deployment" })), /^ERROR: InputError: .*kind Pod/);
      await told(call(tool, given({ plural: "secretstores" })), /^ERROR: ResolveError: /);
    }
    assert.deepEqual(asked(), []);
  });

  test("a namespace always, one object, no selectors", async ({ call, asked }) => {
    for (const [tool, given] of resourceTools) {
      for (const namespace of ["", "*", "all", "a/b", "..", undefined, "Default", "a,b"]) {
        await told(call(tool, given({ namespace })), /^BLOCKED: .*namespace/);
      }
      for (
        const bulk of [
          "selector",
          "label_selector",
          "labelSelector",
          "field_selector",
          "all",
          "all_namespaces",
        ]
      ) {
        await told(call(tool, given({ [bulk]: "x" })), /^BLOCKED: selectors and bulk/);
      }
      await told(call(tool, given({ nmae: "x" })), /^ERROR: InputError: .*no parameter "nmae"/);
    }
    for (const [tool, given] of objectTools) {
      for (
        const name of [
          "../secrets/x",
          "a/b",
          "%2e%2e%2fsecrets",
          "..",
          "",
          "*",
          "all",
          "a,b",
          "a b",
        ]
      ) {
        await told(call(tool, given({ name })), /^BLOCKED: /);
      }
    }
    await told(
      call("k8s_pod_logs", { namespace: "default", pod: "../secrets/x" }),
      /^BLOCKED: pod is not/,
    );
    await told(call("k8s_list_events", {}), /^BLOCKED: a namespace is required/);
    assert.deepEqual(asked(), []);
  });

  test("mutations need approved=true, and nothing else will do", async ({ call, asked }) => {
    for (const approved of [undefined, false, "true", 1, "yes", null, [true]]) {
      for (const [tool, given] of objectTools.slice(1)) {
        await told(call(tool, given({ approved })), /^BLOCKED: .*approved=true/);
      }
    }
    assert.deepEqual(asked(), []);
  });

  test("read-only refuses an approved change, naming the way out", async ({ call }) => {
    for (const [tool, given] of objectTools.slice(1)) {
      await told(call(tool, given({})), /^BLOCKED: .*read-only[^]*--read-write/);
    }
  }, false);

  test("objects, events and logs are read, each by one request", async ({ call, asked, cluster }) => {
    const { name, namespace } = await runningPod(target, cluster);
    const pod = { name, namespace };
    const listed = await call("k8s_list", { ...PODS, namespace: pod.namespace });
    assert.match(listed.text, new RegExp(pod.name));
    assert.deepEqual(asked(), ["list pods"]);
    const read = valueOf(await call("k8s_get", { ...PODS, ...pod, kind: "Pod" }));
    assert.equal((read.metadata as { managedFields?: unknown }).managedFields, undefined);
    assert.deepEqual(asked(), ["get pods"]);
    const logs = await call("k8s_pod_logs", {
      namespace: pod.namespace,
      pod: pod.name,
      tail_lines: 1,
    });
    assert.equal(logs.isError, false, logs.text);
    assert.deepEqual(asked(), ["get pods"]);
    const { items } = valueOf(await call("k8s_list_events", { namespace: pod.namespace })) as {
      items: { time: string }[];
    };
    // The last item of an answer that was cut tells how many were left out.
    const times = items.flatMap(({ time }) => time === undefined ? [] : [Date.parse(time)]);
    assert.deepEqual(times, times.toSorted((a, b) => b - a));
    assert.deepEqual(asked(), ["list events"]);
    await told(call("k8s_get", { ...PODS, name: "nope" }), /^ERROR: ApiError: .*not found/);
  });

  test("k8s_patch makes one change, within bounds", async ({ call, asked, cluster }) => {
    const name = await deployment(cluster);
    const where = { ...DEPLOYMENTS, name, approved: true };
    const patch = (given: object) => call("k8s_patch", { ...where, ...given });
    const read = async () =>
      valueOf(await call("k8s_get", { ...DEPLOYMENTS, name })) as {
        metadata: { labels?: Record<string, string>; annotations: Record<string, string> };
        spec: {
          replicas: number;
          template: {
            metadata: { annotations?: Record<string, string> };
            spec: { containers: { name: string; image: string }[] };
          };
        };
      };
    asked();
    valueOf(await patch({ operation: "scale", replicas: "3", dry_run: true }));
    assert.equal((await read()).spec.replicas, 0);
    asked();
    valueOf(await patch({ operation: "scale", replicas: 2 }));
    assert.deepEqual(asked(), ["patch deployments"]);
    assert.equal((await read()).spec.replicas, 2);
    await told(patch({ operation: "scale", replicas: 101 }), /^ERROR: InputError: .*at most 100/);
    await told(patch({ operation: "scale" }), /replicas is missing/);
    await told(
      patch({ operation: "scale", replicas: 1, image: "x" }),
      /belongs to another operation/,
    );

    const changed = valueOf(
      await patch({
        operation: "update_image",
        container: "side",
        image: "registry.example/side:2",
        reason: "fix",
      }),
    );
    assert.equal(changed.from, "registry.example/side:1");
    const images = (await read()).spec.template.spec.containers.map((
      { name, image },
    ) => [name, image]);
    assert.deepEqual(images, [["web", "registry.example/web:1"], [
      "side",
      "registry.example/side:2",
    ]]);
    assert.equal((await read()).metadata.annotations["kubernetes.io/change-cause"], "fix");
    const image = "registry.example/other:1";
    await told(
      patch({ operation: "update_image", container: "nope", image }),
      /no container "nope"[^]*web, side/,
    );
    await told(patch({ operation: "update_image", image }), /container is missing/);
    await told(
      patch({ operation: "update_image", container: "web", image: "a b" }),
      /is not the name/,
    );
    assert.equal((await read()).spec.template.spec.containers.length, 2);

    asked();
    valueOf(await patch({ operation: "rollout_restart", reason: "r".repeat(200) }));
    assert.deepEqual(asked(), ["patch deployments"]);
    const { template } = (await read()).spec;
    assert.match(
      template.metadata.annotations?.["kubectl.kubernetes.io/restartedAt"] ?? "",
      /^\d{4}-.*Z$/,
    );
    await told(patch({ operation: "rollout_restart", reason: "r".repeat(201) }), /at most 200/);
    await told(
      call("k8s_patch", { ...where, ...PODS, operation: "rollout_restart" }),
      /nothing rolls them out/,
    );

    valueOf(await patch({ action: "scale", replicas: 1 }));
    assert.equal((await read()).spec.replicas, 1);
    valueOf(await patch({ action: "rollout_restart" }));
    const third = { container: "web", image: "registry.example/web:3" };
    valueOf(await patch({ action: "update_image", ...third }));
    assert.equal((await read()).spec.template.spec.containers[0]?.image, third.image);
    await told(patch({ action: "scale", operation: "labels" }), /mean the same and differ/);

    valueOf(await patch({ operation: "labels", labels: '{"a": "1", "b": "2"}' }));
    valueOf(await patch({ operation: "labels", labels: { a: null } }));
    assert.deepEqual((await read()).metadata.labels, { b: "2" });
    valueOf(await patch({ operation: "annotations", annotations: { "x.io/y": "z" } }));
    assert.equal((await read()).metadata.annotations["x.io/y"], "z");
    await told(patch({ operation: "labels", labels: {} }), /labels is missing/);
    await told(patch({ operation: "labels", labels: { a: 5 } }), /^ERROR: InputError/);
    await told(patch({ operation: "exec" }), /^ERROR: InputError/);

    asked();
    valueOf(await call("k8s_delete", { ...DEPLOYMENTS, name, approved: true }));
    assert.deepEqual(asked(), ["delete deployments"]);
  });

  test("ping answers the version and asks the cluster nothing", async ({ call, asked }) => {
    assert.deepEqual(valueOf(await call("ping", {})), { status: "ok", version: "1.2.3" });
    assert.deepEqual(asked(), []);
  });
}
