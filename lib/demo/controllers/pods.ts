/** Scheduler and kubelet: pods get a node and a status, and events say how. */
import type { KubeObject } from "../../kube/types.ts";
import type { Cluster } from "../base/cluster.ts";
import { type Happening, recordEvent } from "./events.ts";
import { hash } from "../base/json.ts";
import { listAt, numberAt, objectAt, textAt } from "../../std/json/at.ts";
import { judge, NO_ROOM, restartsAfter, stateOf, statusOf, type Verdict } from "./kubelet.ts";

/** The events of a pod that has come to fare so. */
export function happenings(pod: KubeObject, verdict: Verdict, node: string): Happening[] {
  const [container] = listAt(pod, "spec", "containers");
  const name = textAt(container, "name");
  const image = textAt(container, "image");
  const fieldPath = `spec.containers{${name}}`;
  const own = { host: node, fieldPath };
  const warning = { ...own, type: "Warning" } as const;
  const { name: podName, namespace, uid } = pod.metadata ?? {};
  if (verdict.state === "unschedulable") {
    const component = "default-scheduler";
    return [{ reason: "FailedScheduling", type: "Warning", message: NO_ROOM, component }];
  }
  const scheduled: Happening = {
    reason: "Scheduled",
    message: `Successfully assigned ${namespace}/${podName} to ${node}`,
    component: "default-scheduler",
  };
  if (verdict.state === "badImage") {
    const why = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ` +
      `failed to resolve reference "${image}": ${image}: not found`;
    return [
      scheduled,
      { ...own, reason: "Pulling", message: `Pulling image "${image}"` },
      { ...warning, reason: "Failed", message: `Failed to pull image "${image}": ${why}` },
      { ...warning, reason: "Failed", message: "Error: ErrImagePull" },
      { ...own, reason: "BackOff", message: `Back-off pulling image "${image}"` },
      { ...warning, reason: "Failed", message: "Error: ImagePullBackOff" },
    ];
  }
  const started: Happening[] = [
    scheduled,
    {
      ...own,
      reason: "Pulled",
      message: `Container image "${image}" already present on machine`,
    },
    { ...own, reason: "Created", message: "Container created" },
    { ...own, reason: "Started", message: "Container started" },
  ];
  if (verdict.state !== "crashing") return started;
  return [...started, {
    ...warning,
    reason: "BackOff",
    message: `Back-off restarting failed container ${name} in pod ${podName}_${namespace}(${uid})`,
  }];
}

/** The node for a pod: the one asked for, or one by its name; none that is cordoned. */
function nodeFor(cluster: Cluster, pod: KubeObject): KubeObject | undefined {
  const nodes = cluster.store.list("nodes");
  const asked = textAt(pod, "spec", "nodeName");
  if (asked) return nodes.find((node) => node.metadata?.name === asked);
  const open = nodes.filter((node) =>
    objectAt(node, "spec").unschedulable !== true && !listAt(node, "spec", "taints").length
  );
  // The name of a cron job's pod begins with the minute that it is for: all of them have one place.
  const name = (pod.metadata?.name ?? "").replace(/-\d{8,}-\w+$/, "");
  return open[hash(name) % Math.max(1, open.length)];
}

function freeAddress(cluster: Cluster, pod: KubeObject, node: KubeObject): string {
  const used = new Set(cluster.store.list("pods").map((one) => textAt(one, "status", "podIP")));
  const prefix = textAt(node, "spec", "podCIDR").replace(/\.0\/.*$/, "") || "10.244.9";
  let last = 4 + hash(pod.metadata?.uid ?? "") % 240;
  while (used.has(`${prefix}.${last}`)) last = last % 250 + 1;
  return `${prefix}.${last}`;
}

/** Whether a status still says how a pod fares. */
function isCurrent(pod: KubeObject, verdict: Verdict, now: Date): boolean {
  const state = stateOf(pod);
  if (state === "succeeded" || state === "failed") return true;
  if (state !== verdict.state) return false;
  if (state === "unschedulable") return true;
  const statuses = listAt(pod, "status", "containerStatuses");
  const images = listAt(pod, "spec", "containers").map((one) => textAt(one, "image"));
  if (statuses.some((one, index) => textAt(one, "image") !== images[index])) return false;
  if (state !== "crashing") return true;
  const age = (now.getTime() - Date.parse(textAt(pod, "metadata", "creationTimestamp"))) / 1000;
  return restartsAfter(age) <= numberAt(statuses[0], "restartCount");
}

/** Decides how each pod fares now and writes down what changed. */
export function runPods(cluster: Cluster): void {
  const { store } = cluster;
  const now = cluster.now();
  for (const pod of store.list("pods")) {
    const verdict = judge(pod.spec, pod.metadata?.namespace ?? "", store);
    const node = nodeFor(cluster, pod);
    if (isCurrent(pod, verdict, now) || !node) continue;
    const before = stateOf(pod);
    const placed: KubeObject = verdict.state === "unschedulable"
      ? pod
      : { ...pod, spec: { ...objectAt(pod, "spec"), nodeName: node.metadata?.name } };
    const addresses = {
      podIP: textAt(pod, "status", "podIP") || freeAddress(cluster, pod, node),
      hostIP: textAt(node, "status", "addresses", 0, "address"),
    };
    const stored = store.put("pods", {
      ...placed,
      status: statusOf(placed, verdict, addresses, now),
    });
    if (before === verdict.state) continue;
    for (const what of happenings(stored, verdict, node.metadata?.name ?? "")) {
      recordEvent(store, stored, what, cluster.now(stored));
    }
  }
}
