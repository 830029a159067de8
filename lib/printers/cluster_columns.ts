/** The columns that the API server prints of endpoints, nodes, configuration, storage and access. */
import type { KubeObject } from "../kube/types.ts";
import {
  addresses,
  age,
  type Columns,
  count,
  endpointAddresses,
  join,
  modes,
  name,
  nodeAddress,
  nodeRoles,
  nodeStatus,
  subjects,
} from "./cells.ts";
import { duration } from "./durations.ts";
import { at, listAt, objectAt, textAt } from "../std/json/at.ts";
import { isRecord } from "../std/json/unknown.ts";

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

const nodeInfo = (node: KubeObject, field: string) => textAt(node, "status", "nodeInfo", field);

/** By the name under which a resource is stored. */
export const CLUSTER_COLUMNS: Readonly<Record<string, Columns>> = {
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
      nodeInfo(o, "kubeletVersion"),
      nodeAddress(o, "InternalIP"),
      nodeAddress(o, "ExternalIP"),
      nodeInfo(o, "osImage"),
      `${nodeInfo(o, "kernelVersion")} (${nodeInfo(o, "architecture")})`,
      nodeInfo(o, "containerRuntimeVersion"),
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
      const component = textAt(o, "source", "component") || textAt(o, "reportingComponent");
      const instance = textAt(o, "source", "host") || textAt(o, "reportingInstance");
      const last = textAt(o, "series", "lastObservedTime") || textAt(o, "lastTimestamp");
      return [
        duration(last || textAt(o, "eventTime"), now),
        textAt(o, "type"),
        textAt(o, "reason"),
        `${textAt(involved, "kind").toLowerCase()}/${textAt(involved, "name")}`,
        textAt(involved, "fieldPath"),
        instance ? `${component}, ${instance}` : component,
        textAt(o, "message").trim(),
        duration(textAt(o, "firstTimestamp") || textAt(o, "eventTime"), now),
        textAt(o, "series", "count") || textAt(o, "count") || "1",
        name(o),
      ];
    },
  },
  secrets: {
    head: "Name|Type|Data|Age",
    cells: (o, now) => [name(o), textAt(o, "type"), count(o.data), age(o, now)],
  },
  configmaps: {
    head: "Name|Data|Age",
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
    head: "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
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
