/** Kinds and annotations that Kubernetes gives a meaning of its own. Data only. */

/** Subresources whose objects are of another kind than the resource. */
export const SUBRESOURCE_KINDS = {
  binding: { apiVersion: "v1", kind: "Binding" },
  eviction: { apiVersion: "policy/v1", kind: "Eviction" },
  scale: { apiVersion: "autoscaling/v1", kind: "Scale" },
  token: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
} as const;

/** What `kubectl rollout restart` sets: a change of the template makes new pods. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

/** The number of a deployment's rollout, on itself and on the ReplicaSet of each. */
export const REVISION = "deployment.kubernetes.io/revision";

/** Where `kubectl rollout history` finds why a revision was made. */
export const CHANGE_CAUSE = "kubernetes.io/change-cause";

/** Where `kubectl apply` keeps a second copy of the whole object. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
