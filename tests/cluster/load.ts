/** Many pods of realistic size, for benchmarks and for tests of paging. */
import { type KubeObject, type TestApi, TestApiError, waitUntil } from "./api.ts";

/** What to make. */
export interface LoadOptions {
  /** Created when it does not exist. */
  readonly namespace: string;
  readonly count: number;
  /** Number of nodes of the cluster, over which the pods are spread; 3 by default. */
  readonly nodes?: number;
  /** Requests at once; 32 by default. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

/** Time within which the pods must run, for each pod and on top of that. */
const MS_PER_POD = 300;
const MS_BASE = 60_000;

/**
 * Creates pods `web-00000`, `web-00001`, … of about 9 KB of JSON each, and waits until all of them
 * run. They skip the scheduler.
 *
 * @throws {Error} when the API server refuses one, or they do not run in time
 */
export async function createPods(
  { api }: { readonly api: TestApi },
  options: LoadOptions,
): Promise<void> {
  const { namespace, count, nodes = 3, concurrency = 32 } = options;
  const signal = options.signal ?? new AbortController().signal;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await createNamespace(api, namespace, signal);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      await api.request("POST", path, { body: realisticPod(index, nodes), signal });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await waitUntil(`${count} pods run`, async (own) => {
    const query = "fieldSelector=status.phase!=Running&limit=1";
    const { items } = await api.request<{ items: unknown[] }>("GET", `${path}?${query}`, {
      signal: own,
    });
    return items.length === 0 ? true : undefined;
  }, { signal, timeoutMs: MS_BASE + MS_PER_POD * count, everyMs: 250 });
}

/** Makes the namespace if need be, and waits for the service account that its pods need. */
export async function createNamespace(
  api: TestApi,
  name: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  try {
    await api.request("POST", "/api/v1/namespaces", { body: { metadata: { name } }, signal });
  } catch (error) {
    if (!(error instanceof TestApiError && error.status === 409)) throw error;
  }
  await waitUntil(
    `namespace "${name}" can take pods`,
    (own) =>
      api.request("GET", `/api/v1/namespaces/${name}/serviceaccounts/default`, { signal: own }),
    { signal, timeoutMs: 30_000 },
  );
}

/** A pod as a web application's Deployment makes them; the server adds a third of its size. */
export function realisticPod(index: number, nodes: number): KubeObject {
  const app = `shop-${index % 20}`;
  const probe = (path: string) => ({
    httpGet: { path, port: "http", scheme: "HTTP" },
    initialDelaySeconds: 5,
    periodSeconds: 10,
    timeoutSeconds: 2,
    failureThreshold: 3,
  });
  const address = (name: string) => `${name}.${app}.svc.cluster.local`;
  const env = [
    { name: "DATABASE_HOST", value: address("database") },
    { name: "CACHE_ADDRESS", value: address("cache") },
    { name: "PAYMENT_ENDPOINT", value: `https://${address("payment")}/v1` },
    { name: "LOG_LEVEL", value: "info" },
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    {
      name: "PASSWORD",
      valueFrom: { secretKeyRef: { name: `${app}-secrets`, key: "password", optional: true } },
    },
  ];
  const container = (name: string, port: number, own: readonly unknown[]) => ({
    name,
    image: `registry.example.com/shop/${name}:1.${index % 50}.0`,
    imagePullPolicy: "IfNotPresent",
    args: ["--config=/etc/app/config.yaml", `--port=${port}`, "--shutdown-timeout=30s"],
    env: own,
    ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
    resources: {
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "500m", memory: "256Mi" },
    },
    readinessProbe: probe("/readyz"),
    securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true },
    volumeMounts: [
      { name: "config", mountPath: "/etc/app", readOnly: true },
      { name: "cache", mountPath: "/var/cache/app" },
    ],
  });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `web-${String(index).padStart(5, "0")}`,
      labels: {
        "app": app,
        "tier": index % 2 === 0 ? "frontend" : "backend",
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/instance": `${app}-production`,
        "app.kubernetes.io/version": `1.${index % 50}.0`,
        "app.kubernetes.io/component": "web",
        "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/managed-by": "Helm",
      },
      annotations: {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "checksum/config": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "example.com/owner": "team-shop@example.com",
      },
    },
    spec: {
      nodeName: `node-${index % nodes}`,
      containers: [container("web", 8080, env), container("proxy", 9090, [])],
      terminationGracePeriodSeconds: 30,
      securityContext: { fsGroup: 2000, seccompProfile: { type: "RuntimeDefault" } },
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{
            weight: 100,
            podAffinityTerm: {
              labelSelector: { matchLabels: { app } },
              topologyKey: "topology.kubernetes.io/zone",
            },
          }],
        },
      },
      volumes: [
        { name: "config", configMap: { name: `${app}-config`, optional: true } },
        { name: "cache", emptyDir: { sizeLimit: "100Mi" } },
      ],
    },
  };
}
