/** metrics.k8s.io: made up from what pods request, steady for a pod and moving slowly in time. */
import type { KubeObject } from "../../kube/types.ts";
import type { Cluster } from "../base/cluster.ts";
import { hash, rfc3339 } from "../base/json.ts";
import { listAt, objectAt, textAt } from "../../std/json/at.ts";
import type { ResourceType } from "../base/api_resources.ts";

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity (`250m`, `1.5Gi`) as a number of its base unit; 0 for what is none. */
export function quantity(text: string): number {
  const [, value, unit = ""] = /^([\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return value === undefined ? 0 : Number(value) * (UNITS[unit] ?? 0);
}

/** Between 0 and 1, its own for a name, changing a little each minute. */
function load(name: string, now: Date): number {
  const minute = Math.floor(now.getTime() / 60_000);
  return 0.25 + (hash(name) % 1_000) / 2_000 + (hash(`${name}${minute}`) % 100) / 1_000;
}

function usageOf(name: string, container: unknown, now: Date): { cpu: number; memory: number } {
  const requests = objectAt(container, "resources", "requests");
  const share = load(`${name}/${textAt(container, "name")}`, now);
  return {
    cpu: (quantity(textAt(requests, "cpu")) || 0.02) * share,
    memory: (quantity(textAt(requests, "memory")) || 32 * 2 ** 20) * (0.3 + share),
  };
}

const written = ({ cpu, memory }: { cpu: number; memory: number }) => ({
  cpu: `${Math.round(cpu * 1e9)}n`,
  memory: `${Math.round(memory / 1024)}Ki`,
});

/** NodeMetrics or PodMetrics of what runs now. */
export function metricsOf(cluster: Cluster, type: ResourceType, namespace?: string): KubeObject[] {
  const now = cluster.now();
  const pods = cluster.store.list("pods", namespace)
    .filter((pod) => textAt(pod, "status", "phase") === "Running");
  const about = (of: KubeObject, window: string): KubeObject => ({
    kind: type.kind,
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: {
      name: of.metadata?.name,
      ...(of.metadata?.namespace ? { namespace: of.metadata.namespace } : {}),
      creationTimestamp: rfc3339(now),
      labels: of.metadata?.labels,
    },
    timestamp: rfc3339(new Date(now.getTime() - 12_000)),
    window,
  });
  const containersOf = (pod: KubeObject) =>
    listAt(pod, "spec", "containers").map((container) => ({
      name: textAt(container, "name"),
      usage: usageOf(pod.metadata?.name ?? "", container, now),
    }));
  if (type.kind === "PodMetrics") {
    return pods.map((pod) => ({
      ...about(pod, "15.021s"),
      containers: containersOf(pod).map(({ name, usage }) => ({ name, usage: written(usage) })),
    }));
  }
  return cluster.store.list("nodes").map((node) => {
    const total = { cpu: 0.12, memory: 700 * 2 ** 20 };
    for (
      const pod of pods.filter((pod) => textAt(pod, "spec", "nodeName") === node.metadata?.name)
    ) {
      for (const { usage } of containersOf(pod)) {
        total.cpu += usage.cpu;
        total.memory += usage.memory;
      }
    }
    return { ...about(node, "20.05s"), usage: written(total) };
  });
}
