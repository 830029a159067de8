/**
 * What becomes of a pod in the demo cluster, decided by its spec alone: images of the shop's own
 * registry exist under plain versions only, some programs need a variable, nodes have 16 GiB.
 */
import type { KubeObject } from "../../kube/types.ts";
import { hash, rfc3339 } from "../base/json.ts";
import { at, type JsonObject, listAt, numberAt, textAt } from "../../std/json/at.ts";
import { quantity } from "./metrics.ts";
import type { Store } from "../base/store.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** How a pod fares. */
export type Verdict =
  | { readonly state: "running" | "unschedulable" | "succeeded" }
  | { readonly state: "badImage"; readonly image: string }
  | { readonly state: "crashing" | "failed"; readonly variable: string };

/** Programs that end with exit code 1 unless an environment variable is there. */
const NEEDS: readonly (readonly [RegExp, string])[] = [
  [/\/shop\/checkout:/, "PAYMENTS_URL"],
  [/\/platform\/report:/, "REPORT_BUCKET"],
];
const SHOP_REGISTRY = "registry.demo.kubecode.dev/";
const NODE_MEMORY = 16 * 2 ** 30;

/** Whether an image can be pulled. */
function exists(image: string): boolean {
  const tag = /:([^:/@]+)$/.exec(image)?.[1] ?? "latest";
  return image.startsWith(SHOP_REGISTRY)
    ? /^\d+\.\d+\.\d+$/.test(tag)
    : !/broken|missing|nonexist|not-exist|invalid|nope/.test(image);
}

function hasVariable(container: unknown, name: string, namespace: string, store: Store): boolean {
  const env = listAt(container, "env").find((one) => textAt(one, "name") === name);
  if (env) return textAt(env, "value") !== "" || isRecord(at(env, "valueFrom"));
  return listAt(container, "envFrom").some((source) => {
    const map = textAt(source, "configMapRef", "name");
    const secret = textAt(source, "secretRef", "name");
    const from = map
      ? store.get("configmaps", namespace, map)
      : store.get("secrets", namespace, secret);
    return at(from, "data", name) !== undefined;
  });
}

/** What becomes of a pod with this spec. */
export function judge(spec: unknown, namespace: string, store: Store): Verdict {
  const containers = listAt(spec, "containers");
  const memory = containers.reduce<number>(
    (sum, one) => sum + quantity(textAt(one, "resources", "requests", "memory")),
    0,
  );
  if (memory > NODE_MEMORY) return { state: "unschedulable" };
  const bad = containers.map((one) => textAt(one, "image")).find((image) => !exists(image));
  if (bad !== undefined) return { state: "badImage", image: bad };
  const once = ["Never", "OnFailure"].includes(textAt(spec, "restartPolicy"));
  for (const container of containers) {
    for (const [image, variable] of NEEDS) {
      if (!image.test(textAt(container, "image"))) continue;
      if (hasVariable(container, variable, namespace, store)) continue;
      return { state: once ? "failed" : "crashing", variable };
    }
  }
  return { state: once ? "succeeded" : "running" };
}

/** How a pod fares by its status; undefined for one that no kubelet has seen. */
export function stateOf(pod: KubeObject): Verdict["state"] | undefined {
  const status = at(pod, "status");
  const waiting = textAt(status, "containerStatuses", 0, "state", "waiting", "reason");
  const phase = textAt(status, "phase");
  if (!at(status, "conditions")) return undefined;
  if (phase === "Succeeded") return "succeeded";
  if (phase === "Failed") return "failed";
  if (waiting === "CrashLoopBackOff") return "crashing";
  if (waiting) return "badImage";
  return phase === "Pending" ? "unschedulable" : "running";
}

/** Seconds after the start at which a crash loop restarts for the n-th time (backoff 10 s to 5 min). */
function restartSeconds(n: number): number {
  let seconds = 0;
  for (let index = 0; index < n; index++) seconds += Math.min(300, 10 * 2 ** index) + 1;
  return seconds;
}

/** Restarts of a crash loop after so many seconds. */
export function restartsAfter(seconds: number): number {
  let restarts = 0;
  while (restartSeconds(restarts + 1) <= seconds) restarts++;
  return restarts;
}

const hexId = (seed: string) =>
  Array.from({ length: 8 }, (_, index) => hash(`${seed}${index}`).toString(16).padStart(8, "0"))
    .join("");

function qosClass(containers: readonly unknown[]): string {
  const resources = containers.map((one) => at(one, "resources"));
  if (resources.every((one) => !at(one, "requests") && !at(one, "limits"))) return "BestEffort";
  const guaranteed = resources.every((one) =>
    ["cpu", "memory"].every((name) => {
      const limit = textAt(one, "limits", name);
      return limit && (textAt(one, "requests", name) || limit) === limit;
    })
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

function containerState(verdict: Verdict, started: Date, now: Date, pod: KubeObject) {
  const name = pod.metadata?.name;
  const age = (now.getTime() - started.getTime()) / 1000;
  const ended = (from: Date, exitCode: number) => ({
    exitCode,
    reason: exitCode ? "Error" : "Completed",
    startedAt: rfc3339(from),
    finishedAt: rfc3339(new Date(from.getTime() + 1_000)),
  });
  switch (verdict.state) {
    case "badImage":
      return {
        restarts: 0,
        lastState: {},
        state: {
          waiting: {
            reason: "ImagePullBackOff",
            message: `Back-off pulling image "${verdict.image}": ErrImagePull: rpc error: code = ` +
              `NotFound desc = failed to pull and unpack image "${verdict.image}": failed to ` +
              `resolve reference "${verdict.image}": ${verdict.image}: not found`,
          },
        },
      };
    case "crashing": {
      const restarts = restartsAfter(age);
      const last = new Date(started.getTime() + restartSeconds(restarts) * 1_000);
      const wait = Math.min(300, 10 * 2 ** restarts);
      return {
        restarts,
        lastState: { terminated: ended(last, 1) },
        state: {
          waiting: {
            reason: "CrashLoopBackOff",
            message: `back-off ${wait === 300 ? "5m0s" : `${wait}s`} restarting failed container=${
              textAt(pod, "spec", "containers", 0, "name")
            } pod=${name}_${pod.metadata?.namespace}(${pod.metadata?.uid})`,
          },
        },
      };
    }
    case "failed":
    case "succeeded": {
      const exitCode = verdict.state === "failed" ? 1 : 0;
      return { restarts: 0, lastState: {}, state: { terminated: ended(started, exitCode) } };
    }
    default:
      return { restarts: 0, lastState: {}, state: { running: { startedAt: rfc3339(started) } } };
  }
}

const PHASES: Readonly<Record<Verdict["state"], string>> = {
  running: "Running",
  crashing: "Running",
  badImage: "Pending",
  unschedulable: "Pending",
  succeeded: "Succeeded",
  failed: "Failed",
};

/** The status that a kubelet would write for a pod that fares so. */
export function statusOf(
  pod: KubeObject,
  verdict: Verdict,
  addresses: { readonly podIP: string; readonly hostIP: string },
  now: Date,
): JsonObject {
  const created = textAt(pod, "metadata", "creationTimestamp");
  const containers = listAt(pod, "spec", "containers");
  const condition = (type: string, holds: boolean, more: JsonObject = {}) => ({
    type,
    status: holds ? "True" : "False",
    observedGeneration: numberAt(pod, "metadata", "generation") || 1,
    lastProbeTime: null,
    lastTransitionTime: created,
    ...more,
  });
  const common = { phase: PHASES[verdict.state], qosClass: qosClass(containers) };
  if (verdict.state === "unschedulable") {
    const reason = { reason: "Unschedulable", message: NO_ROOM };
    return { ...common, conditions: [condition("PodScheduled", false, reason)] };
  }
  const { restarts, state, lastState } = containerState(verdict, new Date(created), now, pod);
  const ready = verdict.state === "running";
  const names = containers.map((one) => textAt(one, "name")).join(" ");
  const unready = ready ? {} : verdict.state === "succeeded" ? { reason: "PodCompleted" } : {
    reason: "ContainersNotReady",
    message: `containers with unready status: [${names}]`,
  };
  return {
    ...common,
    conditions: [
      condition("PodReadyToStartContainers", PHASES[verdict.state] !== "Succeeded"),
      condition("Initialized", true),
      condition("Ready", ready, unready),
      condition("ContainersReady", ready, unready),
      condition("PodScheduled", true),
    ],
    hostIP: addresses.hostIP,
    hostIPs: [{ ip: addresses.hostIP }],
    podIP: addresses.podIP,
    podIPs: [{ ip: addresses.podIP }],
    startTime: created,
    ...initStatuses(pod, new Date(created)),
    containerStatuses: containers.map((one) => ({
      ...imageStatus(one, verdict.state !== "badImage", `${pod.metadata?.uid}${restarts}`),
      state,
      lastState,
      ready,
      restartCount: restarts,
      started: ready,
    })),
  };
}

/** Name and image of a container, as a status tells them. @param seed of its id */
function imageStatus(container: unknown, pulled: boolean, seed: string): JsonObject {
  const image = textAt(container, "image");
  return {
    name: textAt(container, "name"),
    image,
    imageID: pulled ? `${image.replace(/:[^:/]+$/, "")}@sha256:${hexId(image)}` : "",
    ...(pulled ? { containerID: `containerd://${hexId(seed)}` } : {}),
  };
}

/** Containers for the start have done their work, or go on beside the others. */
function initStatuses(pod: KubeObject, started: Date): JsonObject {
  const containers = listAt(pod, "spec", "initContainers");
  if (containers.length === 0) return {};
  const startedAt = rfc3339(started);
  const done = {
    terminated: { exitCode: 0, reason: "Completed", startedAt, finishedAt: startedAt },
  };
  return {
    initContainerStatuses: containers.map((one) => ({
      ...imageStatus(one, true, `${pod.metadata?.uid}${textAt(one, "name")}`),
      state: isSidecar(one) ? { running: { startedAt } } : done,
      lastState: {},
      ready: true,
      restartCount: 0,
      started: isSidecar(one),
    })),
  };
}

/** Whether an init container goes on beside the others (KEP-753). */
export function isSidecar(container: unknown): boolean {
  return textAt(container, "restartPolicy") === "Always";
}

/** What the scheduler says of a pod that no node has memory for. */
export const NO_ROOM =
  "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are " +
  "available: 3 No preemption victims found for incoming pod.";
