/**
 * Benchmarks of the whole program over the real control plane: `deno task bench [--binary] [--pods N]`.
 *
 * Each figure stands beside a reference measured in the same run, since machines differ and are
 * noisy. Prints a table, and writes it to bench-results/.
 */
import { type Figure, peakMemory, percentile, table, timed, treeMemory } from "./measure.ts";
import { startCluster, type TestCluster } from "../cluster/cluster.ts";
import { createPods } from "../cluster/load.ts";
import { startServer, type Variant, VARIANTS } from "../e2e/program.ts";

const MB = 1024 * 1024;
const ROUNDS = 7;
const NO_PEAKS = { pssBytes: 0, rssBytes: 0 };

const ROW = `[p.metadata.namespace, p.metadata.name, p.status.phase, p.spec.nodeName,
  (p.status.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0)]`;

/** The list reduced to rows, whole and a page at a time. */
const ROWS = [
  ["", `k8s.coreV1().pods("").list().items.map(p => ${ROW}).length`],
  [
    " by pages",
    `const rows = []; for (const page of k8s.coreV1().pods("").pages()) for (const p of page) rows.push(${ROW}); rows.length`,
  ],
  [
    " by pages, awaited",
    `const rows = []; for await (const page of k8s.coreV1().pods("").pages()) for (const p of page) rows.push(${ROW}); rows.length`,
  ],
] as const;

/** Start to initialize and to the first answer, against a Deno program that does nothing. */
async function starts(variant: Variant, cluster: TestCluster): Promise<Figure[]> {
  const initialize: number[] = [];
  const first: number[] = [];
  const bare: number[] = [];
  const nothing = new URL("data:text/javascript,0").href;
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(
      await timed(() =>
        new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", nothing] }).output()
      ),
    );
    const started = performance.now();
    await using server = await startServer(variant, ["--kubeconfig", cluster.kubeconfig]);
    initialize.push(performance.now() - started);
    await server.script("1 + 1");
    first.push(performance.now() - started);
  }
  const reference = {
    what: "deno run of an empty program, start to end",
    value: percentile(bare, 0.5),
  };
  return [
    { what: "start to initialize", value: percentile(initialize, 0.5), unit: "ms", reference },
    { what: "start to first result", value: percentile(first, 0.5), unit: "ms", reference },
  ];
}

/** A trivial script with a warm child and with a cold one, against a ping over the same pipes. */
async function trivial(variant: Variant, cluster: TestCluster): Promise<Figure[]> {
  await using server = await startServer(variant, ["--kubeconfig", cluster.kubeconfig]);
  const warm: number[] = [];
  const cold: number[] = [];
  const typed: number[] = [];
  const ping: number[] = [];
  await server.script("1");
  for (let round = 0; round < 30; round++) {
    // The next child is warm again a moment after the last script.
    await new Promise((resolve) => setTimeout(resolve, 300));
    ping.push(await timed(() => server.client.listTools()));
    warm.push(await timed(() => server.script("1 + 1")));
    // At once after that no child is warm yet.
    cold.push(await timed(() => server.script("1 + 1")));
    if (round % 3 > 0) continue;
    await new Promise((resolve) => setTimeout(resolve, 300));
    typed.push(await timed(() => server.script("const n: number = 1; n + 1")));
  }
  const reference = { what: "tools/list over the same pipes", value: percentile(ping, 0.5) };
  return [
    {
      what: "trivial script, warm child, p50",
      value: percentile(warm, 0.5),
      unit: "ms",
      reference,
      aim: "10 ms",
    },
    {
      what: "trivial script, cold child, p50",
      value: percentile(cold, 0.5),
      unit: "ms",
      reference,
      aim: "60 ms",
    },
    {
      what: "trivial TypeScript, warm child, p50",
      value: percentile(typed, 0.5),
      unit: "ms",
      reference,
    },
  ];
}

/** The list reduced to rows, and the memory it takes, against one process that fetches and parses. */
async function list(variant: Variant, cluster: TestCluster, pods: number): Promise<Figure[]> {
  await using server = await startServer(variant, ["--kubeconfig", cluster.kubeconfig]);
  await server.script("k8s.coreV1().namespaces().list().items.length");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const idle = treeMemory(server.pid);
  const plain: number[] = [];
  let plainPeak = 0;
  const ways = ROWS.map(([way, script]) => ({ way, script, ms: [] as number[], peaks: NO_PEAKS }));
  for (let round = 0; round < ROUNDS; round++) {
    const reference = await plainList(cluster, 2);
    plain.push(...reference.ms);
    plainPeak = Math.max(plainPeak, reference.peakBytes);
    for (const one of ways) {
      const answer = { text: "" };
      const peak = await peakMemory(server.pid, async () => {
        one.ms.push(
          await timed(async () => Object.assign(answer, await server.script(one.script))),
        );
      });
      one.peaks = {
        pssBytes: Math.max(one.peaks.pssBytes, peak.pssBytes),
        rssBytes: Math.max(one.peaks.rssBytes, peak.rssBytes),
      };
      if (Number(answer.text) < pods) throw new Error(`the list${one.way} came to ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const reference = {
    what: "plain fetch and JSON.parse, one process, one request",
    value: percentile(plain, 0.5),
  };
  const memory = { what: "that process at its peak", value: plainPeak / MB };
  return [
    ...ways.map(({ way, ms }): Figure => ({
      what: `${pods} pods to rows${way}, p50`,
      value: percentile(ms, 0.5),
      unit: "ms",
      reference,
      aim: "ratio 2",
    })),
    {
      what: "idle with a warm child, all processes (PSS)",
      value: idle.pssBytes / MB,
      unit: "MB",
      aim: "150 MB",
    },
    { what: "idle with a warm child, all processes (RSS)", value: idle.rssBytes / MB, unit: "MB" },
    ...ways.flatMap(({ way, peaks }): Figure[] => [
      {
        what: `peak in that list${way}, all processes (PSS)`,
        value: peaks.pssBytes / MB,
        unit: "MB",
        reference: memory,
        aim: "600 MB",
      },
      {
        what: `peak in that list${way}, all processes (RSS)`,
        value: peaks.rssBytes / MB,
        unit: "MB",
        reference: memory,
      },
    ]),
  ];
}

async function plainList(cluster: TestCluster, rounds: number) {
  const script = new URL("./plain_list.ts", import.meta.url).pathname;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      script,
      cluster.server,
      cluster.tokens.admin,
      cluster.ca,
      `${rounds}`,
    ],
  }).output();
  if (!success) throw new Error("the reference failed");
  const lines = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  return {
    ms: lines.filter((line) => line.ms).map((line) => line.ms as number),
    peakBytes: lines.at(-1)?.peakBytes as number,
  };
}

async function main(args: readonly string[]): Promise<void> {
  const pods = Number(/--pods[= ](\d+)/.exec(args.join(" "))?.[1] ?? 2000);
  const variant = VARIANTS.find(({ name }) =>
    name === (args.includes("--binary") ? "binary" : "source")
  )!;
  console.error(`Starting a cluster with ${pods} pods …`);
  await using cluster = await startCluster({ metrics: false });
  await createPods(cluster, { namespace: "bench", count: pods });
  const figures = [
    ...await starts(variant, cluster),
    ...await trivial(variant, cluster),
    ...await list(variant, cluster, pods),
  ];
  console.log(
    `kubecode from ${variant.name}, Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores\n`,
  );
  console.log(table(figures));
  await Deno.mkdir("bench-results", { recursive: true });
  const path = `bench-results/${variant.name}-${pods}.json`;
  await Deno.writeTextFile(
    path,
    `${JSON.stringify({ variant: variant.name, pods, figures }, null, 2)}\n`,
  );
  console.log(`\nWritten to ${path}`);
}

await main(Deno.args);
