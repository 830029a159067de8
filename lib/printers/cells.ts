/** The cells of kubectl's tables: what a row shows of an object. */
import type { KubeObject } from "../kube/types.ts";
import { duration, humanDuration } from "./durations.ts";
import { at, listAt, numberAt, objectAt, textAt } from "../std/json/at.ts";

/** Columns (`#` integer, `?` boolean, `*` wide only) and the cells below them. */
export interface Columns {
  readonly head: string;
  readonly cells: (object: KubeObject, now: Date) => unknown[];
}

/** What stands where there is nothing. */
export const NONE = "<none>";
/** The name. */
export const name = (object: KubeObject) => object.metadata?.name ?? "";
/** The time since it was made. */
export const age = (object: KubeObject, now: Date) =>
  duration(object.metadata?.creationTimestamp, now);
/** With commas between. */
export const join = (values: unknown[]) => values.map(String).join(",");
/** `key=value`, with commas between. */
export const pairs = (value: unknown) =>
  join(Object.entries(objectAt(value)).map(([key, one]) => `${key}=${one}`)) || NONE;
/** How many keys. */
export const count = (value: unknown) => Object.keys(objectAt(value)).length;

/** A selector, as text. */
export function selectorText(selector: unknown): string {
  const labels = Object.entries(objectAt(selector, "matchLabels")).map(([k, v]) => `${k}=${v}`);
  return join(labels.sort()) || NONE;
}

/** Containers, images, selector: the wide columns of workloads. */
export function workload(object: KubeObject, ...path: string[]): string[] {
  const containers = listAt(object, ...path, "spec", "containers");
  return [
    join(containers.map((one) => textAt(one, "name"))),
    join(containers.map((one) => textAt(one, "image"))),
    selectorText(objectAt(object, "spec", "selector")),
  ];
}

function lastRestart(statuses: readonly unknown[]): number {
  return Math.max(
    0,
    ...statuses.map((one) => Date.parse(textAt(one, "lastState", "terminated", "finishedAt")) || 0),
  );
}

/** Why a container has ended: its reason, or its signal or exit code. */
function endReason(terminated: unknown): string {
  const signal = numberAt(terminated, "signal");
  return textAt(terminated, "reason") ||
    (signal ? `Signal:${signal}` : `ExitCode:${numberAt(terminated, "exitCode")}`);
}

/** What keeps a pod from having initialized; undefined where nothing does. */
function initReason(statuses: readonly unknown[], sidecars: ReadonlySet<string>) {
  for (const [index, status] of statuses.entries()) {
    const terminated = at(status, "state", "terminated");
    if (terminated !== undefined && numberAt(terminated, "exitCode") === 0) continue;
    if (sidecars.has(textAt(status, "name")) && at(status, "started") === true) continue;
    if (terminated !== undefined) return `Init:${endReason(terminated)}`;
    const waiting = textAt(status, "state", "waiting", "reason");
    const isWaiting = waiting !== "" && waiting !== "PodInitializing";
    return isWaiting ? `Init:${waiting}` : `Init:${index}/${statuses.length}`;
  }
  return undefined;
}

/** The Status cell of a pod whose containers have been started. */
function containersReason(pod: KubeObject, statuses: readonly unknown[]): string {
  let reason = "";
  for (const status of statuses.toReversed()) {
    const waiting = textAt(status, "state", "waiting", "reason");
    const terminated = at(status, "state", "terminated");
    if (waiting) reason = waiting;
    else if (terminated !== undefined) reason = endReason(terminated);
  }
  const isRunning = (one: unknown) =>
    at(one, "ready") === true && at(one, "state", "running") !== undefined;
  if (reason !== "Completed" || !statuses.some(isRunning)) return reason;
  return hasCondition(pod, "Ready") ? "Running" : "NotReady";
}

function hasCondition(pod: KubeObject, type: string): boolean {
  return listAt(pod, "status", "conditions").some((one) =>
    textAt(one, "type") === type && textAt(one, "status") === "True"
  );
}

/**
 * The Ready, Status and Restarts cells of a pod, by the rules of kubectl's printer.
 * @see {@link https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go}
 */
export function podCells(pod: KubeObject, now: Date): [string, string, string] {
  const statuses = listAt(pod, "status", "containerStatuses");
  const initStatuses = listAt(pod, "status", "initContainerStatuses");
  const sidecars = new Set(
    listAt(pod, "spec", "initContainers").filter((one) => textAt(one, "restartPolicy") === "Always")
      .map((one) => textAt(one, "name")),
  );
  const isSidecar = (one: unknown) => sidecars.has(textAt(one, "name"));
  const init = hasCondition(pod, "Initialized") ? undefined : initReason(initStatuses, sidecars);
  const counted = init === undefined
    ? [...initStatuses.filter(isSidecar), ...statuses]
    : initStatuses;
  const restarts = counted.reduce<number>((sum, one) => sum + numberAt(one, "restartCount"), 0);
  const last = lastRestart(counted);
  const ready =
    (init === undefined ? counted : initStatuses.filter(isSidecar)).filter((one) =>
      at(one, "ready") === true
    ).length;
  return [
    `${ready}/${listAt(pod, "spec", "containers").length + sidecars.size}`,
    podReason(pod, init ?? containersReason(pod, statuses)),
    restarts && last
      ? `${restarts} (${humanDuration((now.getTime() - last) / 1000)} ago)`
      : `${restarts}`,
  ];
}

/** The Status cell: what the containers say, unless the pod itself has something to say. */
function podReason(pod: KubeObject, containers: string): string {
  const phase = textAt(pod, "status", "phase");
  if (pod.metadata?.deletionTimestamp && phase !== "Succeeded" && phase !== "Failed") {
    return textAt(pod, "status", "reason") === "NodeLost" ? "Unknown" : "Terminating";
  }
  const isGated = listAt(pod, "status", "conditions").some((one) =>
    textAt(one, "type") === "PodScheduled" && textAt(one, "reason") === "SchedulingGated"
  );
  return containers || (isGated ? "SchedulingGated" : "") || textAt(pod, "status", "reason") ||
    phase;
}

/** Ports of a service: `80:30080/TCP`. */
export function servicePorts(service: KubeObject): string {
  return join(
    listAt(service, "spec", "ports").map((port) => {
      const node = numberAt(port, "nodePort");
      return `${textAt(port, "port")}${node ? `:${node}` : ""}/${
        textAt(port, "protocol") || "TCP"
      }`;
    }),
  ) || NONE;
}

/** The first three, and how many more. */
export function addresses(ready: unknown[]): string {
  if (!ready.length) return NONE;
  const shown = ready.slice(0, 3).join(",");
  return ready.length > 3 ? `${shown} + ${ready.length - 3} more...` : shown;
}

/** Addresses with ports of an Endpoints. */
export function endpointAddresses(object: KubeObject): string {
  return addresses(
    listAt(object, "subsets").flatMap((subset) =>
      listAt(subset, "addresses").flatMap((address) =>
        listAt(subset, "ports").map((port) => `${textAt(address, "ip")}:${textAt(port, "port")}`)
      )
    ),
  );
}

/** Current and target utilization. */
export function hpaTargets(hpa: KubeObject): string {
  return join(
    listAt(hpa, "spec", "metrics").map((metric, index) => {
      const current = textAt(
        hpa,
        "status",
        "currentMetrics",
        index,
        "resource",
        "current",
        "averageUtilization",
      );
      const target = textAt(metric, "resource", "target", "averageUtilization");
      return `${textAt(metric, "resource", "name")}: ${
        current ? `${current}%` : "<unknown>"
      }/${target}%`;
    }),
  ) || NONE;
}

/** Complete, Failed or Running. */
export function jobStatus(job: KubeObject): string {
  const holds = (type: string) =>
    listAt(job, "status", "conditions").some((one) =>
      textAt(one, "type") === type && textAt(one, "status") === "True"
    );
  return holds("Complete") ? "Complete" : holds("Failed") ? "Failed" : "Running";
}

/** Time from start to completion, or to now. */
export function jobDuration(job: KubeObject, now: Date): string {
  const start = textAt(job, "status", "startTime");
  const end = textAt(job, "status", "completionTime");
  return start ? duration(start, end ? new Date(end) : now) : "";
}

/** Names of the subjects of one kind. */
export function subjects(binding: KubeObject, kind: string): string {
  return listAt(binding, "subjects").filter((one) => textAt(one, "kind") === kind)
    .map((one) =>
      kind === "ServiceAccount"
        ? `${textAt(one, "namespace")}/${textAt(one, "name")}`
        : textAt(one, "name")
    ).join(", ");
}

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
/** Access modes, short. */
export const modes = (object: KubeObject) =>
  join(listAt(object, "spec", "accessModes").map((mode) => MODES[String(mode)] ?? mode));

/** Roles by the labels. */
export function nodeRoles(node: KubeObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.keys(objectAt(node, "metadata", "labels"))
    .filter((label) => label.startsWith(prefix)).map((label) => label.slice(prefix.length));
  return join(roles.sort()) || NONE;
}

/** Ready or not, cordoned or not. */
export function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, "status", "conditions").find((one) => textAt(one, "type") === "Ready");
  const text = !ready ? "Unknown" : textAt(ready, "status") === "True" ? "Ready" : "NotReady";
  return at(node, "spec", "unschedulable") === true ? `${text},SchedulingDisabled` : text;
}

/** The address of a type. */
export const nodeAddress = (node: KubeObject, type: string) =>
  textAt(
    listAt(node, "status", "addresses").find((one) => textAt(one, "type") === type),
    "address",
  ) || NONE;
