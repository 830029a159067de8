/** One kubeconfig of several contexts: the control plane as several users, the demo, a dead port. */
import { load } from "js-yaml";
import { createBrokers } from "../../lib/broker/broker.ts";
import type { Broker } from "../../lib/broker/types.ts";
import { createClusters } from "../../lib/clusters.ts";
import { readSettings } from "../../lib/config/settings/settings.ts";
import { startDemo } from "../../lib/demo/demo.ts";
import { LOGGER, realKubeconfig } from "./clusters.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";

interface Named {
  readonly name: string;
}

interface Config {
  readonly clusters: readonly Named[];
  readonly contexts: readonly Named[];
  readonly users: readonly Named[];
}

/** A kubeconfig's file, for the time of a test. */
export interface TestContexts extends AsyncDisposable {
  readonly path: string;
  /** A broker over it, for which contexts that fit are allowed; the current one is `admin`. */
  broker(allowed: string, options?: { readonly readWrite?: boolean }): Broker;
}

/**
 * Contexts of the control plane `admin` (current, namespace `default`), `token` (an administrator as
 * well, namespace `kube-system`), `nobody` (no rights) and `payroll`; `demo` (the demo cluster,
 * namespace `shop`); `dead`, at a port where nobody listens.
 */
export async function openContexts(): Promise<TestContexts> {
  const demo = await startDemo();
  const real = load(await Deno.readTextFile(realKubeconfig())) as Config;
  const demos = load(demo.kubeconfig) as Config;
  const context = (name: string, cluster: string, user: string, namespace?: string) => ({
    name,
    context: { cluster, user, ...(namespace ? { namespace } : {}) },
  });
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    clusters: [
      ...real.clusters,
      ...demos.clusters,
      { name: "dead", cluster: { server: `http://127.0.0.1:${closedPort()}` } },
    ],
    users: [...real.users, ...demos.users],
    contexts: [
      context("admin", "testbed", "admin"),
      context("token", "testbed", "token", "kube-system"),
      context("nobody", "testbed", "nobody"),
      context("payroll", "testbed", "admin"),
      context("demo", "demo", "demo", "shop"),
      context("dead", "dead", "demo"),
      context("broken", "no-such-cluster", "demo"),
    ],
  };
  const path = await Deno.makeTempFile({ prefix: "kubecode-contexts-" });
  await Deno.writeTextFile(path, JSON.stringify(config));
  const closers: (() => Promise<void>)[] = [];
  return {
    path,
    broker(allowed, { readWrite = false } = {}) {
      const settings = readSettings({
        kubeconfig: path,
        contexts: allowed,
        connectTimeoutMs: "60s",
      });
      const clusters = createClusters(settings, LOGGER);
      closers.push(() => clusters.close());
      return createBrokers({
        connect: clusters.connect,
        contexts: { allowed: settings.contexts ?? [], list: clusters.contexts },
        policy: () => makePolicy({ mode: readWrite ? "read-write" : "read-only" }),
        logger: LOGGER,
      }).as({ tool: "test", session: "test" });
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
      await demo.close();
      await Deno.remove(path);
    },
  };
}

/** A port of loopback that was free a moment ago. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
