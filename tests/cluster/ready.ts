/** What it takes until a cluster that was started can be used. */
import { type TestApi, TestApiError, waitUntil } from "./api.ts";
import { nodeAddresses } from "./objects.ts";

const START_MS = 60_000;
const METRICS_MS = 180_000;

/** Until the API server answers that it is ready. */
export async function untilReady(api: TestApi, signal: AbortSignal): Promise<void> {
  await waitUntil(
    "the API server is ready",
    (own) => api.request("GET", "/readyz", { signal: own }),
    { signal, timeoutMs: START_MS, everyMs: 25 },
  );
}

interface NodeItem {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly taints?: readonly unknown[] };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Until all nodes are ready, with addresses, and without the taint that a new node has. */
export async function untilNodes(
  api: TestApi,
  count: number,
  kubeletPort: number,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil("all nodes are ready", async (own) => {
    const { items } = await api.request<{ items: NodeItem[] }>("GET", "/api/v1/nodes", {
      signal: own,
    });
    const isReady = ({ status }: NodeItem) =>
      status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ?? false;
    const hasAddress = ({ status }: NodeItem) =>
      status?.addresses?.some((each) => each.type === "InternalIP") ?? false;
    for (const item of items.filter((each) => isReady(each) && !hasAddress(each))) {
      await api.request("PATCH", `/api/v1/nodes/${item.metadata.name}/status`, {
        body: nodeAddresses(item.metadata.name, kubeletPort),
        contentType: "application/strategic-merge-patch+json",
        signal: own,
      });
    }
    const done = items.filter((each) =>
      isReady(each) && hasAddress(each) && (each.spec?.taints ?? []).length === 0
    );
    return done.length >= count ? true : undefined;
  }, { signal, timeoutMs: START_MS });
}

/** Until pods can be created in `default`: without its service account they are refused. */
export async function untilAccount(api: TestApi, signal: AbortSignal): Promise<void> {
  const path = "/api/v1/namespaces/default/serviceaccounts/default";
  await waitUntil(
    "the default service account exists",
    (own) => api.request("GET", path, { signal: own }),
    { signal, timeoutMs: START_MS },
  );
}

/** Until `metrics.k8s.io` has values of all nodes. */
export async function untilMetrics(
  api: TestApi,
  nodes: number,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil("metrics are served", async (own) => {
    const path = "/apis/metrics.k8s.io/v1beta1/nodes";
    const { items } = await api.request<{ items: unknown[] }>("GET", path, { signal: own })
      .catch((error) => {
        // 503 until metrics-server has its first values.
        if (error instanceof TestApiError) return { items: [] };
        throw error;
      });
    return items.length >= nodes ? true : undefined;
  }, { signal, timeoutMs: METRICS_MS, everyMs: 500 });
}
