/** `execute_kubectl` and the like: a command line, as people write it. */
import { z } from "zod";
import type { ProgramName } from "../../programs/types.ts";
import { argumentsOf } from "../support/arguments.ts";
import { DRY_RUN } from "../support/dry_run.ts";
import { withoutFence } from "../support/fences.ts";
import type { Tool, ToolCall } from "../types.ts";
import { openCall } from "./call.ts";
import { runCommand } from "./command.ts";
import { FILES, TEXT } from "./files.ts";
import { readLine } from "./line.ts";
import type { CliParts } from "./parts.ts";
import { commandResult, failureResult, refusalResult } from "./result.ts";

/** The longest that a command may take, in seconds. */
const MAX_TIMEOUT_S = 3600;
/** How often progress is told, in milliseconds. */
const PROGRESS_MS = 1000;

/** What such a tool takes. */
export interface ExecuteInput {
  readonly command: string;
  /** In seconds. */
  readonly timeout?: number | undefined;
  readonly stdin?: string | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Changes are tried out and listed, not made; the server sees to it. */
  readonly dry_run?: boolean | undefined;
}

/** Makes the tool that runs the command lines of a program. */
export function executeTool(
  program: ProgramName,
  parts: CliParts,
): Tool<ExecuteInput> {
  const { readOnly } = parts;
  return {
    name: `execute_${program}`,
    description: describe(program, readOnly),
    input: inputOf(program, parts),
    rate: "other",
    annotations: {
      title: `Run ${program}`,
      readOnlyHint: readOnly,
      destructiveHint: !readOnly,
      idempotentHint: readOnly,
      openWorldHint: true,
    },
    failure: failureResult,
    refusal: refusalResult,
    async run({ command, stdin, files, timeout }, call) {
      const line = readLine(withoutFence(command));
      const timeoutMs = timeoutOf(timeout, parts.timeoutMs);
      const started = performance.now();
      using _ = tellProgress(call, timeoutMs);
      await using programs = openCall(parts, call, started + timeoutMs);
      const end = await runCommand({ program, line, stdin, files, timeoutMs }, programs, {
        outputCharacters: parts.outputCharacters,
        shell: parts.shell,
        programs: parts.programs,
      });
      return commandResult({ ...end, executionMs: performance.now() - started });
    },
  };
}

/** What is particular to the descriptions of one program. */
const PARTICULARS: Readonly<
  Record<ProgramName, { readonly such: string; readonly more?: string }>
> = {
  kubectl: {
    such: "get pods -A | grep -v Running",
    more: "edit, -it and port-forward are refused; -w and logs -f end with the timeout.",
  },
  helm: {
    such: "list -A | grep failed",
    more: "Charts: as files, such as web/Chart.yaml; remote ones are refused.",
  },
  istioctl: { such: "proxy-status" },
  argocd: { such: "app list -o name" },
};

function describe(program: ProgramName, readOnly: boolean): string {
  return [
    `Run a command line of ${program}. Pipes and small shell programs work (grep, jq, yq, awk, sort, \
for, $(…)), but no other programs or files of this machine: pass text in stdin (-f -) or files. \
Secrets show as tokens, which may be written back.`,
    PARTICULARS[program].more ?? "",
    readOnly ? "Read-only: changes are refused." : "",
  ].filter((text) => text !== "").join(" ");
}

function inputOf(program: ProgramName, { timeoutMs, readOnly }: CliParts): z.ZodType<ExecuteInput> {
  const fields = {
    command: z.string().describe(`Such as: ${PARTICULARS[program].such}`),
    timeout: timeoutField(timeoutMs / 1000).optional(),
    stdin: TEXT.optional().describe("Standard input"),
    files: FILES.optional().describe('{"web.yaml": "text"}, in the working folder'),
  };
  const aliases = {
    cmd: "command",
    timeout_s: "timeout",
    timeout_seconds: "timeout",
    input: "stdin",
  };
  // Where nothing can be changed a dry run is nothing that a model need know of.
  if (readOnly) return argumentsOf(fields, { aliases, unlisted: DRY_RUN });
  const dry_run = DRY_RUN.dry_run.meta({
    type: "boolean",
    description: "List the changes without making them",
  });
  return argumentsOf({ ...fields, dry_run }, { aliases });
}

/** A number of seconds; decimal text is taken for its number, since some models quote all they send. */
function timeoutField(standard: number) {
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*s?$/.test(value)
      ? parseFloat(value)
      : typeof value === "bigint"
      ? Number(value)
      : value;
    if (typeof number === "number" && Number.isFinite(number)) return number;
    context.addIssue("must be a number of seconds");
    return z.NEVER;
  }).meta({ type: "number", description: `Seconds; default ${standard}` }) as unknown as z.ZodType<
    number,
    number
  >;
}

/** The timeout in milliseconds; what is no time means the default. */
function timeoutOf(seconds: number | undefined, standardMs: number): number {
  if (seconds === undefined || seconds <= 0) return standardMs;
  return Math.min(seconds, MAX_TIMEOUT_S) * 1000;
}

/** Tells the progress of a call until it is disposed of. */
function tellProgress({ onProgress }: ToolCall, timeoutMs: number): Disposable {
  const started = performance.now();
  if (onProgress === undefined) return { [Symbol.dispose]: () => {} };
  const timer = setInterval(() => {
    const seconds = (performance.now() - started) / 1000;
    const total = timeoutMs / 1000;
    const message = `${Math.floor(seconds)} of at most ${Math.ceil(total)} s`;
    onProgress({ progress: seconds, total, message });
  }, PROGRESS_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
