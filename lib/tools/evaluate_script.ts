/** `evaluate_script`: a program of the model's own, run next to the cluster. */
import { z } from "npm:zod@4.6.7";
import type { Evaluator } from "../eval/types.ts";
import { formatEvaluation } from "./format.ts";
import type { Tool } from "./types.ts";

/** Wall time of a script that asks for none, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** The longest wall time a script can have, in milliseconds. */
export const MAX_TIMEOUT_MS = 300_000;

const DESCRIPTION =
  `Run a JavaScript or TypeScript program against the Kubernetes cluster. The value \
of its last expression is the answer (strings as they are, the rest as JSON): filter and map in \
the script, return only what is needed.
Example: k8s.coreV1().pods("").list({labelSelector: "app=web"}).items
  .filter(p => p.status.phase !== "Running").map(p => [p.metadata.namespace, p.metadata.name])
Clients: k8s.coreV1() appsV1() batchV1() networkingV1() rbacV1() discoveryClient(), \
metricsV1beta1Client().podMetricses(ns), any other group as served (autoscalingV2(), policyV1(), \
…), k8s.dynamicClient().resource({group, version, resource}).namespace(ns).
Resources: .pods(ns), "" = all namespaces; .nodes() if cluster-scoped. Verbs as in client-go, ctx \
optional: list({labelSelector, fieldSelector, limit}), get(name), create(obj), update(obj), \
patch(name, type, data), delete(name), deleteCollection({}, {labelSelector}); \
pods(ns).getLogs(name, {container, tailLines}). Objects have their standard nested form; names \
ignore case.
Calls block and return data; a script with await gets promises (Promise.all runs reads in parallel).
Globals: k8s, ctx, namespace (the default one), namespaceOrDefault(ns), console (returned too). \
help("pods") and explain("pod.spec") tell verbs and fields. No fetch, import, files, process.`;

/** What `evaluate_script` takes. */
export interface EvaluateScriptInput {
  readonly script: string;
  /** Wall time in milliseconds, within the limits. */
  readonly timeout: number;
}

const INPUT: z.ZodType<EvaluateScriptInput> = z.object({
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
    .default(DEFAULT_TIMEOUT_MS)
    .meta({
      type: "integer",
      description: `Milliseconds; default ${DEFAULT_TIMEOUT_MS}, max ${MAX_TIMEOUT_MS}`,
    }),
});

/**
 * The tool that runs scripts.
 *
 * @param options.readOnly whether the cluster refuses every write: the annotations and the
 *   description then say so, which spares clients a question and models an attempt
 */
export function evaluateScriptTool(
  evaluator: Evaluator,
  options: { readonly readOnly?: boolean } = {},
): Tool<EvaluateScriptInput> {
  const readOnly = options.readOnly ?? false;
  return {
    name: "evaluate_script",
    description: readOnly ? `${DESCRIPTION}\nRead-only: writes are refused.` : DESCRIPTION,
    input: INPUT,
    annotations: {
      title: "Run a script on the cluster",
      readOnlyHint: readOnly,
      destructiveHint: !readOnly,
      idempotentHint: readOnly,
      openWorldHint: true,
    },
    async run({ script, timeout }, { signal, onProgress }) {
      const evaluation = await evaluator.evaluate({ script, timeoutMs: timeout }, {
        signal,
        onProgress: onProgress && (({ elapsedMs, timeoutMs, calls }) =>
          onProgress({
            progress: elapsedMs / 1000,
            total: timeoutMs / 1000,
            message: `${Math.floor(elapsedMs / 1000)} of at most ${
              Math.ceil(timeoutMs / 1000)
            } s, ${calls === 1 ? "1 request" : `${calls} requests`}`,
          })),
      });
      return formatEvaluation(evaluation);
    },
  };
}

/**
 * A timeout as it is used: clamped to the maximum; the default for none, 0 and less; a fraction
 * rounded up. Decimal text is taken for its number, since some models quote every argument.
 * Undefined for what is no number.
 */
export function normalizeTimeout(value: unknown): number | undefined {
  if (value === undefined || value === null) return DEFAULT_TIMEOUT_MS;
  const number = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value)
    ? Number(value)
    : value;
  if (typeof number !== "number" || Number.isNaN(number)) return undefined;
  return number <= 0 ? DEFAULT_TIMEOUT_MS : Math.min(Math.ceil(number), MAX_TIMEOUT_MS);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
