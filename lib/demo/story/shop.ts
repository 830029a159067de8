/**
 * The story: a shop in trouble. To find in it: `checkout` crashes for want of PAYMENTS_URL,
 * `catalog-v2` has a tag that does not exist, `search-indexer` fits on no node, the service
 * `recommendations` selects nothing, an ingress names a service that is not there, a nightly job
 * failed, one of two custom resources is degraded; and `payments` is well.
 */
import { apiVersionOf } from "../../names/groups.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { Cluster } from "../base/cluster.ts";
import { reconcile } from "../controllers/controllers.ts";
import { withKindDefaults } from "../objects/defaults.ts";
import { recordEvent } from "../controllers/events.ts";
import { rfc3339 } from "../base/json.ts";
import { textAt } from "../../std/json/at.ts";
import { judge, stateOf } from "../controllers/kubelet.ts";
import { type Chapter, manifest, node, service, workload } from "./manifests.ts";
import { happenings } from "../controllers/pods.ts";
import { BUILT_IN } from "../base/api_resources.ts";
import { platform } from "./platform.ts";
import { shopCertificate } from "./secrets.ts";

const IMAGE = "registry.demo.kubecode.dev/shop";
const MINUTES = 1 / 60;
/** Real clusters forget events after an hour. */
const EVENT_HOURS = 1;

const POSTGRES = { POSTGRES_PASSWORD: ["db-credentials", "password"] } as const;

/** The namespace `shop`. */
const SHOP: readonly Chapter[] = [
  [24 * 40, [
    shopCertificate,
    manifest("Secret", "v1", "shop/db-credentials", {
      data: { username: btoa("shop"), password: btoa("demo-not-a-secret") },
    }),
    manifest("ConfigMap", "v1", "shop/shop-config", {
      data: {
        CURRENCY: "EUR",
        LOG_LEVEL: "info",
        CATALOG_URL: "http://catalog",
        "banner.txt": "Free shipping on everything\n",
      },
    }),
    manifest("ConfigMap", "v1", "shop/summer-sale-2024", {
      data: { BANNER: "Summer sale: 20 % off", ENDS: "2024-08-31" },
    }),
    manifest("PersistentVolumeClaim", "v1", "shop/postgres-data", {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "20Gi" } },
        storageClassName: "standard",
        volumeMode: "Filesystem",
        volumeName: "pv-postgres",
      },
      status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "20Gi" } },
    }),
    manifest("ResourceQuota", "v1", "shop/shop-quota", {
      spec: { hard: { pods: "40", "requests.memory": "96Gi" } },
      status: {
        hard: { pods: "40", "requests.memory": "96Gi" },
        used: { pods: "18", "requests.memory": "68Gi" },
      },
    }),
    manifest("LimitRange", "v1", "shop/shop-limits", {
      spec: { limits: [{ type: "Container", defaultRequest: { cpu: "50m", memory: "64Mi" } }] },
    }),
    workload("shop/postgres", "docker.io/library/postgres:17.2", {
      kind: "StatefulSet",
      port: 5432,
      cpu: "500m",
      memory: "2Gi",
      secretEnv: POSTGRES,
      more: {
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "postgres-data" } }],
      },
    }),
    workload("shop/redis", "docker.io/library/redis:7.4.1", {
      kind: "StatefulSet",
      port: 6379,
      memory: "512Mi",
    }),
    service("shop/postgres", 5432, "postgres", { clusterIP: "None" }),
    service("shop/redis", 6379),
    manifest("PodDisruptionBudget", "policy/v1", "shop/redis", {
      spec: { minAvailable: 1, selector: { matchLabels: { app: "redis" } } },
    }),
  ]],
  [24 * 6 + 3, [
    workload("shop/storefront", `${IMAGE}/storefront:3.2.0`, {
      replicas: 3,
      port: 8080,
      cpu: "250m",
      memory: "256Mi",
      envFrom: ["shop-config"],
    }),
    workload("shop/catalog", `${IMAGE}/catalog:1.9.3`, {
      replicas: 2,
      port: 8080,
      memory: "512Mi",
      env: { DB_HOST: "postgres" },
    }),
    workload("shop/cart", `${IMAGE}/cart:2.0.4`, {
      replicas: 2,
      port: 8080,
      env: { REDIS_HOST: "redis" },
    }),
    workload("shop/search", `${IMAGE}/search:1.4.0`, { replicas: 2, port: 9200, memory: "1Gi" }),
    workload("shop/recommendations", `${IMAGE}/recommendations:0.14.2`, {
      replicas: 2,
      port: 8080,
    }),
    ...["storefront", "catalog", "cart", "checkout", "catalog-v2"]
      .map((name) => service(`shop/${name}`, 8080)),
    service("shop/search", 9200),
    service("shop/recommendations", 8080, "recommendation"),
    manifest("PodDisruptionBudget", "policy/v1", "shop/storefront", {
      spec: { minAvailable: 2, selector: { matchLabels: { app: "storefront" } } },
    }),
    manifest("HorizontalPodAutoscaler", "autoscaling/v2", "shop/storefront", {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "storefront" },
        minReplicas: 3,
        maxReplicas: 10,
        metrics: [{
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
        }],
      },
      status: {
        currentReplicas: 3,
        desiredReplicas: 3,
        currentMetrics: [{
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 48, averageValue: "120m" } },
        }],
        conditions: [],
      },
    }),
    manifest("Ingress", "networking.k8s.io/v1", "shop/shop", {
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["shop.demo.kubecode.dev"], secretName: "shop-tls" }],
        rules: [{
          host: "shop.demo.kubecode.dev",
          http: {
            paths: [["/", "storefront"], ["/api/cart", "cart"], ["/reviews", "reviews"]]
              .map(([path, name]) => ({
                path,
                pathType: "Prefix",
                backend: { service: { name, port: { number: 80 } } },
              })),
          },
        }],
      },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } },
    }),
  ]],
  [95 * MINUTES, [
    workload("shop/search-indexer", `${IMAGE}/search-indexer:1.4.0`, { cpu: "2", memory: "64Gi" }),
  ]],
  [52 * MINUTES, [
    workload("shop/checkout", `${IMAGE}/checkout:1.9.0`, {
      replicas: 2,
      port: 8080,
      env: { CART_URL: "http://cart", LOG_LEVEL: "info" },
    }),
  ]],
  [34 * MINUTES, [
    workload("shop/catalog-v2", `${IMAGE}/catalog:v2.0.1`, {
      replicas: 2,
      port: 8080,
      memory: "512Mi",
    }),
  ]],
];

/** Puts what a chapter tells into the cluster, as of its time. */
function tell(cluster: Cluster, [hours, objects]: Chapter, now: Date): void {
  const then = new Date(now.getTime() - hours * 3_600_000);
  for (const object of objects) {
    const type = BUILT_IN.find((type) =>
      type.kind === object.kind && apiVersionOf(type) === object.apiVersion
    );
    const made: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: crypto.randomUUID(),
        creationTimestamp: rfc3339(then),
        ...(/^(apps|batch|networking|policy|apiext|demo)/.test(object.apiVersion ?? "")
          ? { generation: 1 }
          : {}),
      },
    };
    // A custom resource is not in the table: it is stored as it is written.
    if (type) cluster.store.put(type.storageKey, withKindDefaults(made, type));
    else cluster.store.put("shops.demo.kubecode.dev", made);
  }
}

/** Warnings that have come again and again since. */
function repeatWarnings(cluster: Cluster, now: Date): void {
  const { store } = cluster;
  for (const pod of store.list("pods")) {
    const state = stateOf(pod);
    if (!state || !["crashing", "badImage", "unschedulable"].includes(state)) continue;
    const verdict = judge(pod.spec, pod.metadata?.namespace ?? "", store);
    const age = (now.getTime() - Date.parse(textAt(pod, "metadata", "creationTimestamp"))) / 1000;
    for (const what of happenings(pod, verdict, textAt(pod, "spec", "nodeName"))) {
      if (what.type !== "Warning") continue;
      const count = Math.floor(age / (state === "unschedulable" ? 300 : 14 * 3));
      const last = new Date(now.getTime() - 70_000);
      recordEvent(store, pod, { ...what, count, since: age - 70 }, last);
    }
  }
  const ingress = store.get("ingresses.networking.k8s.io", "shop", "shop");
  const recommendations = store.get("services", "shop", "recommendations");
  const component = "nginx-ingress-controller";
  const often = { type: "Warning", component, count: 27, since: 3_000 } as const;
  if (ingress) {
    const message = 'service "shop/reviews" not found, path "/reviews" answers 503';
    recordEvent(store, ingress, { ...often, reason: "BackendNotFound", message }, now);
  }
  if (recommendations) {
    const message = 'service "shop/recommendations" does not have any active endpoint';
    recordEvent(store, recommendations, { ...often, reason: "NoEndpoints", message }, now);
  }
}

/** Fills an empty cluster with the shop. */
export function fillShop(cluster: Cluster): void {
  const now = cluster.now();
  const names = ["default", "kube-system", "payments", "platform", "shop"];
  const start: Chapter = [24 * 90, [
    ...names.map((name) => manifest("Namespace", "v1", name, { status: { phase: "Active" } })),
    ...[1, 2, 3].map((index) => node(index, index === 1)),
  ]];
  const chapters = [start, ...platform(now), ...SHOP].toSorted(([a], [b]) => b - a);
  for (const chapter of chapters) tell(cluster, chapter, now);
  reconcile(atStoryTime(cluster, now));
  repeatWarnings(cluster, now);
  cluster.store.compact();
}

/** The cluster while the story is told: things happen when their objects are made. */
function atStoryTime(cluster: Cluster, now: Date): Cluster {
  const { store } = cluster;
  const oldest = now.getTime() - EVENT_HOURS * 3_600_000;
  const isForgotten = (event: KubeObject) => Date.parse(textAt(event, "lastTimestamp")) < oldest;
  // Names come from it: how many events are forgotten by now must not change them.
  let version = 0;
  return {
    ...cluster,
    now: (about) => about ? new Date(textAt(about, "metadata", "creationTimestamp")) : now,
    store: {
      ...store,
      version: () => version++,
      put: (key, object) =>
        key === "events" && isForgotten(object) ? object : store.put(key, object),
    },
  };
}
