/** Services find their pods: Endpoints and EndpointSlices by selector. */
import type { KubeObject } from "../../kube/types.ts";
import type { Cluster } from "../base/cluster.ts";
import { equal, hash, rfc3339, suffix } from "../base/json.ts";
import { at, listAt, textAt } from "../../std/json/at.ts";
import { labelSelectorOf, labelsOf } from "../base/selectors.ts";
import { isRecord } from "../../std/json/unknown.ts";

const isReady = (pod: KubeObject) =>
  listAt(pod, "status", "conditions").some((one) =>
    textAt(one, "type") === "Ready" && textAt(one, "status") === "True"
  );

/** A service's target port as a number on a pod. */
function targetPort(port: unknown, pod: KubeObject): number {
  const target = at(port, "targetPort") ?? at(port, "port");
  if (typeof target === "number") return target;
  const named = listAt(pod, "spec", "containers").flatMap((one) => listAt(one, "ports"))
    .find((one) => textAt(one, "name") === target);
  return Number(textAt(named, "containerPort")) || 0;
}

/** Puts an object unless it is there just so. */
function put(cluster: Cluster, key: string, object: KubeObject, service: KubeObject): void {
  const { name = "", namespace } = object.metadata ?? {};
  const live = cluster.store.get(key, namespace, name);
  const { metadata: own, ...rest } = object;
  if (live) {
    const { metadata: _metadata, ...before } = live;
    if (equal(before, rest)) return;
  }
  const fresh = { uid: crypto.randomUUID(), creationTimestamp: rfc3339(cluster.now(service)) };
  const { uid, creationTimestamp } = live?.metadata ?? fresh;
  cluster.store.put(key, { ...rest, metadata: { ...own, uid, creationTimestamp } });
}

function connect(cluster: Cluster, service: KubeObject): void {
  const { name = "", namespace, uid } = service.metadata ?? {};
  const matchLabels = at(service, "spec", "selector");
  if (!isRecord(matchLabels) || !Object.keys(matchLabels).length) return;
  const selects = labelSelectorOf({ matchLabels });
  const pods = cluster.store.list("pods", namespace)
    .filter((pod) => selects(labelsOf(pod)) && textAt(pod, "status", "podIP"))
    .filter((pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase")));
  const [first] = pods;
  const ports = listAt(service, "spec", "ports").map((port) => ({
    ...(textAt(port, "name") ? { name: textAt(port, "name") } : {}),
    port: first ? targetPort(port, first) : Number(textAt(port, "targetPort")) || 0,
    protocol: textAt(port, "protocol") || "TCP",
  }));
  const reference = (pod: KubeObject) => ({
    kind: "Pod",
    namespace,
    name: pod.metadata?.name,
    uid: pod.metadata?.uid,
  });
  const addresses = (ready: boolean) =>
    pods.filter((pod) => isReady(pod) === ready).map((pod) => ({
      ip: textAt(pod, "status", "podIP"),
      nodeName: textAt(pod, "spec", "nodeName"),
      targetRef: reference(pod),
    }));
  const [ready, unready] = [addresses(true), addresses(false)];
  put(cluster, "endpoints", {
    kind: "Endpoints",
    apiVersion: "v1",
    metadata: {
      name,
      namespace,
      labels: { "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
    },
    ...(pods.length
      ? {
        subsets: [{
          ...(ready.length ? { addresses: ready } : {}),
          ...(unready.length ? { notReadyAddresses: unready } : {}),
          ports,
        }],
      }
      : {}),
  }, service);
  put(cluster, "endpointslices.discovery.k8s.io", {
    kind: "EndpointSlice",
    apiVersion: "discovery.k8s.io/v1",
    metadata: {
      name: `${name}-${suffix(hash(`${uid}`), 5)}`,
      generateName: `${name}-`,
      namespace,
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
      ownerReferences: [{
        apiVersion: "v1",
        kind: "Service",
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      }],
    },
    addressType: "IPv4",
    endpoints: pods.map((pod) => ({
      addresses: [textAt(pod, "status", "podIP")],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
      targetRef: reference(pod),
      nodeName: textAt(pod, "spec", "nodeName"),
    })),
    ports: pods.length ? ports : [],
  }, service);
}

/** Brings the endpoints of all services up to date. */
export function connectServices(cluster: Cluster): void {
  for (const service of cluster.store.list("services")) connect(cluster, service);
  for (const endpoints of cluster.store.list("endpoints")) {
    const { name = "", namespace, labels } = endpoints.metadata ?? {};
    const managed = labels?.["endpoints.kubernetes.io/managed-by"];
    if (managed && !cluster.store.get("services", namespace, name)) {
      cluster.store.remove("endpoints", endpoints);
    }
  }
}
