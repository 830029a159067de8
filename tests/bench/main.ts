/**
 * Benchmarks of the whole program over the real control plane:
 *
 *     deno task bench [--binary] [--pods N] [--only starts,trivial,list,again,guards,redaction,calls,load,crowd,commands,shell,peers,questions,memory]
 *
 * Each figure stands beside a reference measured in the same run, since machines differ and are
 * noisy. Prints a table for each part as soon as it is measured, and writes all to bench-results/.
 */
import { calls } from "./calls.ts";
import { commands } from "./commands.ts";
import { crowd } from "./crowd.ts";
import { guards } from "./guards.ts";
import { KEEP_NONE, listsAgain } from "./lists_again.ts";
import { load } from "./load.ts";
import { memory } from "./memory.ts";
import {
  type Figure,
  largest,
  type Memory,
  peakMemory,
  percentile,
  table,
  timed,
  treeMemory,
} from "./measure.ts";
import { peers } from "./peers.ts";
import { questions } from "./questions.ts";
import { shell } from "./shell.ts";
import { starts } from "./starts.ts";
import { startCluster, type TestCluster } from "../cluster/cluster.ts";
import { createPods } from "../cluster/load.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { type ServerUnderTest, startServer, type Variant, VARIANTS } from "../e2e/program.ts";
import { js } from "../support/script.ts";
import { ROOT } from "../../scripts/files.ts";

const MB = 1024 * 1024;
const ROUNDS = 7;
const NO_PEAKS: Memory = { pssBytes: 0, rssBytes: 0, mainBytes: 0 };

const ROW = `[p.metadata.namespace, p.metadata.name, p.status.phase, p.spec.nodeName,
  (p.status.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0)]`;

/** The list reduced to rows, whole and a page at a time. */
const ROWS = [
  ["", `k8s.coreV1().pods("").list().items.map(p => ${ROW}).length`],
  [
    " by pages",
    js`
      const rows = [];
      for (const page of k8s.coreV1().pods("").pages()) {
        for (const p of page) rows.push(${ROW});
      }
      rows.length;
    `,
  ],
  [
    " by pages, awaited",
    js`
      const rows = [];
      for await (const page of k8s.coreV1().pods("").pages()) {
        for (const p of page) rows.push(${ROW});
      }
      rows.length;
    `,
  ],
] as const;

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
  const args = [...KEEP_NONE, "--kubeconfig", cluster.kubeconfig];
  await using server = await startServer(variant, args);
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
      one.peaks = largest(one.peaks, peak);
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
      aim: "ratio 1.1",
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
      {
        what: `peak in that list${way}, main process (RSS)`,
        value: peaks.mainBytes / MB,
        unit: "MB",
        aim: "150 MB",
      },
    ]),
  ];
}

/** The pass over the text of a list, beside parsing the same bytes; the least of many rounds. */
async function redaction(cluster: TestCluster): Promise<Figure[]> {
  const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(cluster.ca)] });
  const response = await fetch(`${cluster.server}/api/v1/pods?limit=500`, {
    client,
    headers: { authorization: `Bearer ${cluster.tokens.admin}`, accept: "application/json" },
  });
  const page = new Uint8Array(await response.arrayBuffer());
  client.close();
  const redactor = createRedactor();
  const pass: number[] = [];
  const parse: number[] = [];
  for (let round = 0; round < 10 * ROUNDS; round++) {
    pass.push(await timed(() => Promise.resolve(redactor.json(page, { secrets: false }))));
    parse.push(await timed(() => Promise.resolve(JSON.parse(new TextDecoder().decode(page)))));
  }
  const megabytesPerSecond = (ms: readonly number[]) => page.length / MB / Math.min(...ms) * 1000;
  return [{
    what: `redaction of a page of 500 pods (${(page.length / MB).toFixed(1)} MB)`,
    value: megabytesPerSecond(pass),
    unit: "MB/s",
    reference: { what: "decoding and JSON.parse of the same", value: megabytesPerSecond(parse) },
    aim: "ratio 1",
  }];
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

/** The way to run the program; the binary is what `deno task compile` has left, if no other is named. */
function built(variant: Variant): Variant {
  return variant.command === "" ? { ...variant, command: `${ROOT}/dist/kubecode` } : variant;
}

async function main(args: readonly string[]): Promise<void> {
  const pods = Number(/--pods[= ](\d+)/.exec(args.join(" "))?.[1] ?? 2000);
  const wanted = args.includes("--binary") ? "binary" : "source";
  const variant = built(VARIANTS.find(({ name }) => name === wanted)!);
  console.error(`Starting a cluster with ${pods} pods …`);
  await using cluster = await startCluster();
  await createPods(cluster, { namespace: "bench", count: pods });
  const server = (use: (server: ServerUnderTest) => Promise<Figure[]>) => async () => {
    await using own = await startServer(variant, ["--kubeconfig", cluster.kubeconfig]);
    return await use(own);
  };
  const sections: Readonly<Record<string, () => Promise<Figure[]>>> = {
    starts: () => starts(variant, cluster),
    trivial: () => trivial(variant, cluster),
    list: () => list(variant, cluster, pods),
    again: () => listsAgain(variant, cluster, ROWS[0][1], pods),
    guards: () => guards(variant, cluster, ROWS[0][1], pods),
    redaction: () => redaction(cluster),
    calls: server((own) => calls(cluster, own)),
    load: () => load(variant, cluster),
    crowd: server((own) => crowd(own, ROWS[0][1], pods)),
    commands: () => commands(variant, cluster, pods),
    shell,
    peers: () => peers(variant, cluster),
    questions: () => questions(cluster),
    memory,
  };
  const only = /--only[= ](\S+)/.exec(args.join(" "))?.[1]?.split(",") ?? Object.keys(sections);
  console.log(
    `kubecode from ${variant.name}, Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores`,
  );
  const figures: Figure[] = [];
  for (const name of only) {
    console.error(`Measuring ${name} …`);
    try {
      const section = sections[name];
      if (!section) throw new Error(`there is ${Object.keys(sections).join(", ")}`);
      const measured = await section();
      console.log(`\n${table(measured)}`);
      figures.push(...measured);
    } catch (error) {
      // What else there is to measure still is.
      console.error(`${name} failed:`, error);
      Deno.exitCode = 1;
    }
  }
  await Deno.mkdir("bench-results", { recursive: true });
  const path = `bench-results/${variant.name}-${pods}.json`;
  await Deno.writeTextFile(
    path,
    `${JSON.stringify({ variant: variant.name, pods, figures }, null, 2)}\n`,
  );
  console.log(`\nWritten to ${path}`);
}

await main(Deno.args);
