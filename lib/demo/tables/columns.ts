/** The columns that the API server prints for each built-in kind. */
import {
  addresses,
  age,
  type Columns,
  count,
  endpointAddresses,
  hpaTargets,
  jobDuration,
  jobStatus,
  join,
  modes,
  name,
  nodeAddress,
  nodeRoles,
  nodeStatus,
  NONE,
  pairs,
  podCells,
  selectorText,
  servicePorts,
  subjects,
  workload,
} from "./cells.ts";
import { duration } from "../base/durations.ts";
import { at, listAt, numberAt, objectAt, textAt } from "../base/json.ts";
import { isRecord } from "../../std/json.ts";

const REPLICAS: Columns = {
  head: "Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*",
  cells: (o, now) => [
    name(o),
    numberAt(o, "spec", "replicas"),
    numberAt(o, "status", "replicas"),
    numberAt(o, "status", "readyReplicas"),
    age(o, now),
    ...workload(o, "spec", "template"),
  ],
};
/** Workloads, what they are reached by and what keeps them up. */
const WORKLOADS: Readonly<Record<string, Columns>> = {
  pods: {
    head: "Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*",
    cells: (o, now) => [
      name(o),
      ...podCells(o, now),
      age(o, now),
      textAt(o, "status", "podIP") || NONE,
      textAt(o, "spec", "nodeName") || NONE,
      textAt(o, "status", "nominatedNodeName") || NONE,
      NONE,
    ],
  },
  services: {
    head: "Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*",
    cells: (o, now) => [
      name(o),
      textAt(o, "spec", "type"),
      textAt(o, "spec", "clusterIP") || NONE,
      textAt(o, "spec", "externalName") ||
      join(listAt(o, "status", "loadBalancer", "ingress").map((one) => textAt(one, "ip"))) ||
      (textAt(o, "spec", "type") === "LoadBalancer" ? "<pending>" : NONE),
      servicePorts(o),
      age(o, now),
      pairs(at(o, "spec", "selector")),
    ],
  },
  "deployments.apps": {
    head: "Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*",
    cells: (o, now) => [
      name(o),
      `${numberAt(o, "status", "readyReplicas")}/${numberAt(o, "spec", "replicas")}`,
      `${numberAt(o, "status", "updatedReplicas")}`,
      `${numberAt(o, "status", "availableReplicas")}`,
      age(o, now),
      ...workload(o, "spec", "template"),
    ],
  },
  "replicasets.apps": REPLICAS,
  replicationcontrollers: REPLICAS,
  "statefulsets.apps": {
    head: "Name|Ready|Age|Containers*|Images*",
    cells: (o, now) => [
      name(o),
      `${numberAt(o, "status", "readyReplicas")}/${numberAt(o, "spec", "replicas")}`,
      age(o, now),
      ...workload(o, "spec", "template").slice(0, 2),
    ],
  },
  "daemonsets.apps": {
    head: "Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|Containers*|" +
      "Images*|Selector*",
    cells: (o, now) => [
      name(o),
      ...[
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
      ].map((field) => numberAt(o, "status", field)),
      pairs(at(o, "spec", "template", "spec", "nodeSelector")),
      age(o, now),
      ...workload(o, "spec", "template"),
    ],
  },
  "jobs.batch": {
    head: "Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*",
    cells: (o, now) => [
      name(o),
      jobStatus(o),
      `${numberAt(o, "status", "succeeded")}/${textAt(o, "spec", "completions") || "1"}`,
      jobDuration(o, now),
      age(o, now),
      ...workload(o, "spec", "template"),
    ],
  },
  "cronjobs.batch": {
    head: "Name|Schedule|Timezone|Suspend?|Active#|Last Schedule|Age|Containers*|Images*|Selector*",
    cells: (o, now) => [
      name(o),
      textAt(o, "spec", "schedule"),
      textAt(o, "spec", "timeZone") || NONE,
      textAt(o, "spec", "suspend") === "true" ? "True" : "False",
      listAt(o, "status", "active").length,
      textAt(o, "status", "lastScheduleTime")
        ? duration(textAt(o, "status", "lastScheduleTime"), now)
        : NONE,
      age(o, now),
      ...workload(o, "spec", "jobTemplate", "spec", "template"),
    ],
  },
  "ingresses.networking.k8s.io": {
    head: "Name|Class|Hosts|Address|Ports|Age",
    cells: (o, now) => [
      name(o),
      textAt(o, "spec", "ingressClassName") || NONE,
      join(listAt(o, "spec", "rules").map((rule) => textAt(rule, "host") || "*")) || "*",
      join(listAt(o, "status", "loadBalancer", "ingress").map((one) => textAt(one, "ip"))),
      listAt(o, "spec", "tls").length ? "80, 443" : "80",
      age(o, now),
    ],
  },
  "ingressclasses.networking.k8s.io": {
    head: "Name|Controller|Parameters|Age",
    cells: (o, now) => [name(o), textAt(o, "spec", "controller"), NONE, age(o, now)],
  },
  "networkpolicies.networking.k8s.io": {
    head: "Name|Pod-Selector|Age",
    cells: (o, now) => [name(o), selectorText(at(o, "spec", "podSelector")), age(o, now)],
  },
  "poddisruptionbudgets.policy": {
    head: "Name|Min Available|Max Unavailable|Allowed Disruptions#|Age",
    cells: (o, now) => [
      name(o),
      textAt(o, "spec", "minAvailable") || "N/A",
      textAt(o, "spec", "maxUnavailable") || "N/A",
      numberAt(o, "status", "disruptionsAllowed"),
      age(o, now),
    ],
  },
  "horizontalpodautoscalers.autoscaling": {
    head: "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
    cells: (o, now) => [
      name(o),
      `${textAt(o, "spec", "scaleTargetRef", "kind")}/${
        textAt(o, "spec", "scaleTargetRef", "name")
      }`,
      hpaTargets(o),
      textAt(o, "spec", "minReplicas") || "<unset>",
      textAt(o, "spec", "maxReplicas"),
      textAt(o, "status", "currentReplicas") || "0",
      age(o, now),
    ],
  },
};

const NAME_AGE: Columns = { head: "Name|Age", cells: (o, now) => [name(o), age(o, now)] };
const BINDING: Columns = {
  head: "Name|Role|Age|Users*|Groups*|ServiceAccounts*",
  cells: (o, now) => [
    name(o),
    `${textAt(o, "roleRef", "kind")}/${textAt(o, "roleRef", "name")}`,
    age(o, now),
    ...["User", "Group", "ServiceAccount"].map((kind) => subjects(o, kind)),
  ],
};

/** Endpoints, nodes, configuration, storage, access. */
const CLUSTER: Readonly<Record<string, Columns>> = {
  endpoints: {
    head: "Name|Endpoints|Age",
    cells: (o, now) => [name(o), endpointAddresses(o), age(o, now)],
  },
  "endpointslices.discovery.k8s.io": {
    head: "Name|AddressType|Ports|Endpoints|Age",
    cells: (o, now) => [
      name(o),
      textAt(o, "addressType"),
      join(listAt(o, "ports").map((port) => textAt(port, "port"))) || "<unset>",
      listAt(o, "endpoints").length
        ? addresses(listAt(o, "endpoints").flatMap((one) => listAt(one, "addresses")))
        : "<unset>",
      age(o, now),
    ],
  },
  nodes: {
    head: "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|" +
      "Container-Runtime*",
    cells: (o, now) => [
      name(o),
      nodeStatus(o),
      nodeRoles(o),
      age(o, now),
      ...["kubeletVersion"].map((field) => textAt(o, "status", "nodeInfo", field)),
      nodeAddress(o, "InternalIP"),
      nodeAddress(o, "ExternalIP"),
      ...["osImage", "kernelVersion", "containerRuntimeVersion"].map((field) =>
        textAt(o, "status", "nodeInfo", field)
      ),
    ],
  },
  namespaces: {
    head: "Name|Status|Age",
    cells: (o, now) => [name(o), textAt(o, "status", "phase"), age(o, now)],
  },
  events: {
    head: "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*",
    cells: (o, now) => {
      const involved = objectAt(o, "involvedObject");
      const source = [textAt(o, "source", "component"), textAt(o, "source", "host")].filter(
        Boolean,
      );
      return [
        duration(textAt(o, "lastTimestamp") || textAt(o, "eventTime"), now),
        textAt(o, "type"),
        textAt(o, "reason"),
        `${textAt(involved, "kind").toLowerCase()}/${textAt(involved, "name")}`,
        textAt(involved, "fieldPath"),
        source.join(", ") || textAt(o, "reportingComponent"),
        textAt(o, "message").trim(),
        duration(textAt(o, "firstTimestamp") || textAt(o, "eventTime"), now),
        textAt(o, "count") || "1",
        name(o),
      ];
    },
  },
  secrets: {
    head: "Name|Type|Data#|Age",
    cells: (o, now) => [name(o), textAt(o, "type"), count(o.data), age(o, now)],
  },
  configmaps: {
    head: "Name|Data#|Age",
    cells: (o, now) => [name(o), count(o.data) + count(o.binaryData), age(o, now)],
  },
  serviceaccounts: NAME_AGE,
  persistentvolumeclaims: {
    head:
      "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*",
    cells: (o, now) => [
      name(o),
      textAt(o, "status", "phase"),
      textAt(o, "spec", "volumeName"),
      textAt(o, "status", "capacity", "storage"),
      modes(o),
      textAt(o, "spec", "storageClassName"),
      "<unset>",
      age(o, now),
      textAt(o, "spec", "volumeMode") || "<unset>",
    ],
  },
  persistentvolumes: {
    head: "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|" +
      "VolumeAttributesClass|Reason|Age|VolumeMode*",
    cells: (o, now) => {
      const claim = at(o, "spec", "claimRef");
      return [
        name(o),
        textAt(o, "spec", "capacity", "storage"),
        modes(o),
        textAt(o, "spec", "persistentVolumeReclaimPolicy"),
        textAt(o, "status", "phase"),
        isRecord(claim) ? `${claim.namespace}/${claim.name}` : "",
        textAt(o, "spec", "storageClassName"),
        "<unset>",
        "",
        age(o, now),
        textAt(o, "spec", "volumeMode") || "<unset>",
      ];
    },
  },
  "storageclasses.storage.k8s.io": {
    head: "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion?|Age",
    cells: (o, now) => [
      `${name(o)}${
        textAt(o, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") ===
            "true"
          ? " (default)"
          : ""
      }`,
      textAt(o, "provisioner"),
      textAt(o, "reclaimPolicy") || "Delete",
      textAt(o, "volumeBindingMode") || "Immediate",
      o.allowVolumeExpansion === true,
      age(o, now),
    ],
  },
  "roles.rbac.authorization.k8s.io": {
    head: "Name|Created At",
    cells: (o) => [name(o), o.metadata?.creationTimestamp],
  },
  "clusterroles.rbac.authorization.k8s.io": {
    head: "Name|Created At",
    cells: (o) => [name(o), o.metadata?.creationTimestamp],
  },
  "rolebindings.rbac.authorization.k8s.io": BINDING,
  "clusterrolebindings.rbac.authorization.k8s.io": BINDING,
  "customresourcedefinitions.apiextensions.k8s.io": {
    head: "Name|Created At",
    cells: (o) => [name(o), o.metadata?.creationTimestamp],
  },
  "leases.coordination.k8s.io": {
    head: "Name|Holder|Age",
    cells: (o, now) => [name(o), textAt(o, "spec", "holderIdentity"), age(o, now)],
  },
};

/** By the name under which a resource is stored. */
export const COLUMNS: Readonly<Record<string, Columns>> = { ...WORKLOADS, ...CLUSTER };
