/** What the questions of tests/tasks cost a model: bytes of arguments and results, calls, time. */
import type { TestCluster } from "../cluster/cluster.ts";
import { connect } from "../support/clusters.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { loadKubeconfig } from "../../lib/kube/kubeconfig/load.ts";
import { resolveAccess } from "../../lib/kube/kubeconfig/access.ts";
import { kubectlOver } from "../tasks/kubectl.ts";
import { loadTaskObjects, shopDefinition, untilMetrics, untilSettled } from "../tasks/objects.ts";
import { scriptOf, TASKS } from "../tasks/tasks.ts";
import type { Figure } from "./measure.ts";

const NAMESPACE = "tasks-bench";
const BYTES_PER_TOKEN = 4;

/** Asks all of them once, after one that warms up; prints a line for each. */
export async function questions(cluster: TestCluster): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode-bench-" });
  const kubectl = kubectlOver(cluster.kubeconfig, folder, cluster.programs.kubectl);
  await loadTaskObjects(kubectl, NAMESPACE, await shopDefinition());
  await untilSettled(kubectl, NAMESPACE);
  await untilMetrics(kubectl, NAMESPACE);
  await Deno.remove(folder, { recursive: true });
  const kubeconfig = await loadKubeconfig({ path: cluster.kubeconfig, env: () => undefined });
  const access = await resolveAccess(kubeconfig);
  await using connected = await connect({
    name: "control plane",
    open: () => Promise.resolve({ access, close: () => Promise.resolve() }),
  });
  await using evaluator = testEvaluator(connected.broker);
  await evaluator.value("k8s.coreV1().nodes().list().items.length");
  const bytes = { arguments: 0, results: 0 };
  let calls = 0;
  let ms = 0;
  console.log("bytes of arguments, bytes of result, calls:");
  for (const task of TASKS) {
    const script = scriptOf(task);
    const done = await evaluator.run(script, 60_000);
    if (!done.ok) throw new Error(`${task.name}: ${JSON.stringify(done.failure)}`);
    const argumentBytes = byteLength(JSON.stringify({ script }));
    const resultBytes = byteLength(done.result.text);
    bytes.arguments += argumentBytes;
    bytes.results += resultBytes;
    calls += done.calls;
    ms += done.durationMs;
    console.log(
      `  ${task.name.padEnd(28)}${`${argumentBytes}`.padStart(6)}${`${resultBytes}`.padStart(6)}` +
        `${`${done.calls}`.padStart(4)}`,
    );
  }
  const plain = await plainList(cluster);
  return [
    {
      what: "twelve questions, arguments and results",
      value: (bytes.arguments + bytes.results) / BYTES_PER_TOKEN,
      unit: "tokens",
      aim: "4000 tokens",
    },
    { what: "of these, arguments", value: bytes.arguments / BYTES_PER_TOKEN, unit: "tokens" },
    { what: "twelve questions, calls", value: calls, unit: "calls" },
    {
      what: "twelve questions, one after the other",
      value: ms,
      unit: "ms",
      reference: { what: "one list of all pods by plain fetch", value: plain },
    },
  ];
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

async function plainList({ api }: TestCluster): Promise<number> {
  const started = performance.now();
  await api.request("GET", "/api/v1/pods");
  return performance.now() - started;
}
