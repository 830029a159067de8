/**
 * Many callers of one server over HTTP, each sending one small thing after the other: throughput, times,
 * memory, the event loop; beside another server for Kubernetes in the same run, where that can be had.
 */
import type { Client } from "@modelcontextprotocol/client";
import type { TestCluster } from "../cluster/cluster.ts";
import { cleanEnvironment, type Variant } from "../e2e/program.ts";
import { connectTo, startHttp } from "../http/served.ts";
import { type Figure, type Memory, peakMemory, percentile } from "./measure.ts";
import { install, PEER } from "./peers.ts";

const MB = 1024 * 1024;
const CALLERS = [1, 8, 64, 256];
/** Calls of all callers together, at each number of callers. */
const CALLS = 512;
/** Longest time for one call, with all that it waits. */
const PATIENCE_MS = 120_000;
const LAG = "kubecode_event_loop_lag_seconds";

interface Call {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

const script = (code: string): Call => ({ name: "evaluate_script", arguments: { script: code } });

const OWN: readonly Call[] = [
  script("1 + 1"),
  script(`k8s.coreV1().namespaces().list().items.map(n => n.metadata.name)`),
  script(`k8s.coreV1().configMaps("default").get("kube-root-ca.crt").metadata.name`),
  script(`k8s.coreV1().services("default").list().items.length`),
];
/** What comes next to them. */
const PEERS: readonly Call[] = [
  { name: "configuration_view", arguments: {} },
  { name: "namespaces_list", arguments: {} },
  {
    name: "resources_get",
    arguments: {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "default",
      name: "kube-root-ca.crt",
    },
  },
  {
    name: "resources_list",
    arguments: { apiVersion: "v1", kind: "Service", namespace: "default" },
  },
];

interface Loaded {
  readonly perSecond: number;
  readonly ms: readonly number[];
  /** Calls that were told to come again, and did. */
  readonly shed: number;
  readonly failed: number;
  readonly peak: Memory;
}

/** Measures both, at each number of callers. */
export async function load(
  variant: Variant,
  cluster: Pick<TestCluster, "kubeconfig">,
): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-bench-" });
  try {
    await using own = await startHttp(variant, ["--kubeconfig", cluster.kubeconfig]);
    await using peer = await startPeer(folder, cluster).catch((error) => {
      console.error(`without ${PEER}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    const figures: Figure[] = [];
    for (const callers of CALLERS) {
      const before = await lagOf(own.url);
      const mine = await press(own, callers, OWN);
      const lag = lagBelow(before, await lagOf(own.url), 0.99);
      const theirs = peer && await press(peer, callers, PEERS);
      figures.push(...figuresOf(callers, mine, theirs, lag));
    }
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function figuresOf(
  callers: number,
  mine: Loaded,
  theirs: Loaded | undefined,
  lag: number,
): Figure[] {
  const figure = (
    what: string,
    unit: Figure["unit"],
    of: (one: Loaded) => number,
    aim?: string,
  ): Figure => ({
    what: `${callers} callers: ${what}`,
    value: of(mine),
    unit,
    ...(theirs ? { reference: { what: `${PEER}, by its tools`, value: of(theirs) } } : {}),
    ...(aim === undefined ? {} : { aim }),
  });
  return [
    figure("calls a second", "", ({ perSecond }) => perSecond),
    figure("p50", "ms", ({ ms }) => percentile(ms, 0.5), callers === 8 ? "25 ms" : undefined),
    figure("p99", "ms", ({ ms }) => percentile(ms, 0.99)),
    figure("peak, all processes (PSS)", "MB", ({ peak }) => peak.pssBytes / MB, "1500 MB"),
    figure("told to come again (503)", "calls", ({ shed }) => shed),
    figure("failed otherwise", "calls", ({ failed }) => failed, "0"),
    {
      what: `${callers} callers: event loop late by at most, p99`,
      value: lag * 1000,
      unit: "ms",
      aim: "50 ms",
    },
  ];
}

/** Has callers send calls until there are none left. */
async function press(
  server: { readonly url: URL; readonly pid: number },
  callers: number,
  calls: readonly Call[],
): Promise<Loaded> {
  const clients: Client[] = [];
  for (let n = 0; n < callers; n++) clients.push(await connectTo(server.url, "legacy"));
  const ms: number[] = [];
  let [next, shed, failed] = [0, 0, 0];
  const one = async (client: Client, call: Call) => {
    const started = performance.now();
    while (performance.now() - started < PATIENCE_MS) {
      try {
        const { isError } = await client.callTool(call, { timeout: PATIENCE_MS });
        if (isError) failed += 1;
        ms.push(performance.now() - started);
        return;
      } catch (error) {
        if (!/503|Too many calls/.test(String(error))) break;
        shed += 1;
        await new Promise((resolve) => setTimeout(resolve, 1_000 * (1 + Math.random())));
      }
    }
    failed += 1;
  };
  for (const call of calls) await one(clients[0]!, call);
  ms.length = 0;
  const started = performance.now();
  const peak = await peakMemory(server.pid, async () => {
    await Promise.all(clients.map(async (client) => {
      while (next < CALLS) await one(client, calls[next++ % calls.length]!);
    }));
  });
  const perSecond = ms.length / (performance.now() - started) * 1000;
  await Promise.all(clients.map((client) => client.close()));
  return { perSecond, ms, shed, failed, peak };
}

/** The other server over HTTP, on a free port. */
async function startPeer(folder: string, { kubeconfig }: Pick<TestCluster, "kubeconfig">) {
  const command = await install(folder);
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const child = new Deno.Command(command, {
    args: ["--kubeconfig", kubeconfig, "--bind-address=127.0.0.1", `--port=${port}`, "--stateless"],
    clearEnv: true,
    env: cleanEnvironment(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await child.status;
  };
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  for (let tries = 0; tries < 100; tries++) {
    try {
      await (await connectTo(url, "legacy")).close();
      return { url, pid: child.pid, [Symbol.asyncDispose]: stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await stop();
  throw new Error("it does not answer over HTTP");
}

/** How late the event loop was so far: for each bound, how often by no more. */
async function lagOf(url: URL): Promise<ReadonlyMap<number, number>> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return new Map(
    [...text.matchAll(new RegExp(`^${LAG}_bucket{le="([^"]+)"} (\\d+)`, "gm"))]
      .map(([, bound, count]) => [bound === "+Inf" ? Infinity : Number(bound), Number(count)]),
  );
}

/** The bound that so much of what was counted meanwhile is below, in seconds. */
function lagBelow(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  share: number,
): number {
  const counts = [...after].map(([bound, count]) =>
    [bound, count - (before.get(bound) ?? 0)] as const
  );
  const all = counts.at(-1)?.[1] ?? 0;
  return counts.find(([, count]) => count >= all * share)?.[0] ?? NaN;
}
