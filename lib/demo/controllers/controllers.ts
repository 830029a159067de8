/**
 * The controllers, all in one step: what a change asks for is done when its request is answered.
 * Workloads get their pods, pods their fate, services their endpoints, statuses their numbers.
 */
import type { KubeObject } from "../../kube/types.ts";
import type { Cluster } from "../base/cluster.ts";
import { withKindDefaults } from "../objects/defaults.ts";
import { connectServices } from "./endpoints.ts";
import { recordEvent } from "./events.ts";
import { equal, hash, rfc3339, suffix, without } from "../base/json.ts";
import { at, listAt, numberAt, objectAt, textAt } from "../../std/json/at.ts";
import { judge } from "./kubelet.ts";
import { runPods } from "./pods.ts";
import { BUILT_IN, type ResourceType } from "../base/api_resources.ts";
import { LAST_APPLIED, REVISION } from "../../names/well_known.ts";
import { updateStatuses } from "./statuses.ts";
import { stringifyExact } from "../../std/json/exact.ts";

const HASH = "pod-template-hash";
const PODS = BUILT_IN.find(({ storageKey }) => storageKey === "pods") as ResourceType;

/** Objects of a kind that an owner controls. */
function ownedBy(cluster: Cluster, key: string, owner: KubeObject): KubeObject[] {
  return cluster.store.list(key, owner.metadata?.namespace).filter((object) =>
    listAt(object, "metadata", "ownerReferences").some((reference) =>
      textAt(reference, "uid") === owner.metadata?.uid
    )
  );
}

/** Metadata of what a controller makes for an owner. */
function metadataFor(cluster: Cluster, owner: KubeObject, name: string, more: KubeObject = {}) {
  return {
    name,
    namespace: owner.metadata?.namespace,
    uid: crypto.randomUUID(),
    generation: 1,
    creationTimestamp: rfc3339(cluster.now(owner)),
    ...more,
    ownerReferences: [{
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata?.name,
      uid: owner.metadata?.uid,
      controller: true,
      blockOwnerDeletion: true,
    }],
  };
}

function createPod(cluster: Cluster, owner: KubeObject, name: string, more: KubeObject): void {
  const template = objectAt(owner, "spec", "template");
  const labels = { ...objectAt(template, "metadata", "labels"), ...objectAt(more, "labels") };
  const generateName = name.startsWith(`${owner.metadata?.name}-`) && owner.kind !== "StatefulSet"
    ? { generateName: `${owner.metadata?.name}-` }
    : {};
  const pod = withKindDefaults({
    kind: "Pod",
    apiVersion: "v1",
    metadata: metadataFor(cluster, owner, name, {
      ...generateName,
      labels: labels as Record<string, string>,
      ...(at(template, "metadata", "annotations")
        ? { annotations: objectAt(template, "metadata", "annotations") }
        : {}),
    }),
    spec: { ...objectAt(template, "spec"), ...objectAt(more, "spec") },
    status: { phase: "Pending" },
  }, PODS);
  const stored = cluster.store.put("pods", pod);
  recordEvent(cluster.store, owner, {
    reason: "SuccessfulCreate",
    message: `Created pod: ${stored.metadata?.name}`,
    component: `${owner.kind?.toLowerCase()}-controller`,
  }, cluster.now(owner));
}

function setReplicas(cluster: Cluster, deployment: KubeObject, set: KubeObject, to: number): void {
  const from = numberAt(set, "spec", "replicas");
  if (from === to) return;
  const stored = cluster.store.put("replicasets.apps", {
    ...set,
    metadata: { ...set.metadata, generation: (set.metadata?.generation ?? 0) + 1 },
    spec: { ...objectAt(set, "spec"), replicas: to },
  });
  recordEvent(cluster.store, deployment, {
    reason: "ScalingReplicaSet",
    message: `Scaled ${
      to > from ? "up" : "down"
    } replica set ${stored.metadata?.name} from ${from} to ${to}`,
    component: "deployment-controller",
  }, cluster.now(deployment));
}

const templateOf = (owner: KubeObject) => {
  const template = objectAt(owner, "spec", "template");
  const metadata = objectAt(template, "metadata");
  const { labels, ...rest } = metadata;
  return {
    ...template,
    metadata: { ...without(rest, "creationTimestamp"), labels: without(objectAt(labels), HASH) },
  };
};

/** The annotations of a deployment that its newest replica set has too. */
function copiedAnnotations(deployment: KubeObject): Record<string, string> {
  const { [REVISION]: _revision, [LAST_APPLIED]: _lastApplied, ...copied } =
    deployment.metadata?.annotations ?? {};
  return copied;
}

function withAnnotations(object: KubeObject, added: Record<string, string>): KubeObject {
  const annotations = { ...object.metadata?.annotations, ...added };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const revisionOf = (object: KubeObject) =>
  Number(textAt(object, "metadata", "annotations", REVISION)) || 0;

function withRevision(object: KubeObject, revision: number): KubeObject {
  return withAnnotations(object, { [REVISION]: `${revision}` });
}

/** The replica set of a deployment's present template; made where there is none. */
function currentSet(cluster: Cluster, deployment: KubeObject, sets: KubeObject[]): KubeObject {
  const template = templateOf(deployment);
  const copied = copiedAnnotations(deployment);
  const latest = Math.max(0, ...sets.map(revisionOf));
  const found = sets.find((set) => equal(templateOf(set), template));
  if (found) {
    const revision = revisionOf(found) === latest ? latest : latest + 1;
    const current = withRevision(withAnnotations(found, copied), revision);
    return equal(current, found) ? found : cluster.store.put("replicasets.apps", current);
  }
  const sum = suffix(hash(stringifyExact(template)), 10);
  const labels = { ...template.metadata.labels, [HASH]: sum };
  const name = `${deployment.metadata?.name}-${sum}`;
  const spec = objectAt(deployment, "spec");
  return cluster.store.put(
    "replicasets.apps",
    withRevision({
      kind: "ReplicaSet",
      apiVersion: "apps/v1",
      metadata: {
        ...metadataFor(cluster, deployment, name),
        labels: labels as Record<string, string>,
        annotations: {
          ...copied,
          "deployment.kubernetes.io/desired-replicas": `${numberAt(spec, "replicas")}`,
        },
      },
      spec: {
        replicas: 0,
        selector: {
          ...objectAt(spec, "selector"),
          matchLabels: { ...objectAt(spec, "selector", "matchLabels"), [HASH]: sum },
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    }, latest + 1),
  );
}

/** A rolling update as far as it gets: pods that cannot run do not take the place of those that do. */
function runDeployment(cluster: Cluster, deployment: KubeObject): void {
  const sets = ownedBy(cluster, "replicasets.apps", deployment);
  const wanted = numberAt(deployment, "spec", "replicas");
  const paused = at(deployment, "spec", "paused") === true && sets.length > 0;
  const current = paused
    ? sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0] as KubeObject
    : currentSet(cluster, deployment, sets);
  const revision = revisionOf(current);
  if (revisionOf(deployment) !== revision) {
    cluster.store.put("deployments.apps", withRevision(deployment, revision));
  }
  const old = sets.filter((set) => set.metadata?.uid !== current.metadata?.uid);
  const ready = old.reduce((sum, set) => sum + numberAt(set, "status", "readyReplicas"), 0);
  const { state } = judge(
    at(current, "spec", "template", "spec"),
    deployment.metadata?.namespace ?? "",
    cluster.store,
  );
  const recreate = textAt(deployment, "spec", "strategy", "type") === "Recreate";
  const stuck = state !== "running" && ready > 0 && !recreate && wanted > 0;
  const unavailable = stuck ? Math.floor(wanted / 4) : wanted;
  let kept = stuck ? Math.min(ready, wanted - unavailable) : 0;
  for (const set of old.toSorted((a, b) => revisionOf(b) - revisionOf(a))) {
    const share = Math.min(kept, numberAt(set, "spec", "replicas"));
    kept -= share;
    if (!paused) setReplicas(cluster, deployment, set, share);
  }
  const share = stuck ? unavailable + Math.ceil(wanted / 4) : wanted;
  setReplicas(cluster, deployment, current, share);
}

function runReplicaSet(cluster: Cluster, set: KubeObject): void {
  const pods = ownedBy(cluster, "pods", set);
  const wanted = numberAt(set, "spec", "replicas");
  for (let index = pods.length; index < wanted; index++) {
    const seed = hash(`${set.metadata?.name}${index}${cluster.store.version()}`);
    createPod(cluster, set, `${set.metadata?.name}-${suffix(seed, 5)}`, {});
  }
  const surplus = pods.toSorted((a, b) =>
    textAt(b, "metadata", "creationTimestamp") < textAt(a, "metadata", "creationTimestamp") ? -1 : 1
  ).slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) {
    cluster.store.remove("pods", pod);
    recordEvent(cluster.store, set, {
      reason: "SuccessfulDelete",
      message: `Deleted pod: ${pod.metadata?.name}`,
      component: "replicaset-controller",
    }, cluster.now());
  }
}

/** Sets whose pods have places of their own: a number (StatefulSet) or a node (DaemonSet). */
function runPlaced(cluster: Cluster, owner: KubeObject): void {
  const revision = suffix(hash(stringifyExact(templateOf(owner))), 10);
  const name = owner.metadata?.name ?? "";
  const nodes = cluster.store.list("nodes").map((node) => node.metadata?.name ?? "");
  const places = owner.kind === "DaemonSet"
    ? nodes.map((node) => ({
      name: `${name}-${suffix(hash(`${name}${node}`), 5)}`,
      more: { spec: { nodeName: node }, labels: {} },
    }))
    : Array.from({ length: numberAt(owner, "spec", "replicas") }, (_, index) => ({
      name: `${name}-${index}`,
      more: {
        spec: { hostname: `${name}-${index}`, subdomain: textAt(owner, "spec", "serviceName") },
        labels: {
          "apps.kubernetes.io/pod-index": `${index}`,
          "statefulset.kubernetes.io/pod-name": `${name}-${index}`,
        },
      },
    }));
  const label = "controller-revision-hash";
  for (const pod of ownedBy(cluster, "pods", owner)) {
    const isWanted = places.some((place) => place.name === pod.metadata?.name);
    if (!isWanted || pod.metadata?.labels?.[label] !== revision) cluster.store.remove("pods", pod);
  }
  for (const place of places) {
    if (cluster.store.get("pods", owner.metadata?.namespace, place.name)) continue;
    const labels = { ...place.more.labels, [label]: revision };
    createPod(cluster, owner, place.name, { ...place.more, labels });
  }
}

function runJob(cluster: Cluster, job: KubeObject): void {
  if (at(job, "spec", "suspend") === true || at(job, "status", "startTime")) return;
  const name = job.metadata?.name ?? "";
  const labels = { "batch.kubernetes.io/job-name": name, "job-name": name };
  const spec = objectAt(job, "spec");
  const uid = { "batch.kubernetes.io/controller-uid": job.metadata?.uid };
  const stored = cluster.store.put("jobs.batch", {
    ...job,
    spec: { ...spec, selector: spec.selector ?? { matchLabels: uid } },
    status: { startTime: rfc3339(cluster.now(job)) },
  });
  createPod(cluster, stored, `${name}-${suffix(hash(`${name}${job.metadata?.uid}`), 5)}`, {
    labels: { ...labels, ...uid },
  });
}

/** Brings everything into the state that the objects ask for. */
export function reconcile(cluster: Cluster): void {
  const { store } = cluster;
  for (const namespace of store.list("namespaces")) {
    const name = namespace.metadata?.name;
    if (store.get("serviceaccounts", name, "default")) continue;
    const metadata = {
      name: "default",
      namespace: name,
      uid: crypto.randomUUID(),
      creationTimestamp: rfc3339(cluster.now(namespace)),
    };
    store.put("serviceaccounts", { kind: "ServiceAccount", apiVersion: "v1", metadata });
  }
  for (const deployment of store.list("deployments.apps")) runDeployment(cluster, deployment);
  for (const set of store.list("replicasets.apps")) runReplicaSet(cluster, set);
  for (const key of ["statefulsets.apps", "daemonsets.apps"]) {
    for (const owner of store.list(key)) runPlaced(cluster, owner);
  }
  for (const job of store.list("jobs.batch")) runJob(cluster, job);
  runPods(cluster);
  updateStatuses(cluster, ownedBy);
  connectServices(cluster);
}
