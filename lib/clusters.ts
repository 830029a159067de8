/**
 * Connections to clusters: that of the current context, of other contexts of the kubeconfig, or of
 * the demo. Modules are loaded when they are needed.
 */
import type { AuditPlace } from "./audit.ts";
import { placeOf } from "./broker/audit_trail.ts";
import type { ContextEntry } from "./broker/types.ts";
import type { Settings } from "./config/settings/settings.ts";
import type { KubeClient } from "./kube/client.ts";
import type { Kubeconfig } from "./kube/kubeconfig/load.ts";
import type { ClusterAccess, Transport } from "./kube/types.ts";
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
  /**
   * Looks for what was named at the start, a context or a kubeconfig: a typo in it is told at once,
   * also by what asks nothing of a cluster.
   *
   * @throws {ConfigError} it is not there, or cannot be used
   */
  requireNamed(): Promise<void>;
  /** The current context as the audit names it, as far as it is known; asks nothing. */
  place(): AuditPlace;
  /** Ends connections and the demo cluster. */
  close(): Promise<void>;
}

type Cluster = Pick<Clusters, "access" | "connect">;

/** A client, and the way to renew what it is authenticated with. */
interface Link {
  readonly client: KubeClient;
  readonly adopt: (access: ClusterAccess) => void;
}

/**
 * Connects on first use: until then no file is read and nothing is sent.
 *
 * @param tell is told what a person who has to log in should see
 * @param actAs from what the configuration says to what requests are made with
 * @param watch is put round what sends requests
 */
export function createClusters(
  settings: Settings,
  logger: Logger,
  tell?: (line: string) => void,
  actAs: (access: ClusterAccess) => ClusterAccess | Promise<ClusterAccess> = (access) => access,
  watch: <Wire extends Transport>(transport: Wire) => Wire = (transport) => transport,
): Clusters {
  const closers: (() => void | Promise<void>)[] = [];
  const others = new Map<string, Cluster>();
  let settled: ClusterAccess | undefined;
  const demo = shared(startDemo);
  const current = followedCluster(async (former) => {
    const read = settings.demo ? demo() : configuredAccess(settings, former);
    const access = await read.then(actAs);
    settled = access;
    return access;
  }, linkTo);

  function at(context: string | undefined): Cluster {
    if (context === undefined) return current;
    // The default namespace that is given belongs to the current context alone.
    const other = others.get(context) ??
      followedCluster(
        (former) =>
          configuredAccess({ ...settings, context, namespace: undefined }, former).then(actAs),
        linkTo,
      );
    others.set(context, other);
    return other;
  }

  async function startDemo(): Promise<ClusterAccess> {
    const demo = await (await import("./demo/demo.ts")).startDemo();
    closers.push(() => demo.close());
    return { ...demo.access, namespace: namespaceOf(settings) ?? demo.access.namespace };
  }

  async function linkTo(
    access: ClusterAccess,
    renew: () => Promise<ClusterAccess>,
  ): Promise<Link> {
    const [{ createTransport }, { createClient }] = await Promise.all([
      import("./kube/transport/transport.ts"),
      import("./kube/client.ts"),
    ]);
    const transport = watch(createTransport(access, {
      userAgent: `kubecode/${VERSION}`,
      logger,
      env: (name) => Deno.env.get(name),
      connectTimeoutMs: settings.connectTimeoutMs,
      execTimeoutMs: settings.execTimeoutMs,
      tell,
      renew,
    }));
    const client = createClient(access, transport, {
      discoveryTimeoutMs: settings.connectTimeoutMs,
    });
    closers.push(() => client.close());
    return { client, adopt: transport.adopt };
  }

  return {
    access: (context) => at(context).access(),
    connect: (context) => at(context).connect(),
    async requireNamed() {
      if (settings.demo) return;
      if (settings.context !== undefined) await current.access();
      // One without a current context serves scripts that name theirs.
      else if (settings.kubeconfig !== undefined) await configuration(settings);
    },
    async contexts() {
      if (settings.demo) return [entryOf(await current.access())];
      return entriesOf(await configuration(settings), settings, settled?.context);
    },
    place: () => settled === undefined ? {} : placeOf(settled),
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/**
 * One context's cluster, followed for as long as the program runs.
 *
 * @param read what the configuration says of it now
 * @param linkTo connects to what it says
 */
function followedCluster(
  read: (former?: ClusterAccess) => Promise<ClusterAccess>,
  linkTo: (access: ClusterAccess, renew: () => Promise<ClusterAccess>) => Promise<Link>,
): Cluster {
  const follow = shared(async () => {
    const { followAccess } = await import("./kube/kubeconfig/follow.ts");
    return followAccess(read);
  });
  let made: { readonly access: ClusterAccess; readonly link: Promise<Link> } | undefined;
  return {
    access: async () => await (await follow()).latest(),
    async connect() {
      const followed = await follow();
      const access = await followed.latest();
      const { isSamePlace } = await import("./kube/transport/renewal.ts");
      // Another server, or another namespace to begin with, is a client of its own.
      if (made === undefined || !isSamePlace(made.access, access)) {
        made = { access, link: linkTo(access, followed.again) };
      }
      const mine = made;
      const { client, adopt } = await mine.link.catch((error) => {
        if (made === mine) made = undefined;
        throw error;
      });
      adopt(access);
      return client;
    },
  };
}

/** @param current its name, where that is settled */
function entriesOf(
  { contexts, currentContext }: Kubeconfig,
  settings: Settings,
  current = settings.context ?? currentContext,
): ContextEntry[] {
  return [...contexts].map(([name, { cluster = "", namespace = "default" }]) =>
    name === current
      ? { name, cluster, namespace: namespaceOf(settings) ?? namespace, current: true }
      : { name, cluster, namespace: settings.allNamespaces ? "" : namespace, current: false }
  );
}

function entryOf({ context, cluster, namespace }: ClusterAccess): ContextEntry {
  return { name: context, cluster, namespace, current: true };
}

async function configuration(
  { kubeconfig }: Settings,
  former?: ClusterAccess,
): Promise<Kubeconfig> {
  const { IN_CLUSTER, loadKubeconfig } = await import("./kube/kubeconfig/load.ts");
  return await loadKubeconfig({
    inCluster: former?.sources?.[0] === IN_CLUSTER,
    env: (name) => Deno.env.get(name),
    ...(kubeconfig ? { path: kubeconfig } : {}),
  });
}

/**
 * What the configuration says now.
 *
 * @param former what it said before: the context stays, whichever is the current one by now
 */
async function configuredAccess(
  settings: Settings,
  former?: ClusterAccess,
): Promise<ClusterAccess> {
  const { resolveAccess } = await import("./kube/kubeconfig/access.ts");
  const context = former?.context || settings.context;
  const access = await resolveAccess(await configuration(settings, former), {
    ...(context ? { context } : {}),
    ...(settings.namespace ? { namespace: settings.namespace } : {}),
  });
  return settings.allNamespaces ? { ...access, namespace: "" } : access;
}

/** The default namespace that is asked for; "" for all of them. */
function namespaceOf({ namespace, allNamespaces }: Settings): string | undefined {
  return allNamespaces ? "" : namespace;
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
