/** `kubecode demo`: what code mode is like, shown over the demo cluster. */
import { errorCodeOf } from "../errors.ts";
import { EXIT } from "../exit.ts";
import type { Evaluator } from "../eval/types.ts";
import { startHere } from "../installed/machine.ts";
import { formatFailure } from "../tools/support/evaluation_text.ts";
import { type Printer, processPrinter } from "./print.ts";

interface Stop {
  readonly question: string;
  readonly script: string;
}

const STOPS: readonly Stop[] = [
  {
    question: "Which pods are in trouble?",
    script: `k8s.coreV1().pods("").list().items
  .map(pod => ({
    pod: \`\${pod.metadata.namespace}/\${pod.metadata.name}\`,
    state: pod.status.containerStatuses?.find(c => c.state.waiting)?.state.waiting.reason
      ?? pod.status.phase,
    restarts: pod.status.containerStatuses?.reduce((sum, c) => sum + c.restartCount, 0) ?? 0,
  }))
  .filter(row => !["Running", "Succeeded"].includes(row.state))`,
  },
  {
    question: "What does the crash-looping one say?",
    script: `const pods = await k8s.coreV1().pods("").list();
const crashing = pods.items.find(pod =>
  pod.status.containerStatuses?.some(c => c.state.waiting?.reason === "CrashLoopBackOff"));
await k8s.coreV1().pods(crashing.metadata.namespace)
  .getLogs(crashing.metadata.name, { tailLines: 3, previous: true })`,
  },
  {
    question: "Which services have no endpoints behind them?",
    script: `const slices = k8s.discoveryV1().endpointSlices("").list().items;
k8s.coreV1().services("").list().items
  .filter(service => service.spec.selector && !slices.some(slice =>
    slice.metadata.namespace === service.metadata.namespace &&
    slice.metadata.labels?.["kubernetes.io/service-name"] === service.metadata.name &&
    slice.endpoints?.length))
  .map(service => ({ service: service.metadata.name, selector: service.spec.selector }))`,
  },
  {
    question: "What does the cluster warn of, most often first?",
    script: `const counts = {};
for (const event of k8s.coreV1().events("").list({ fieldSelector: "type=Warning" }).items) {
  counts[event.reason] = (counts[event.reason] ?? 0) + (event.count ?? 1);
}
Object.entries(counts).sort((a, b) => b[1] - a[1])`,
  },
  {
    question: "May an assistant delete something here? (No: read-only is the default.)",
    script: `k8s.appsV1().deployments("shop").delete("checkout")`,
  },
];

/** How to go on, with the words that start this very program. */
function connect(): string {
  const { command, args } = startHere();
  const shell = [command, ...args].map((word) =>
    /[^\w@%+=:,./\\-]/.test(word) ? `"${word}"` : word
  );
  return `Connect your assistants (each change is shown first, and asked about):

  ${shell.join(" ")} install

or add this to the configuration of MCP servers yourself:

  "kubecode": ${JSON.stringify({ command, args: [...args, "--demo"] })}

without --demo for your own cluster (the kubeconfig that kubectl uses).`;
}

/** Runs the stops of the tour, one after the other. @returns the exit code */
export async function showTour(
  evaluator: Evaluator,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
): Promise<number> {
  printer.out("A small shop runs on the demo cluster inside this process, and not all is well.\n");
  let failed = 0;
  for (const [at, { question, script }] of STOPS.entries()) {
    printer.out(`# ${question}\n\n${indent(script, "    ")}\n`);
    const evaluation = await evaluator.evaluate({ script }, {
      origin: { tool: "demo", session: "terminal" },
      signal,
    });
    printer.out(
      indent(
        evaluation.ok ? pretty(evaluation.result.text) : formatFailure(evaluation.failure),
        "  → ",
      ),
    );
    printer.out(`    (${evaluation.calls} calls, ${Math.round(evaluation.durationMs)} ms)\n`);
    // The last stop is there to be refused.
    const refused = !evaluation.ok && errorCodeOf(evaluation.failure.name) === "policy";
    if (at === STOPS.length - 1 ? !refused : !evaluation.ok) failed += 1;
  }
  printer.out(connect());
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** A list as one line for each member, anything else as it is. */
function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map((one) => JSON.stringify(one)).join("\n") : text;
  } catch {
    return text.trimEnd();
  }
}

function indent(text: string, by: string): string {
  return text.split("\n").map((line) => `${by}${line}`).join("\n");
}
