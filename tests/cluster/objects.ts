/** Objects that every test cluster begins with. */
import type { KubeObject } from "./api.ts";
import { KUBERNETES_VERSION } from "./programs.ts";

const METRICS_GROUP = "metrics.k8s.io";

/** A worker: `node-0`, `node-1`, …; kwok makes it ready. */
export function node(index: number): KubeObject {
  const name = `node-${index}`;
  const room = {
    cpu: "32",
    memory: "256Gi",
    pods: "5000",
    "ephemeral-storage": "1Ti",
    "hugepages-2Mi": "0",
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "type": "kwok",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/role": "agent",
        "node-role.kubernetes.io/agent": "",
        "topology.kubernetes.io/region": "region-1",
        "topology.kubernetes.io/zone": `zone-${index % 3}`,
      },
      annotations: {
        "node.alpha.kubernetes.io/ttl": "0",
        "metrics.k8s.io/resource-metrics-path": `/metrics/nodes/${name}/metrics/resource`,
      },
    },
    status: {
      capacity: room,
      allocatable: room,
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "containerd://2.1.0",
        kernelVersion: "6.12.0",
        kubeProxyVersion: "",
        kubeletVersion: KUBERNETES_VERSION,
        machineID: "",
        operatingSystem: "linux",
        osImage: "kwok",
        systemUUID: "",
      },
    },
  };
}

/** Addresses of a node, for one that was left without. */
export function nodeAddresses(name: string, kubeletPort: number): unknown {
  return {
    status: {
      addresses: [
        { type: "InternalIP", address: "127.0.0.1" },
        { type: "Hostname", address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    },
  };
}

/** What makes the API server hand requests for metrics on, by path to create them at. */
export function metricsObjects(port: number): readonly (readonly [string, KubeObject])[] {
  return [
    ["/api/v1/namespaces/kube-system/services", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "metrics-server", namespace: "kube-system" },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    }],
    ["/apis/apiregistration.k8s.io/v1/apiservices", {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `v1beta1.${METRICS_GROUP}` },
      spec: {
        group: METRICS_GROUP,
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: "metrics-server", namespace: "kube-system", port },
      },
    }],
    ["/apis/rbac.authorization.k8s.io/v1/clusterroles", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: {
        name: "system:aggregated-metrics-reader",
        labels: {
          "rbac.authorization.k8s.io/aggregate-to-admin": "true",
          "rbac.authorization.k8s.io/aggregate-to-edit": "true",
          "rbac.authorization.k8s.io/aggregate-to-view": "true",
        },
      },
      rules: [{
        apiGroups: [METRICS_GROUP],
        resources: ["nodes", "pods"],
        verbs: ["get", "list", "watch"],
      }],
    }],
  ];
}
