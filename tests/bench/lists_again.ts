/** A large list that is asked for again, beside the same list from a server that keeps none. */
import type { TestCluster } from "../cluster/cluster.ts";
import { type ServerUnderTest, startServer, type Variant } from "../e2e/program.ts";
import { type Figure, percentile, processorMs, timed } from "./measure.ts";

/** For what measures how a list is fetched. */
export const KEEP_NONE = ["--list-cache-mib", "0"] as const;

const ROUNDS = 9;
const SESSIONS = 5;
const PAUSE_MS = 300;
const PATIENCE_MS = 300_000;
/** Pods of the namespace `bench` that somebody changes. */
const CHANGED = [3, 250, 251, 700, 900, 901, 1_200, 1_400, 1_800, 1_999];

interface Samples {
  readonly ms: number[];
  readonly cpuMs: number[];
}

/** @param script its text is the number of pods, of which there are `pods` */
export async function listsAgain(
  variant: Variant,
  cluster: TestCluster,
  script: string,
  pods: number,
): Promise<Figure[]> {
  const start = (...args: string[]) =>
    startServer(variant, ["--kubeconfig", cluster.kubeconfig, ...args]);
  const samples = {
    first: none(),
    second: none(),
    unchanged: none(),
    changed: none(),
    anew: none(),
  };
  const measure = async (server: ServerUnderTest, into?: Samples) => {
    const before = processorMs(server.pid);
    const ms = await timed(async () => {
      const { text } = await server.script(script, PATIENCE_MS);
      if (Number(text) < pods) throw new Error(`the list came to ${text}`);
    });
    into?.ms.push(ms);
    into?.cpuMs.push(processorMs(server.pid) - before);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };
  for (let session = 0; session < SESSIONS; session++) {
    await using server = await start();
    await measure(server, samples.first);
    await measure(server, samples.second);
  }
  await using keeping = await start();
  await using anew = await start(...KEEP_NONE);
  // Warms both up, and has a list kept.
  for (const server of [keeping, anew, keeping, anew]) await measure(server);
  for (let round = 0; round < ROUNDS; round++) {
    await measure(keeping, samples.unchanged);
    await measure(anew, samples.anew);
    await change(cluster, pods, round);
    await measure(keeping, samples.changed);
    await measure(keeping);
  }
  const figure = (
    what: string,
    of: keyof typeof samples,
    key: keyof Samples,
    beside: keyof typeof samples,
    aim?: string,
  ): Figure => ({
    what,
    value: percentile(samples[of][key], 0.5),
    unit: "ms",
    reference: { what: BESIDE[beside]!, value: percentile(samples[beside][key], 0.5) },
    aim,
  });
  const again = `${pods} pods to rows again, a warm server`;
  const cpu = "processor time of that, all processes of the server";
  return [
    figure(`${pods} pods to rows, the second time`, "second", "ms", "first", "ratio 0.4"),
    figure(`${again}, nothing changed, p50`, "unchanged", "ms", "anew", "ratio 0.4"),
    figure(cpu, "unchanged", "cpuMs", "anew"),
    figure(`${again}, ten of them changed, p50`, "changed", "ms", "anew"),
    figure(cpu, "changed", "cpuMs", "anew"),
  ];
}

const BESIDE: Readonly<Record<string, string>> = {
  first: "the first of that session",
  anew: "the same by a warm server that keeps no lists",
};

function none(): Samples {
  return { ms: [], cpuMs: [] };
}

async function change({ api }: TestCluster, pods: number, round: number): Promise<void> {
  for (const each of CHANGED) {
    const name = `web-${String(each % pods).padStart(5, "0")}`;
    await api.request("PATCH", `/api/v1/namespaces/bench/pods/${name}`, {
      body: { metadata: { labels: { round: `${round}-${Date.now()}` } } },
      contentType: "application/merge-patch+json",
    });
  }
}
