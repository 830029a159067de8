/** The embedded demo cluster: the Kubernetes API on loopback, with a small shop to look after. */
import type { ClusterAccess } from "../kube/types.ts";
import type { Cluster } from "./base/cluster.ts";
import { createHandler } from "./http/server.ts";
import { fillShop } from "./story/shop.ts";
import { createStore } from "./base/store.ts";
import { onAbort } from "../std/async.ts";

/** A running demo cluster. */
export interface DemoCluster {
  /** How to reach it; the context is "demo", its namespace "shop". */
  readonly access: ClusterAccess;
  /** The same for kubectl: a kubeconfig, as YAML. */
  readonly kubeconfig: string;
  /** Ends it: watches are closed, the port is free afterwards. */
  close(): Promise<void>;
}

/** A token nobody can guess: 128 bits, hexadecimal. */
function randomToken(): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** kubectl sends no token over plain HTTP: the server's path carries it too. */
const kubeconfigOf = (server: string, token: string) =>
  `apiVersion: v1
kind: Config
current-context: demo
clusters:
- name: demo
  cluster:
    server: ${server}/${token}
users:
- name: demo
  user:
    token: ${token}
contexts:
- name: demo
  context:
    cluster: demo
    user: demo
    namespace: shop
`;

/**
 * Starts a demo cluster on a free port of 127.0.0.1.
 *
 * @example
 * ```ts
 * const demo = await startDemo();
 * await fetch(`${demo.access.server}/version`); // 401: every request needs the token
 * await demo.close();
 * ```
 *
 * @param options.signal ends the cluster when aborted, as `close` does
 */
export async function startDemo(options: { signal?: AbortSignal } = {}): Promise<DemoCluster> {
  options.signal?.throwIfAborted();
  const ending = new AbortController();
  const cluster: Cluster = {
    store: createStore(),
    now: () => new Date(),
    signal: ending.signal,
  };
  fillShop(cluster);
  const token = randomToken();
  const listening = Promise.withResolvers<number>();
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => listening.resolve(port),
      onError: () => new Response("internal error\n", { status: 500 }),
    },
    createHandler(cluster, token),
  );
  const address = `http://127.0.0.1:${await listening.promise}`;
  let closing: Promise<void> | undefined;
  let aborting: Disposable | undefined = undefined;
  const close = () => {
    closing ??= (async () => {
      aborting?.[Symbol.dispose]();
      ending.abort();
      await server.shutdown();
    })();
    return closing;
  };
  aborting = options.signal && onAbort(options.signal, () => void close());
  return {
    access: {
      context: "demo",
      cluster: "demo",
      user: "demo",
      server: address,
      namespace: "shop",
      tls: { insecureSkipVerify: false },
      credentials: { bearer: { kind: "token", token } },
    },
    kubeconfig: kubeconfigOf(address, token),
    close,
  };
}
