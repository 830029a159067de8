/**
 * Connections to clusters: that of the current context, of other contexts of the kubeconfig, or of
 * the demo. Modules are loaded when they are needed.
 */
import type { ContextEntry } from "./broker/types.ts";
import type { Settings } from "./config/settings.ts";
import type { KubeClient } from "./kube/client.ts";
import type { Kubeconfig } from "./kube/kubeconfig/load.ts";
import type { ClusterAccess } from "./kube/types.ts";
import type { Logger } from "./log.ts";
import { VERSION } from "./version.ts";

/** The clusters of one run; without a context, the current one is meant. */
export interface Clusters {
  /**
   * How to reach a cluster.
   *
   * @throws {ConfigError} there is no usable configuration
   */
  access(context?: string): Promise<ClusterAccess>;
  /** Its client; there is one for each context. */
  connect(context?: string): Promise<KubeClient>;
  /** All contexts of the configuration, as it is now. */
  contexts(): Promise<readonly ContextEntry[]>;
  /** Ends connections and the demo cluster. */
  close(): Promise<void>;
}

type Cluster = Pick<Clusters, "access" | "connect">;

/** Connects on first use: until then no file is read and nothing is sent. */
export function createClusters(settings: Settings, logger: Logger): Clusters {
  const closers: (() => void | Promise<void>)[] = [];
  const others = new Map<string, Cluster>();
  let settled: ClusterAccess | undefined;
  const current = clusterOf(async () => {
    settled = settings.demo ? await startDemo() : await configuredAccess(settings);
    return settled;
  });

  function clusterOf(reach: () => Promise<ClusterAccess>): Cluster {
    const access = shared(reach);
    return { access, connect: shared(async () => await clientOf(await access())) };
  }

  function at(context: string | undefined): Cluster {
    if (context === undefined) return current;
    // The default namespace that is given belongs to the current context alone.
    const other = others.get(context) ??
      clusterOf(() => configuredAccess({ ...settings, context, namespace: undefined }));
    others.set(context, other);
    return other;
  }

  async function startDemo(): Promise<ClusterAccess> {
    const demo = await (await import("./demo/demo.ts")).startDemo();
    closers.push(() => demo.close());
    return settings.namespace ? { ...demo.access, namespace: settings.namespace } : demo.access;
  }

  async function clientOf(access: ClusterAccess): Promise<KubeClient> {
    const [{ createTransport }, { createClient }] = await Promise.all([
      import("./kube/transport/transport.ts"),
      import("./kube/client.ts"),
    ]);
    const transport = createTransport(access, {
      userAgent: `kubecode/${VERSION}`,
      logger,
      env: (name) => Deno.env.get(name),
      connectTimeoutMs: settings.connectTimeoutMs,
    });
    const client = createClient(access, transport, {
      discoveryTimeoutMs: settings.connectTimeoutMs,
    });
    closers.push(() => client.close());
    return client;
  }

  return {
    access: (context) => at(context).access(),
    connect: (context) => at(context).connect(),
    async contexts() {
      if (settings.demo) return [entryOf(await current.access())];
      const { contexts, currentContext } = await configuration(settings);
      const now = settled?.context ?? settings.context ?? currentContext;
      return [...contexts].map(([name, { cluster = "", namespace = "default" }]) =>
        name === now
          ? { name, cluster, namespace: settings.namespace ?? namespace, current: true }
          : { name, cluster, namespace, current: false }
      );
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

function entryOf({ context, cluster, namespace }: ClusterAccess): ContextEntry {
  return { name: context, cluster, namespace, current: true };
}

async function configuration({ kubeconfig }: Settings): Promise<Kubeconfig> {
  const { loadKubeconfig } = await import("./kube/kubeconfig/load.ts");
  return await loadKubeconfig({
    env: (name) => Deno.env.get(name),
    ...(kubeconfig ? { path: kubeconfig } : {}),
  });
}

async function configuredAccess(settings: Settings): Promise<ClusterAccess> {
  const { resolveAccess } = await import("./kube/kubeconfig/access.ts");
  return await resolveAccess(await configuration(settings), {
    ...(settings.context ? { context: settings.context } : {}),
    ...(settings.namespace ? { namespace: settings.namespace } : {}),
  });
}

/** Calls a function once for all callers, and again after a failure, in case its cause was mended. */
function shared<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
