/**
 * The same small and large things asked of another server for Kubernetes, in the same run: the npm package
 * `kubernetes-mcp-server`, which is a program in Go with a tool for each thing.
 */
import { Client } from "@modelcontextprotocol/client";
import type { TestCluster } from "../cluster/cluster.ts";
import { cleanEnvironment, requireBuilt, type Variant } from "../e2e/program.ts";
import { processTransport } from "../support/process_transport.ts";
import { KEEP_NONE } from "./lists_again.ts";
import { type Figure, percentile, processorMs, timed, treeMemory } from "./measure.ts";

/** Its package. */
export const PEER = "kubernetes-mcp-server@0.0.67";
const INSTALL_TIMEOUT_MS = 180_000;
const MB = 1024 * 1024;
const STARTS = 5;
const CALLS = 60;
const LISTS = 5;
/** After a burst memory should be back within so many milliseconds. */
const AFTER_MS = 10_000;
const CROWD = 8;
const BYTES_PER_TOKEN = 4;

/** A server with a client connected to it, and what it is asked. */
interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly get: Call;
  readonly log: Call;
  readonly list: Call;
}

interface Call {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** In the units of the rows; the median of each. */
type Measured = Readonly<Record<(typeof ROWS)[number][0], number>>;

const ROWS = [
  ["start", "start to initialize", "ms"],
  ["startCpu", "processor time of that start", "ms"],
  ["tools", "descriptions of all tools (tools/list)", "tokens"],
  ["idle", "idle, nothing asked yet, all processes (RSS)", "MB"],
  ["get", "get one pod, one after the other", "ms"],
  ["getCpu", "processor time of such a call", "ms"],
  ["pauses", "get one pod, with a pause of 300 ms before it", "ms"],
  ["pairs", "get one pod, two at once, both", "ms"],
  ["fours", "get one pod, four at once, all", "ms"],
  ["log", "the last 100 lines of a log", "ms"],
  ["list", "all pods", "ms"],
  ["answer", "what a model reads for the number of pods", "tokens"],
  ["crowd", `${CROWD} times all pods at once`, "ms"],
  ["after", "ten seconds after that, all processes (RSS)", "MB"],
] as const;

/** Measures both. */
export async function peers(variant: Variant, cluster: TestCluster): Promise<Figure[]> {
  requireBuilt(variant);
  const pod = { namespace: "bench", name: "web-00000" };
  const at = ["--kubeconfig", cluster.kubeconfig];
  const script = (code: string): Call => ({ name: "evaluate_script", arguments: { script: code } });
  const own = await measure({
    name: "kubecode",
    command: variant.command,
    args: [...variant.args, "--enable-rate-limiting=false", ...KEEP_NONE, ...at],
    get: script(`k8s.coreV1().pods("${pod.namespace}").get("${pod.name}")`),
    log: script(
      `k8s.coreV1().pods("${pod.namespace}").getLogs("${pod.name}", {container: "web", tailLines: 100})`,
    ),
    list: script(
      `k8s.coreV1().pods("").list().items.map(p => [p.metadata.namespace, p.metadata.name,
         p.status.phase]).length`,
    ),
  });
  const folder = await Deno.makeTempDir({ prefix: "kubecode-bench-" });
  try {
    const peer = await measure({
      name: PEER,
      command: await install(folder),
      args: at,
      get: { name: "pods_get", arguments: pod },
      log: { name: "pods_log", arguments: { ...pod, container: "web", tail: 100 } },
      list: { name: "pods_list", arguments: {} },
    });
    return ROWS.map(([key, what, unit]) => ({
      what,
      value: own[key],
      unit,
      reference: { what: `${PEER}, by its tools`, value: peer[key] },
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Installs the peer, unless KUBECODE_BENCH_PEER names its program; its path. */
export async function install(folder: string): Promise<string> {
  const given = Deno.env.get("KUBECODE_BENCH_PEER");
  if (given) return given;
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--prefix", folder, "--no-audit", "--no-fund", PEER],
    stdin: "null",
    signal: AbortSignal.timeout(INSTALL_TIMEOUT_MS),
  }).output();
  if (!success) {
    throw new Error(`npm cannot install ${PEER}: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return `${folder}/node_modules/.bin/kubernetes-mcp-server`;
}

async function measure(contender: Contender): Promise<Measured> {
  const starts: { readonly start: number; readonly cpu: number; readonly idle: number }[] = [];
  for (let round = 0; round < STARTS; round++) {
    await using server = await open(contender);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const idle = treeMemory(server.pid).rssBytes / MB;
    starts.push({ start: server.startMs, cpu: processorMs(server.pid), idle });
  }
  await using server = await open(contender);
  const { pid, ask } = server;
  const { get, log, list } = contender;
  await ask(get);
  const times = async (count: number, run: () => Promise<unknown>, pauseMs = 0) => {
    const samples: number[] = [];
    for (let round = 0; round < count; round++) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      samples.push(await timed(run));
    }
    return percentile(samples, 0.5);
  };
  const together = (count: number, call: Call) => () =>
    Promise.all(Array.from({ length: count }, () => ask(call)));
  const before = processorMs(pid);
  const row = await times(CALLS, () => ask(get));
  const getCpu = (processorMs(pid) - before) / CALLS;
  const of = (name: "start" | "cpu" | "idle") => percentile(starts.map((one) => one[name]), 0.5);
  return {
    start: of("start"),
    startCpu: of("cpu"),
    tools: await server.tools(),
    idle: of("idle"),
    get: row,
    getCpu,
    pauses: await times(CALLS / 6, () => ask(get), 300),
    pairs: await times(CALLS / 4, together(2, get)),
    fours: await times(CALLS / 6, together(4, get)),
    log: await times(CALLS / 2, () => ask(log)),
    list: await times(LISTS, () => ask(list)),
    answer: tokensOf((await ask(list)).content),
    crowd: await times(1, together(CROWD, list)),
    after: await settled(pid),
  };
}

async function settled(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  return treeMemory(pid).rssBytes / MB;
}

/** Starts a server, and waits for its answer to `initialize`. */
async function open({ name, command, args }: Contender) {
  const started = performance.now();
  const transport = processTransport({ command, args, env: cleanEnvironment() });
  const client = new Client({ name: "bench", version: "0" });
  await client.connect(transport);
  const startMs = performance.now() - started;
  return {
    startMs,
    pid: transport.pid,
    async ask(call: Call) {
      const { content, isError } = await client.callTool(call, { timeout: 300_000 });
      if (isError) throw new Error(`${name}: ${call.name}: ${JSON.stringify(content)}`);
      return { content };
    },
    tools: async () => tokensOf((await client.listTools()).tools),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** About as many tokens as a value has when it is written out. */
function tokensOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length / BYTES_PER_TOKEN;
}
