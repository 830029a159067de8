/** How far a rollout is, in the words of `kubectl rollout status`. Pure. */
import { usageError } from "../base/errors.ts";

/** A deployment, stateful set or daemon set, as far as its rollout is concerned. */
export interface Workload {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly updateStrategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly partition?: number };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly conditions?: readonly { readonly type?: string; readonly reason?: string }[];
  };
}

/** How far it is. */
export interface Rollout {
  readonly done: boolean;
  readonly text: string;
}

/**
 * The state of a workload's rollout.
 *
 * @param resource `deployments`, `statefulsets` or `daemonsets`
 * @throws an error of the realm: the rollout has failed, or its strategy has no end that shows
 */
export function rolloutOf(resource: string, workload: Workload): Rollout {
  if (resource === "deployments") return deployment(workload);
  const { type } = workload.spec?.updateStrategy ?? {};
  if (type !== undefined && type !== "RollingUpdate") {
    throw usageError(
      "InputError",
      `Cannot tell the rollout status of "${workload.metadata?.name}": its update strategy is ${type}`,
      "Only a RollingUpdate has one; with OnDelete the pods are replaced as they are deleted.",
    );
  }
  return resource === "daemonsets" ? daemonSet(workload) : statefulSet(workload);
}

const waiting = (text: string): Rollout => ({ done: false, text });
const done = (text: string): Rollout => ({ done: true, text });

/** Whether its controller has seen its last change. */
export function isObserved({ metadata, status }: Workload): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}

function deployment(workload: Workload): Rollout {
  const { metadata, spec, status = {} } = workload;
  if (!isObserved(workload)) return waiting("Waiting for deployment spec update to be observed...");
  const name = `deployment "${metadata?.name}"`;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, conditions = [] } = status;
  if (conditions.some(({ reason }) => reason === "ProgressDeadlineExceeded")) {
    throw usageError(
      "RolloutError",
      `${name} exceeded its progress deadline`,
      `${updatedReplicas} of ${
        spec?.replicas ?? 1
      } replicas are updated, ${availableReplicas} available: look at its pods and their events.`,
    );
  }
  const wait = `Waiting for ${name} rollout to finish:`;
  const wanted = spec?.replicas ?? 1;
  if (updatedReplicas < wanted) {
    return waiting(`${wait} ${updatedReplicas} out of ${wanted} new replicas have been updated...`);
  }
  if (replicas > updatedReplicas) {
    return waiting(`${wait} ${replicas - updatedReplicas} old replicas are pending termination...`);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(
      `${wait} ${availableReplicas} of ${updatedReplicas} updated replicas are available...`,
    );
  }
  return done(`${name} successfully rolled out`);
}

function daemonSet(workload: Workload): Rollout {
  const { metadata, status = {} } = workload;
  if (!isObserved(workload)) return waiting("Waiting for daemon set spec update to be observed...");
  const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  const name = `daemon set "${metadata?.name}"`;
  const wait = `Waiting for ${name} rollout to finish:`;
  if (updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(
      `${wait} ${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated...`,
    );
  }
  if (numberAvailable < desiredNumberScheduled) {
    return waiting(
      `${wait} ${numberAvailable} of ${desiredNumberScheduled} updated pods are available...`,
    );
  }
  return done(`${name} successfully rolled out`);
}

function statefulSet(workload: Workload): Rollout {
  const { spec, status = {} } = workload;
  if (!status.observedGeneration || !isObserved(workload)) {
    return waiting("Waiting for statefulset spec update to be observed...");
  }
  const wanted = spec?.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status;
  if (readyReplicas < wanted) {
    return waiting(`Waiting for ${wanted - readyReplicas} pods to be ready...`);
  }
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    return updatedReplicas < wanted - partition
      ? waiting(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${
          wanted - partition
        } new pods have been updated...`,
      )
      : done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated...`);
  }
  if (updateRevision !== currentRevision) {
    return waiting(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
    );
  }
  return done(
    `statefulset rolling update complete ${
      status.currentReplicas ?? 0
    } pods at revision ${currentRevision}...`,
  );
}
