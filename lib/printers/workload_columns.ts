/** The columns that the API server prints of workloads, of what they are reached by and kept up by. */
import {
  age,
  type Columns,
  hpaTargets,
  jobDuration,
  jobStatus,
  join,
  name,
  NONE,
  pairs,
  podCells,
  selectorText,
  servicePorts,
  workload,
} from "./cells.ts";
import { duration } from "./durations.ts";
import { at, listAt, numberAt, textAt } from "../std/json/at.ts";

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

/** By the name under which a resource is stored. */
export const WORKLOAD_COLUMNS: Readonly<Record<string, Columns>> = {
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
