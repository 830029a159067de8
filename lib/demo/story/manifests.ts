/** Short ways of writing the objects of the demo's story. */
import type { KubeObject } from "../../kube/types.ts";
import type { JsonObject } from "../../std/json/at.ts";

/** What a workload needs beyond its name and image. */
interface WorkloadOptions {
  readonly replicas?: number;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Config maps whose keys become variables. */
  readonly envFrom?: readonly string[];
  /** Requests. */
  readonly cpu?: string;
  readonly memory?: string;
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly more?: JsonObject;
  /** A secret's key as a variable: `NAME: [secret, key]`. */
  readonly secretEnv?: Readonly<Record<string, readonly [string, string]>>;
}

/** An object without spec: kind, version, name, namespace, labels, and what else it has. */
export function manifest(
  kind: string,
  apiVersion: string,
  place: string,
  rest: JsonObject = {},
  labels?: Record<string, string>,
): KubeObject {
  const [namespace, name] = place.includes("/") ? place.split("/") : [undefined, place];
  return {
    kind,
    apiVersion,
    metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
    ...rest,
  };
}

/** A container. */
export function container(name: string, image: string, options: WorkloadOptions): JsonObject {
  const { port, env = {}, envFrom, cpu = "100m", memory = "128Mi", secretEnv = {} } = options;
  const variables = [
    ...Object.entries(env).map(([key, value]) => ({ name: key, value })),
    ...Object.entries(secretEnv).map(([key, [secret, field]]) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secret, key: field } },
    })),
  ];
  return {
    name,
    image,
    ...(port ? { ports: [{ name: "http", containerPort: port, protocol: "TCP" }] } : {}),
    ...(variables.length ? { env: variables } : {}),
    ...(envFrom ? { envFrom: envFrom.map((map) => ({ configMapRef: { name: map } })) } : {}),
    resources: { requests: { cpu, memory }, limits: { memory } },
    ...(port
      ? { readinessProbe: { httpGet: { path: "/healthz", port: "http", scheme: "HTTP" } } }
      : {}),
  };
}

/** A Deployment, StatefulSet or DaemonSet of one container. */
export function workload(place: string, image: string, options: WorkloadOptions = {}): KubeObject {
  const { kind = "Deployment", replicas = 1, more = {} } = options;
  const name = place.split("/")[1] ?? place;
  const labels = { app: name };
  return manifest(kind, "apps/v1", place, {
    spec: {
      ...(kind === "DaemonSet" ? {} : { replicas }),
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container(name, image, options)], ...more },
      },
    },
  }, labels);
}

/** A Service of one port, selecting by the label `app`. */
export function service(
  place: string,
  port: number,
  app?: string,
  spec: JsonObject = {},
): KubeObject {
  const name = place.split("/")[1] ?? place;
  return manifest("Service", "v1", place, {
    spec: {
      selector: { app: app ?? name },
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: port }],
      ...spec,
    },
    status: { loadBalancer: {} },
  }, { app: name });
}

/** A node with 4 CPUs and 16 GiB. */
export function node(index: number, controlPlane: boolean): KubeObject {
  const name = `demo-${index}`;
  const capacity = {
    cpu: "4",
    memory: "16384Mi",
    pods: "110",
    "ephemeral-storage": "102400Mi",
  };
  const conditions = [
    [
      "MemoryPressure",
      "False",
      "KubeletHasSufficientMemory",
      "kubelet has sufficient memory available",
    ],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
  ];
  return manifest("Node", "v1", name, {
    spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`] },
    status: {
      capacity,
      allocatable: capacity,
      conditions: conditions.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
      })),
      addresses: [
        { type: "InternalIP", address: `10.0.0.${10 + index}` },
        { type: "Hostname", address: name },
      ],
      nodeInfo: {
        machineID: `demo${index}`,
        systemUUID: `demo${index}`,
        bootID: `demo${index}`,
        kernelVersion: "6.12.0",
        osImage: "Demo Linux 1.0",
        containerRuntimeVersion: "containerd://2.1.0",
        kubeletVersion: "v1.36.3",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  }, {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "topology.kubernetes.io/zone": `zone-${index}`,
    ...(controlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {}),
  });
}

/** Objects by the hours since they were made. */
export type Chapter = readonly [hours: number, objects: readonly KubeObject[]];
