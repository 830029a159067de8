/** What stands around the shop: payments, the platform's own tools, the system, custom resources. */
import type { KubeObject } from "../../kube/types.ts";
import { rfc3339 } from "../base/json.ts";
import { type JsonObject } from "../../std/json/at.ts";
import { type Chapter, container, manifest, service, workload } from "./manifests.ts";
import { grafanaReleases } from "./secrets.ts";

const IMAGE = "registry.demo.kubecode.dev";
const RBAC = "rbac.authorization.k8s.io/v1";

const API_PORT = { name: "https", port: 6443, protocol: "TCP" };

const REPORT: JsonObject = {
  template: {
    spec: {
      restartPolicy: "Never",
      containers: [
        container("report", `${IMAGE}/platform/report:0.3.1`, { env: { REPORT_DAY: "yesterday" } }),
      ],
    },
  },
  backoffLimit: 0,
};

const text = (description: string) => ({ type: "string", description });

const DEFINITION = manifest(
  "CustomResourceDefinition",
  "apiextensions.k8s.io/v1",
  "shops.demo.kubecode.dev",
  {
    spec: {
      group: "demo.kubecode.dev",
      scope: "Namespaced",
      names: {
        plural: "shops",
        singular: "shop",
        kind: "Shop",
        listKind: "ShopList",
        shortNames: ["shp"],
        categories: ["all"],
      },
      conversion: { strategy: "None" },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: "Domain", type: "string", jsonPath: ".spec.domain" },
          { name: "Plan", type: "string", jsonPath: ".spec.plan" },
          { name: "Phase", type: "string", jsonPath: ".status.phase" },
          {
            name: "Message",
            type: "string",
            jsonPath: '.status.conditions[?(@.type=="Ready")].message',
            priority: 1,
          },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        schema: {
          openAPIV3Schema: {
            description: "Shop is one of the shops that this platform runs.",
            type: "object",
            required: ["spec"],
            properties: {
              spec: {
                type: "object",
                required: ["domain"],
                properties: {
                  domain: { ...text("Host name of the shop."), minLength: 3 },
                  plan: {
                    ...text("What the shop has paid for."),
                    enum: ["free", "standard", "premium"],
                    default: "standard",
                  },
                  replicas: { type: "integer", format: "int32", minimum: 0, maximum: 20 },
                  features: {
                    type: "array",
                    items: { type: "string" },
                    "x-kubernetes-list-type": "set",
                  },
                },
              },
              status: {
                type: "object",
                properties: {
                  phase: text("Ready, Degraded or Pending."),
                  observedGeneration: { type: "integer", format: "int64" },
                  conditions: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["type"],
                    items: {
                      type: "object",
                      required: ["type", "status"],
                      properties: {
                        type: text("Name of the condition."),
                        status: text("True, False or Unknown."),
                        reason: text("Why, in one word."),
                        message: text("Why, for people."),
                        lastTransitionTime: { type: "string", format: "date-time" },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      }],
    },
  },
);

function shop(
  name: string,
  plan: string,
  ready: boolean,
  message: string,
  since: Date,
): KubeObject {
  return manifest("Shop", "demo.kubecode.dev/v1", `shop/${name}`, {
    spec: { domain: `${name}.shop.demo.kubecode.dev`, plan, replicas: 3, features: ["cart"] },
    status: {
      phase: ready ? "Ready" : "Degraded",
      observedGeneration: 1,
      conditions: [{
        type: "Ready",
        status: ready ? "True" : "False",
        reason: ready ? "AllWell" : "CheckoutUnavailable",
        message,
        lastTransitionTime: rfc3339(since),
      }],
    },
  });
}

const everything = (verbs: string[]) => [{ apiGroups: ["*"], resources: ["*"], verbs }];

const SYSTEM: readonly KubeObject[] = [
  workload("kube-system/kube-proxy", "registry.k8s.io/kube-proxy:v1.36.3", {
    kind: "DaemonSet",
  }),
  workload("kube-system/coredns", "registry.k8s.io/coredns/coredns:v1.13.1", { replicas: 2 }),
  workload("kube-system/metrics-server", "registry.k8s.io/metrics-server:v0.9.0"),
  workload("kube-system/ingress-nginx", "registry.k8s.io/ingress-nginx/controller:v1.12.0"),
  service("kube-system/kube-dns", 53, "coredns", { clusterIP: "10.96.0.10" }),
  manifest("Service", "v1", "default/kubernetes", {
    spec: {
      clusterIP: "10.96.0.1",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
    },
    status: { loadBalancer: {} },
  }),
  // The API server's own, which it writes without a selector.
  manifest("Endpoints", "v1", "default/kubernetes", {
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [API_PORT] }],
  }),
  manifest("EndpointSlice", "discovery.k8s.io/v1", "default/kubernetes", {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }],
    ports: [API_PORT],
  }, { "kubernetes.io/service-name": "kubernetes" }),
  manifest("StorageClass", "storage.k8s.io/v1", "standard", {
    provisioner: "disk.demo.kubecode.dev",
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  }),
  manifest("PersistentVolume", "v1", "pv-postgres", {
    spec: {
      capacity: { storage: "20Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: "standard",
      volumeMode: "Filesystem",
      claimRef: { kind: "PersistentVolumeClaim", namespace: "shop", name: "postgres-data" },
      csi: { driver: "disk.demo.kubecode.dev", volumeHandle: "vol-1" },
    },
    status: { phase: "Bound" },
  }),
  manifest("IngressClass", "networking.k8s.io/v1", "nginx", {
    spec: { controller: "k8s.io/ingress-nginx" },
  }),
];

const CLUSTER_ROLES: readonly KubeObject[] = [
  manifest("ClusterRole", RBAC, "cluster-admin", { rules: everything(["*"]) }),
  manifest("ClusterRole", RBAC, "view", { rules: everything(["get", "list", "watch"]) }),
  manifest("ClusterRoleBinding", RBAC, "cluster-admin", {
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "cluster-admin",
    },
    subjects: [{
      apiGroup: "rbac.authorization.k8s.io",
      kind: "Group",
      name: "system:masters",
    }],
  }),
];

const PAYMENTS: readonly KubeObject[] = [
  workload("payments/payments-api", `${IMAGE}/payments/payments-api:5.1.2`, {
    replicas: 2,
    port: 8080,
    cpu: "200m",
    memory: "256Mi",
  }),
  workload("payments/payments-worker", `${IMAGE}/payments/payments-worker:5.1.2`),
  service("payments/payments-api", 8080, undefined, {
    ports: [{ name: "http", port: 8080, protocol: "TCP", targetPort: 8080 }],
  }),
  manifest("NetworkPolicy", "networking.k8s.io/v1", "payments/from-shop-only", {
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{
        from: [{
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
        }],
      }],
    },
  }),
];

const PLATFORM: readonly KubeObject[] = [
  manifest("ServiceAccount", "v1", "platform/shop-operator"),
  manifest("Role", RBAC, "shop/shop-operator", {
    rules: [{
      apiGroups: ["demo.kubecode.dev"],
      resources: ["shops", "shops/status"],
      verbs: ["get", "list", "watch", "update", "patch"],
    }],
  }),
  manifest("RoleBinding", RBAC, "shop/shop-operator", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "shop-operator" },
    subjects: [{ kind: "ServiceAccount", name: "shop-operator", namespace: "platform" }],
  }),
  workload("platform/shop-operator", `${IMAGE}/platform/shop-operator:1.2.0`, {
    more: { serviceAccountName: "shop-operator" },
  }),
  workload("platform/prometheus", "quay.io/prometheus/prometheus:v3.1.0", {
    kind: "StatefulSet",
    port: 9090,
    memory: "1Gi",
  }),
  workload("platform/grafana", "docker.io/grafana/grafana:11.4.0", { port: 3000 }),
  service("platform/prometheus", 9090),
  service("platform/grafana", 3000),
  DEFINITION,
];

/** Everything outside the namespace `shop`, and the shop's custom resources. */
export function platform(now: Date): readonly Chapter[] {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  return [
    [24 * 90 - 1, [...SYSTEM, ...CLUSTER_ROLES, ...[1, 2, 3].map((index) => lease(index, now))]],
    [24 * 30, [...PAYMENTS, ...PLATFORM, cronJob(ago(7 * 60), ago(55 * 60))]],
    ...grafanaReleases(now),
    [24 * 12, [
      shop("berlin", "premium", true, "all services are ready", ago(60 * 24 * 11)),
      shop(
        "lisbon",
        "standard",
        false,
        "checkout has no ready pods, orders cannot be paid",
        ago(51),
      ),
    ]],
    [7, [
      manifest("Job", "batch/v1", "platform/nightly-report-29415840", { spec: REPORT }, {
        app: "nightly-report",
      }),
    ]],
  ];
}

function lease(index: number, now: Date): KubeObject {
  return manifest("Lease", "coordination.k8s.io/v1", `kube-system/demo-${index}`, {
    spec: {
      holderIdentity: `demo-${index}`,
      leaseDurationSeconds: 40,
      renewTime: now.toISOString().replace("Z", "000Z"),
    },
  });
}

function cronJob(scheduled: Date, successful: Date): KubeObject {
  return manifest("CronJob", "batch/v1", "platform/nightly-report", {
    spec: { schedule: "0 2 * * *", jobTemplate: { spec: REPORT } },
    status: {
      lastScheduleTime: rfc3339(scheduled),
      lastSuccessfulTime: rfc3339(successful),
    },
  });
}
