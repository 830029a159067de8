/** `evaluate_script`: a program of the model's own, run next to the cluster. */
import { z } from "zod";
import { DEFAULT_LIMITS, effectiveTimeout } from "../../eval/limits.ts";
import type { EvaluationProgress, Evaluator } from "../../eval/types.ts";
import { argumentsOf } from "../support/arguments.ts";
import { DRY_RUN } from "../support/dry_run.ts";
import { withoutFence } from "../support/fences.ts";
import { formatEvaluation } from "../support/evaluation_text.ts";
import type { Tool } from "../types.ts";

const { defaultTimeoutMs, maxTimeoutMs } = DEFAULT_LIMITS;

/**
 * What a model reads before its first script. There are hosts that refuse a whole conversation for a
 * description of more than 1,024 characters: what is used less is told by `help`, `search_api` and
 * the hints of errors.
 */
const describe = (readOnly: boolean) =>
  `Run JavaScript or TypeScript against Kubernetes. The last expression's value is the answer \
(strings as they are, the rest as JSON): filter in the script, return only what is needed.
Example: k8s.coreV1().pods("").list({labelSelector: "app=web"}).items
  .filter(p => p.status.phase !== "Running").map(p => [p.metadata.namespace, p.metadata.name])
k8s.coreV1() appsV1() batchV1() metricsV1beta1Client() …, \
k8s.dynamicClient().resource({group, version, resource}).namespace(ns). \
.pods(ns), "" = all namespaces. Verbs as in client-go: list, get(name), pages() of large lists, \
${readOnly ? "" : "create(obj), update(obj), apply(obj), patch(name, type, data), delete(name), "}\
getLogs(name, {container, tailLines, since: "1h", grep: /x/}).
Calls block; with await they give promises.
Globals: k8s, namespace (default), console, table(rows, ["metadata.name"]), yaml, quantity, x509. \
help("pods") and explain("pod.spec") show verbs, fields. No fetch, import, files.`;

const CONTEXTS = "Other clusters: k8s.contexts() lists them, k8s.context(name) is k8s there.";
const READ_ONLY = "Read-only: writes are refused.";

/** What `evaluate_script` takes. */
export interface EvaluateScriptInput {
  readonly script: string;
  /** Wall time in milliseconds, within the limits. */
  readonly timeout: number;
  /** Changes are tried out and listed, not made; the server sees to it. */
  readonly dry_run?: boolean | undefined;
}

const FIELDS = {
  script: z.string({
    error: ({ input }) =>
      input === undefined || input === null
        ? "script parameter required"
        : `script must be a string, not ${typeName(input)}`,
  })
    .transform(withoutFence)
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
      // Of the schema, a keyword that strict hosts refuse.
      default: undefined,
      description: `Milliseconds; default ${defaultTimeoutMs}, max ${maxTimeoutMs}`,
    }),
};

const ALIASES = { code: "script", timeout_ms: "timeout" };

// Where nothing can be changed a dry run is nothing that a model need know of; one that asks for it
// all the same is understood.
const INPUT: z.ZodType<EvaluateScriptInput> = argumentsOf(FIELDS, {
  aliases: ALIASES,
  unlisted: DRY_RUN,
});

const INPUT_WITH_PLAN: z.ZodType<EvaluateScriptInput> = argumentsOf({
  ...FIELDS,
  dry_run: DRY_RUN.dry_run.meta({
    type: "boolean",
    description: "List the changes without making them.",
  }),
}, { aliases: ALIASES });

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
    : typeof value === "bigint"
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
