/** `evaluate_script`: a program of the model's own, run next to the cluster. */
import { z } from "zod";
import { DEFAULT_LIMITS, effectiveTimeout } from "../../eval/limits.ts";
import type { EvaluationProgress, Evaluator } from "../../eval/types.ts";
import { formatEvaluation } from "../support/evaluation_text.ts";
import type { Tool } from "../types.ts";

const { defaultTimeoutMs, maxTimeoutMs } = DEFAULT_LIMITS;

const describe = (readOnly: boolean) =>
  `Run a JavaScript or TypeScript program against the Kubernetes cluster. The value \
of its last expression is the answer (strings as they are, the rest as JSON): filter and map in \
the script, return only what is needed.
Example: k8s.coreV1().pods("").list({labelSelector: "app=web"}).items
  .filter(p => p.status.phase !== "Running").map(p => [p.metadata.namespace, p.metadata.name])
Clients: k8s.coreV1() appsV1() batchV1() networkingV1() rbacV1() discoveryClient(), \
metricsV1beta1Client().podMetricses(ns), any other group as served (autoscalingV2(), policyV1(), \
…), k8s.dynamicClient().resource({group, version, resource}).namespace(ns).
Resources: .pods(ns), "" = all namespaces; .nodes() if cluster-scoped. Verbs as in client-go, ctx \
optional: list({labelSelector, fieldSelector, limit}), get(name), pages() of large lists, \
${readOnly ? "" : "create(obj), update(obj), apply(obj), patch(name, type, data), delete(name), "}\
pods(ns).getLogs(name, {container, tailLines, since: "1h", grep: /x/}). Objects have their standard \
nested form; names ignore case.
Calls block and return data; a script with await gets promises (Promise.all runs reads in parallel).
Globals: k8s, ctx, namespace (the default one), namespaceOrDefault(ns), console (returned too), \
table(rows, ["metadata.name"]), yaml(value), quantity("250m") = 0.25, \
x509(secret.data["tls.crt"]) = {notAfter, dnsNames, …}. help("pods") and explain("pod.spec") tell verbs and fields. No fetch, import, files, process.`;

const CONTEXTS =
  "Other clusters: k8s.contexts() gives names, k8s.context(name) all that k8s has there.";
const READ_ONLY = "Read-only: writes are refused.";

/** What `evaluate_script` takes. */
export interface EvaluateScriptInput {
  readonly script: string;
  /** Wall time in milliseconds, within the limits. */
  readonly timeout: number;
  /** Changes are tried out and listed, not made; the server sees to it. */
  readonly dry_run?: boolean | undefined;
}

const INPUT = z.object({
  script: z.string({
    error: ({ input }) =>
      input === undefined || input === null
        ? "script parameter required"
        : `script must be a string, not ${typeName(input)}`,
  })
    .refine((script) => script.trim() !== "", "script cannot be empty")
    .describe("The program; top-level return and await work."),
  timeout: z.unknown()
    .transform((value, context) => {
      const timeout = normalizeTimeout(value);
      if (timeout !== undefined) return timeout;
      context.addIssue(
        `timeout must be a whole number of milliseconds, not ${
          typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : typeName(value)
        }`,
      );
      return z.NEVER;
    })
    .default(defaultTimeoutMs)
    .meta({
      type: "integer",
      description: `Milliseconds; default ${defaultTimeoutMs}, max ${maxTimeoutMs}`,
    }),
});

const INPUT_WITH_PLAN = INPUT.extend({
  dry_run: z.boolean().optional().describe("Only try the changes out, and list them."),
});

/**
 * The tool that runs scripts.
 *
 * @param options.readOnly whether the cluster refuses every write: the annotations and the
 *   description then say so, which spares clients a question and models an attempt
 * @param options.contexts whether scripts may use other contexts: only then does the description name them
 */
export function evaluateScriptTool(
  evaluator: Evaluator,
  options: { readonly readOnly?: boolean; readonly contexts?: boolean } = {},
): Tool<EvaluateScriptInput> {
  const { readOnly = false, contexts = false } = options;
  return {
    name: "evaluate_script",
    description: [
      describe(readOnly),
      ...(contexts ? [CONTEXTS] : []),
      ...(readOnly ? [READ_ONLY] : []),
    ].join("\n"),
    input: readOnly ? INPUT : INPUT_WITH_PLAN,
    rate: "other",
    annotations: {
      title: "Run a script on the cluster",
      readOnlyHint: readOnly,
      destructiveHint: !readOnly,
      idempotentHint: readOnly,
      openWorldHint: true,
    },
    async run({ script, timeout }, { origin, signal, onProgress }) {
      const evaluation = await evaluator.evaluate({ script, timeoutMs: timeout }, {
        origin,
        signal,
        onProgress: onProgress && ((progress) => onProgress(progressOf(progress))),
      });
      return formatEvaluation(evaluation);
    },
  };
}

/** Progress as MCP has it: a number that grows, also while the script waits for its turn. */
function progressOf(progress: EvaluationProgress) {
  const { waitedMs, queue, elapsedMs, timeoutMs, calls } = progress;
  return {
    progress: (waitedMs + elapsedMs) / 1000,
    total: (waitedMs + timeoutMs) / 1000,
    message: queue
      ? `waits for its turn: ${queue.running} running, ${queue.waiting} waiting`
      : `${Math.floor(elapsedMs / 1000)} of at most ${Math.ceil(timeoutMs / 1000)} s, ${
        calls === 1 ? "1 request" : `${calls} requests`
      }`,
  };
}

/**
 * A timeout as it is used, by the limits' own rule. Decimal text is taken for its number, since some
 * models quote every argument. Undefined for what is no number.
 */
export function normalizeTimeout(value: unknown): number | undefined {
  if (value === undefined || value === null) return defaultTimeoutMs;
  const number = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value)
    ? Number(value)
    : value;
  if (typeof number !== "number" || Number.isNaN(number)) return undefined;
  return effectiveTimeout(number, DEFAULT_LIMITS);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
