/** The clusters that the same tests run against: the embedded demo, and the real control plane. */
import assert from "node:assert/strict";
import { createBrokers } from "../../lib/broker/broker.ts";
import { makePolicy } from "../../lib/policy/profiles.ts";
import type { Rule } from "../../lib/policy/types.ts";
import type { Broker, Brokers } from "../../lib/broker/types.ts";
import { startDemo } from "../../lib/demo/demo.ts";
import { createClient, type KubeClient } from "../../lib/kube/client.ts";
import { loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";
import { resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { createTransport } from "../../lib/kube/transport/transport.ts";
import type { ClusterAccess } from "../../lib/kube/types.ts";
import { createLogger } from "../../lib/log.ts";
import type { Needy } from "./needs.ts";

/** Silent: what a test wants to know it asks for. */
export const LOGGER = createLogger("silent");

/** A cluster that a test can reach. */
export interface TestTarget {
  readonly name: "demo" | "control plane";
  /** How to reach it as its administrator; `close` when done. */
  open(): Promise<{ access: ClusterAccess; close(): Promise<void> }>;
}

/** The demo, a new one for each connection. */
export const DEMO: TestTarget & Needy = {
  name: "demo",
  needs: [],
  async open() {
    const demo = await startDemo();
    return { access: demo.access, close: () => demo.close() };
  },
};

/** The real control plane, which `deno task test` starts. */
export const CONTROL_PLANE: TestTarget & Needy = {
  name: "control plane",
  needs: ["a control plane"],
  async open() {
    const kubeconfig = await loadKubeconfig({ path: realKubeconfig(), env: () => undefined });
    return { access: await resolveAccess(kubeconfig), close: () => Promise.resolve() };
  },
};

/** Both clusters. */
export const TARGETS: readonly (TestTarget & Needy)[] = [DEMO, CONTROL_PLANE];

/** Path of the test cluster's kubeconfig; fails with the way out where there is none. */
export function realKubeconfig(): string {
  const path = Deno.env.get("KUBECODE_TEST_KUBECONFIG");
  assert.ok(path, "no control plane to test against: run the tests by `deno task test`");
  return path;
}

const ASSETS = Deno.env.get("KUBECODE_TEST_ASSETS");

/** The kubectl of the test cluster, where `deno task test` has started one; else the system's. */
export const KUBECTL = ASSETS ? `${ASSETS}/kubectl` : "kubectl";

/** The helm that came with the test cluster; else the system's. */
export const HELM = ASSETS ? `${ASSETS}/helm` : "helm";

/** A client of a target, and a broker over it, for the time of a test. */
export interface Connected extends AsyncDisposable {
  readonly client: KubeClient;
  readonly broker: Broker;
  readonly brokers: Brokers;
  readonly signal: AbortSignal;
}

/** A machine that runs tests may be slow; it is not what is tested. */
const PATIENCE_MS = 60_000;

/** What sends requests to a target, for the time of a test. */
export async function openTransport(target: TestTarget) {
  const { access, close } = await target.open();
  const transport = createTransport(access, {
    userAgent: "kubecode/test",
    logger: LOGGER,
    env: () => undefined,
    connectTimeoutMs: PATIENCE_MS,
  });
  return {
    access,
    transport,
    async [Symbol.asyncDispose]() {
      transport.close();
      await close();
    },
  };
}

/** A client of a target, for the time of a test. */
export async function openClient(target: TestTarget) {
  const opened = await openTransport(target);
  const client = createClient(opened.access, opened.transport, { discoveryTimeoutMs: PATIENCE_MS });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}

/** Connects to a target. */
export async function connect(
  target: TestTarget,
  { readWrite = false, rules = [] }: {
    readonly readWrite?: boolean;
    readonly rules?: readonly Rule[];
  } = {},
): Promise<Connected> {
  const opened = await openClient(target);
  const { client } = opened;
  const brokers = createBrokers({
    connect: () => Promise.resolve(client),
    policy: () => makePolicy({ mode: readWrite ? "read-write" : "read-only", rules }),
    logger: LOGGER,
  });
  return {
    client,
    brokers,
    broker: brokers.as({ tool: "test", session: "test" }),
    signal: new AbortController().signal,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/**
 * A pod that runs and has logs: one of the demo's, or one made for the test, which kwok runs and the
 * control plane's garbage leaves with its namespace.
 */
export async function runningPod(
  { name }: TestTarget,
  { client, signal }: Connected,
): Promise<{ namespace: string; name: string }> {
  const pods = await client.resolve({ resource: "pods" }, signal);
  const own = name === "control plane" ? uniqueName("runs") : undefined;
  const read = async () => {
    const bytes = await client.send({ verb: "list", resource: pods }, signal);
    const { items } = JSON.parse(new TextDecoder().decode(bytes)) as {
      items: {
        metadata: { name: string; namespace: string };
        status: { phase?: string; containerStatuses?: { ready: boolean }[] };
      }[];
    };
    return items.find(({ metadata, status }) =>
      // Others' may go with their namespace at any moment.
      (own === undefined || metadata.name === own) && status.phase === "Running" &&
      status.containerStatuses?.every(({ ready }) => ready)
    )?.metadata;
  };
  if (own !== undefined) {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: own },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "registry.example/app:1" }],
      },
    };
    const body = new TextEncoder().encode(JSON.stringify(pod));
    await client.send({ verb: "create", resource: pods, namespace: "default", body }, signal);
  }
  for (let tries = 0; tries < 300; tries++) {
    const found = await read();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no pod runs after 30 s");
}
