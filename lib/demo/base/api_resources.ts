/** What the demo cluster serves: the table of its resources. */
import type { ApiResource, ApiSubresource } from "../../kube/types.ts";
import { at, type JsonObject, listAt, objectAt, textAt } from "../../std/json/at.ts";
import { isRecord } from "../../std/json/unknown.ts";

/** A subresource; its kind may be of another group version than the resource's. */
interface SubresourceType extends ApiSubresource {
  readonly group: string;
  readonly version: string;
}

/** One resource that is served. */
export interface ResourceType extends ApiResource {
  readonly categories: readonly string[];
  readonly subresources: readonly SubresourceType[];
  /** Name under which its objects are stored: the same for every version. */
  readonly storageKey: string;
  /** The definition of a custom resource, and the one of its versions that this is. */
  readonly custom?: { readonly definition: JsonObject; readonly version: JsonObject };
}

const ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CHANGE = ["get", "patch", "update"];

const SUBRESOURCES: Readonly<Record<string, Omit<SubresourceType, "name">>> = {
  scale: { kind: "Scale", group: "autoscaling", version: "v1", verbs: CHANGE },
  log: { kind: "Pod", group: "", version: "v1", verbs: ["get"] },
  exec: { kind: "PodExecOptions", group: "", version: "v1", verbs: ["create", "get"] },
  attach: { kind: "PodAttachOptions", group: "", version: "v1", verbs: ["create", "get"] },
  portforward: {
    kind: "PodPortForwardOptions",
    group: "",
    version: "v1",
    verbs: ["create", "get"],
  },
  eviction: { kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
};

/**
 * One line a resource: `plural Kind scope short,names categories subresources`; `-` for none. Scope
 * is N (namespaced) or C (cluster), then `:verbs` where not all are served.
 */
const TABLE: Readonly<Record<string, string>> = {
  "/v1": `
    configmaps ConfigMap N cm - -
    endpoints Endpoints N ep - -
    events Event N ev - -
    limitranges LimitRange N limits - -
    namespaces Namespace C:create,delete,get,list,patch,update,watch ns - status
    nodes Node C no - status
    persistentvolumeclaims PersistentVolumeClaim N pvc - status
    persistentvolumes PersistentVolume C pv - status
    pods Pod N po all attach,eviction,exec,log,portforward,status
    replicationcontrollers ReplicationController N rc all scale,status
    resourcequotas ResourceQuota N quota - status
    secrets Secret N - - -
    serviceaccounts ServiceAccount N sa - -
    services Service N svc all status`,
  "apps/v1": `
    daemonsets DaemonSet N ds all status
    deployments Deployment N deploy all scale,status
    replicasets ReplicaSet N rs all scale,status
    statefulsets StatefulSet N sts all scale,status`,
  "events.k8s.io/v1": `
    events Event N ev - -`,
  "authentication.k8s.io/v1": `
    selfsubjectreviews SelfSubjectReview C:create - - -`,
  "authorization.k8s.io/v1": `
    selfsubjectaccessreviews SelfSubjectAccessReview C:create - - -
    selfsubjectrulesreviews SelfSubjectRulesReview C:create - - -`,
  "autoscaling/v2": `
    horizontalpodautoscalers HorizontalPodAutoscaler N hpa all status`,
  "batch/v1": `
    cronjobs CronJob N cj all status
    jobs Job N - all status`,
  "networking.k8s.io/v1": `
    ingressclasses IngressClass C - - -
    ingresses Ingress N ing - status
    networkpolicies NetworkPolicy N netpol - -`,
  "policy/v1": `
    poddisruptionbudgets PodDisruptionBudget N pdb - status`,
  "rbac.authorization.k8s.io/v1": `
    clusterrolebindings ClusterRoleBinding C - - -
    clusterroles ClusterRole C - - -
    rolebindings RoleBinding N - - -
    roles Role N - - -`,
  "storage.k8s.io/v1": `
    storageclasses StorageClass C sc - -`,
  "apiextensions.k8s.io/v1": `
    customresourcedefinitions CustomResourceDefinition C crd,crds api-extensions status`,
  "coordination.k8s.io/v1": `
    leases Lease N - - -`,
  "discovery.k8s.io/v1": `
    endpointslices EndpointSlice N - - -`,
  "metrics.k8s.io/v1beta1": `
    nodes NodeMetrics C:get,list - - -
    pods PodMetrics N:get,list - - -`,
};

const words = (text = "-") => (text === "-" ? [] : text.split(","));

/** The built-in resources, by group in the API server's order. */
export const BUILT_IN: readonly ResourceType[] = Object.entries(TABLE).flatMap(([key, lines]) => {
  const [group = "", version = ""] = key.split("/");
  return lines.trim().split("\n").map((line): ResourceType => {
    const [resource = "", kind = "", scope = "", short, categories, subs] = line.trim().split(" ");
    return {
      group,
      version,
      resource,
      kind,
      singular: group === "metrics.k8s.io" ? "" : kind.toLowerCase(),
      namespaced: scope.startsWith("N"),
      verbs: scope.includes(":") ? words(scope.slice(2)) : ALL,
      shortNames: words(short),
      categories: words(categories),
      subresources: words(subs).map((name) => ({
        name,
        ...(SUBRESOURCES[name] ?? { kind, group, version, verbs: CHANGE }),
      })),
      storageKey: group === "events.k8s.io" ? "events" : group ? `${resource}.${group}` : resource,
    };
  });
});

/** The resources that a CustomResourceDefinition defines: one for each served version. */
export function customTypes(definition: JsonObject): ResourceType[] {
  const names = objectAt(definition, "spec", "names");
  const group = textAt(definition, "spec", "group");
  const resource = textAt(names, "plural");
  return listAt(definition, "spec", "versions").filter(isRecord).filter((version) => version.served)
    .map((version): ResourceType => {
      const own = { kind: textAt(names, "kind"), group, version: textAt(version, "name") };
      return {
        ...own,
        resource,
        singular: textAt(names, "singular") || own.kind.toLowerCase(),
        namespaced: at(definition, "spec", "scope") === "Namespaced",
        verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
        shortNames: listAt(names, "shortNames").map(String),
        categories: listAt(names, "categories").map(String),
        subresources: [
          ...(at(version, "subresources", "status")
            ? [{ name: "status", ...own, verbs: CHANGE }]
            : []),
          ...(at(version, "subresources", "scale")
            ? [{ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: CHANGE }]
            : []),
        ],
        storageKey: `${resource}.${group}`,
        custom: { definition, version },
      };
    });
}
