/** The statuses that controllers keep: numbers of replicas, and conditions. */
import type { KubeObject } from "../../kube/types.ts";
import { type Cluster, DEFINITIONS } from "../base/cluster.ts";
import { equal, rfc3339 } from "../base/json.ts";
import { at, type JsonObject, listAt, numberAt, objectAt, textAt } from "../../std/json/at.ts";
import { labelSelectorOf, labelsOf } from "../base/selectors.ts";

type Owned = (cluster: Cluster, key: string, owner: KubeObject) => KubeObject[];

const isReady = (pod: KubeObject) =>
  listAt(pod, "status", "conditions").some((one) =>
    textAt(one, "type") === "Ready" && textAt(one, "status") === "True"
  );

/** Puts a new status unless the object has it already. */
function setStatus(cluster: Cluster, key: string, object: KubeObject, status: JsonObject): void {
  if (equal(objectAt(object, "status"), status)) return;
  cluster.store.put(key, { ...object, status });
}

/** A condition; its time stays while it does not change. */
function condition(
  object: KubeObject,
  now: Date,
  type: string,
  holds: boolean,
  reason: string,
  message: string,
): JsonObject {
  const status = holds ? "True" : "False";
  const known = listAt(object, "status", "conditions").find((one) => textAt(one, "type") === type);
  const time = rfc3339(now);
  const same = textAt(known, "status") === status;
  const deployment = object.kind === "Deployment"
    ? { lastUpdateTime: same ? textAt(known, "lastUpdateTime") : time }
    : {};
  return {
    type,
    status,
    ...deployment,
    lastTransitionTime: same ? textAt(known, "lastTransitionTime") : time,
    reason,
    message,
  };
}

/** Only what is not zero: as Go leaves zeros out. */
function nonZero(numbers: Record<string, number>): JsonObject {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0));
}

const generation = (object: KubeObject) => ({
  observedGeneration: object.metadata?.generation ?? 1,
});

function deploymentStatus(cluster: Cluster, deployment: KubeObject, owned: Owned): void {
  const sets = owned(cluster, "replicasets.apps", deployment);
  const sum = (field: string) =>
    sets.reduce((total, set) => total + numberAt(set, "status", field), 0);
  const revision = "deployment.kubernetes.io/revision";
  const current = sets.find((set) =>
    set.metadata?.annotations?.[revision] === deployment.metadata?.annotations?.[revision]
  );
  const wanted = numberAt(deployment, "spec", "replicas");
  const [total, ready] = [sum("replicas"), sum("readyReplicas")];
  const available = ready >= wanted - Math.floor(wanted / 4);
  const done = numberAt(current, "status", "readyReplicas") >= wanted;
  const now = cluster.now(deployment);
  const overdue = isOverdue(deployment, current, cluster.now());
  const name = current?.metadata?.name;
  setStatus(cluster, "deployments.apps", deployment, {
    ...generation(deployment),
    ...nonZero({
      replicas: total,
      updatedReplicas: numberAt(current, "status", "replicas"),
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, Math.max(wanted, total) - ready),
    }),
    conditions: [
      condition(
        deployment,
        now,
        "Available",
        available,
        available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        `Deployment ${available ? "has" : "does not have"} minimum availability.`,
      ),
      condition(
        deployment,
        now,
        "Progressing",
        done || !overdue,
        done
          ? "NewReplicaSetAvailable"
          : overdue
          ? "ProgressDeadlineExceeded"
          : "ReplicaSetUpdated",
        done
          ? `ReplicaSet "${name}" has successfully progressed.`
          : overdue
          ? `ReplicaSet "${name}" has timed out progressing.`
          : `ReplicaSet "${name}" is progressing.`,
      ),
    ],
  });
}

function isOverdue(deployment: KubeObject, set: KubeObject | undefined, now: Date): boolean {
  const since = Date.parse(textAt(set, "metadata", "creationTimestamp"));
  const deadline = numberAt(deployment, "spec", "progressDeadlineSeconds") || 600;
  return now.getTime() - since > deadline * 1_000;
}

function jobStatus(cluster: Cluster, job: KubeObject, pods: KubeObject[]): void {
  const phases = pods.map((pod) => textAt(pod, "status", "phase"));
  const succeeded = phases.filter((phase) => phase === "Succeeded").length;
  const failed = phases.filter((phase) => phase === "Failed").length;
  const active = phases.length - succeeded - failed;
  const now = cluster.now(job);
  const ended = textAt(job, "status", "completionTime") || rfc3339(new Date(now.getTime() + 3_000));
  setStatus(cluster, "jobs.batch", job, {
    startTime: textAt(job, "status", "startTime"),
    ...nonZero({ active, succeeded, failed }),
    ready: 0,
    ...(succeeded ? { completionTime: ended } : {}),
    ...(succeeded || failed
      ? {
        conditions: [
          succeeded
            ? condition(
              job,
              now,
              "Complete",
              true,
              "CompletionsReached",
              "Reached expected number of succeeded pods",
            )
            : condition(
              job,
              now,
              "Failed",
              true,
              "BackoffLimitExceeded",
              "Job has reached the specified backoff limit",
            ),
        ],
      }
      : {}),
  });
}

function budgetStatus(cluster: Cluster, budget: KubeObject): void {
  const selects = labelSelectorOf(at(budget, "spec", "selector"));
  const pods = cluster.store.list("pods", budget.metadata?.namespace)
    .filter((pod) => selects(labelsOf(pod)));
  const healthy = pods.filter(isReady).length;
  const share = (value: unknown) =>
    typeof value === "string" && value.endsWith("%")
      ? Math.ceil(pods.length * parseFloat(value) / 100)
      : Number(value);
  const least = at(budget, "spec", "minAvailable");
  const desired = least === undefined
    ? pods.length - share(at(budget, "spec", "maxUnavailable") ?? 1)
    : share(least);
  const allowed = Math.max(0, healthy - desired);
  setStatus(cluster, "poddisruptionbudgets.policy", budget, {
    ...generation(budget),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: pods.length,
    conditions: [{
      ...condition(
        budget,
        cluster.now(budget),
        "DisruptionAllowed",
        allowed > 0,
        allowed > 0 ? "SufficientPods" : "InsufficientPods",
        "",
      ),
      ...generation(budget),
    }],
  });
}

function definitionStatus(cluster: Cluster, definition: KubeObject): void {
  const names = objectAt(definition, "spec", "names");
  const kind = textAt(names, "kind");
  const accepted = {
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    ...names,
  };
  const now = cluster.now(definition);
  setStatus(cluster, DEFINITIONS, definition, {
    conditions: [
      condition(definition, now, "NamesAccepted", true, "NoConflicts", "no conflicts found"),
      condition(
        definition,
        now,
        "Established",
        true,
        "InitialNamesAccepted",
        "the initial names have been accepted",
      ),
    ],
    acceptedNames: accepted,
    storedVersions: listAt(definition, "spec", "versions").filter((one) => at(one, "storage"))
      .map((one) => textAt(one, "name")),
  });
}

/** Brings all statuses up to date. */
export function updateStatuses(cluster: Cluster, owned: Owned): void {
  const { store } = cluster;
  const pods = (owner: KubeObject) => owned(cluster, "pods", owner);
  for (const set of store.list("replicasets.apps")) {
    const own = pods(set);
    const ready = own.filter(isReady).length;
    setStatus(cluster, "replicasets.apps", set, {
      replicas: own.length,
      ...nonZero({
        fullyLabeledReplicas: own.length,
        readyReplicas: ready,
        availableReplicas: ready,
      }),
      ...generation(set),
    });
  }
  for (const one of store.list("deployments.apps")) deploymentStatus(cluster, one, owned);
  for (const set of store.list("statefulsets.apps")) {
    const own = pods(set);
    const ready = own.filter(isReady).length;
    const revision = own[0]?.metadata?.labels?.["controller-revision-hash"] ?? "";
    const hashed = `${set.metadata?.name}-${revision}`;
    setStatus(cluster, "statefulsets.apps", set, {
      ...generation(set),
      replicas: own.length,
      ...nonZero({
        readyReplicas: ready,
        currentReplicas: own.length,
        updatedReplicas: own.length,
      }),
      availableReplicas: ready,
      currentRevision: hashed,
      updateRevision: hashed,
      collisionCount: 0,
    });
  }
  for (const set of store.list("daemonsets.apps")) {
    const own = pods(set);
    const ready = own.filter(isReady).length;
    setStatus(cluster, "daemonsets.apps", set, {
      currentNumberScheduled: own.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: own.length,
      numberReady: ready,
      ...generation(set),
      ...nonZero({ updatedNumberScheduled: own.length, numberAvailable: ready }),
    });
  }
  for (const job of store.list("jobs.batch")) jobStatus(cluster, job, pods(job));
  for (const one of store.list("poddisruptionbudgets.policy")) budgetStatus(cluster, one);
  for (const one of store.list(DEFINITIONS)) definitionStatus(cluster, one);
}
