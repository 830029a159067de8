/** `kubecode eval`: a script at a terminal. */
import { planAndRun, type RunMode } from "../approval/planned_run.ts";
import { type AuditEntry, scriptHash } from "../audit.ts";
import { errorCodeOf, InputError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { describeFileError } from "../std/files.ts";
import type { ConsoleLine, Evaluation, Evaluator, ScriptResult } from "../eval/types.ts";
import { questionText } from "../policy/plan_text.ts";
import {
  formatConsole,
  formatFailure,
  formatTruncation,
} from "../tools/support/evaluation_text.ts";
import { readFormat, resultText } from "./output.ts";
import { type Printer, processPrinter, type Tone } from "./print.ts";
import { type AskPerson, interrupted, printPlan } from "./question.ts";
import { type ProgressLine, progressLine } from "./progress_line.ts";
import { TIMEOUT_HINT } from "./timeout.ts";
import { VERSION } from "../version.ts";

/** What to run and how to show it. */
export interface EvalOptions {
  readonly script: string;
  readonly timeoutMs?: number;
  /** One of the formats of output.ts; left out, a text as it is and everything else as JSON. */
  readonly output?: string;
  /** Changes are tried out and listed, not made. */
  readonly dryRun?: boolean;
  /** The policy may want a person to approve changes. */
  readonly mayAsk?: boolean;
  /** Shows the plan to the person at the terminal and asks; undefined where there is nobody. */
  readonly ask?: AskPerson;
  /** Writes down what came of the script. */
  readonly record?: (entry: AuditEntry) => void;
}

/** Who runs a script at a terminal, for the audit. */
const TERMINAL_ORIGIN = {
  tool: "eval",
  session: "terminal",
  client: { name: "kubecode", version: VERSION },
} as const;

/**
 * Runs a script: the result goes to standard output, console and errors to standard error.
 *
 * @returns the exit code
 * @throws {InputError} a script or an output format that cannot be used
 */
export async function evaluateAtTerminal(
  evaluator: Evaluator,
  options: EvalOptions,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
  progress: ProgressLine = progressLine(Deno.stderr),
): Promise<number> {
  const { script, timeoutMs, ask = () => Promise.resolve(undefined) } = options;
  const format = options.output === undefined ? undefined : readFormat(options.output);
  const started = performance.now();
  const notes: string[] = [];
  let decision: "approved" | "declined" | undefined;
  const console = createConsole((line) => {
    progress.clear();
    printer.err(formatConsole([line]), CONSOLE_TONES[line.level]);
  });
  const run = (mode: RunMode) =>
    evaluator.evaluate({ script, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, {
      origin: { ...TERMINAL_ORIGIN, ...mode },
      signal,
      onConsole: console.begin(),
      onProgress: ({ waitedMs, elapsedMs, calls }) =>
        progress.show({ elapsedMs: waitedMs + elapsedMs, calls }),
    }).finally(progress.clear);
  const evaluation = await planAndRun<Evaluation>({
    dryRun: options.dryRun ?? false,
    asks: options.mayAsk ? "policy" : "nothing",
    run,
    isFailure: ({ ok }) => !ok,
    withNote(result, note) {
      notes.push(note);
      return result;
    },
    async ask(plan, trial) {
      const text = questionText(plan, "The script");
      printPlan(text, printer);
      const answer = await ask(text, "Make these changes? [y/N] ");
      if (answer !== undefined) decision = answer ? "approved" : "declined";
      if (answer === true) return true;
      return refusal(
        trial,
        answer === false
          ? "declined"
          : "these changes need approval, and there is no terminal to ask at",
      );
    },
  });
  options.record?.({
    kind: "call",
    ...TERMINAL_ORIGIN,
    script: scriptHash(script),
    ...(decision ? { decision } : {}),
    status: evaluation.ok || decision === "declined" ? "ok" : evaluation.failure.name,
    durationMs: performance.now() - started,
  });
  if (!evaluation.ok) {
    const { failure } = evaluation;
    const told = failure.kind === "timeout" ? { ...failure, hint: TIMEOUT_HINT } : failure;
    printer.err(formatFailure(told), "bad");
  } else {
    const isSeen = Deno.stdout.isTerminal();
    const result = isSeen && format === undefined
      ? withNullTold(evaluation.result, options)
      : evaluation.result;
    const text = resultText(result, format, isSeen);
    if (text !== "") printer.out(text);
    // The cause is for a person: who reads the output reads no value, or null.
    if (result.type === "empty") printer.err(result.text);
    if (result.wholeCharacters) printer.err(formatTruncation(result), "warning");
  }
  for (const note of notes) printPlan(note, printer);
  return exitCodeOf(evaluation);
}

/** A deletion gives null, which a person does not take for success. */
function withNullTold(result: ScriptResult, { dryRun }: EvalOptions): ScriptResult {
  if (result.type !== "json" || result.text !== "null") return result;
  return { type: "empty", text: `(${dryRun ? "" : "done; "}the result is null)` };
}

const CONSOLE_TONES: Readonly<Partial<Record<ConsoleLine["level"], Tone>>> = {
  warn: "warning",
  error: "bad",
};

/** Prints the console as it is written. What a trial has printed the run after it does not repeat. */
function createConsole(print: (line: ConsoleLine) => void) {
  let printed: readonly string[] = [];
  return {
    /** Takes the lines of one run. */
    begin(): (line: ConsoleLine) => void {
      const earlier = printed;
      const lines: string[] = [];
      printed = lines;
      return (line) => {
        const text = formatConsole([line]);
        if (earlier[lines.length] !== text) print(line);
        lines.push(text);
      };
    },
  };
}

/** The result of a trial whose changes are not approved. */
function refusal({ calls, console, durationMs }: Evaluation, why: string): Evaluation {
  return {
    calls,
    console,
    durationMs,
    ok: false,
    failure: { kind: "error", name: "PolicyError", message: `Nothing was changed: ${why}` },
  };
}

/**
 * Reads the script.
 *
 * @throws {InputError} a file that cannot be read
 */
export async function readScript(
  source: { readonly text: string } | { readonly path: string },
  signal: AbortSignal,
): Promise<string> {
  if ("text" in source) return source.text;
  if (source.path === "-" || source.path === "/dev/stdin") {
    if (Deno.stdin.isTerminal()) console.error("kubecode reads a script; end it with Ctrl-D.");
    return await Promise.race([new Response(Deno.stdin.readable).text(), interrupted(signal)]);
  }
  try {
    return await Deno.readTextFile(source.path);
  } catch (cause) {
    const looksLikeScript = /[\s()"'`=;]/.test(source.path);
    const name = source.path.length > 200 ? `${source.path.slice(0, 200)}…` : source.path;
    throw new InputError(`Cannot read the script "${name}": ${describeFileError(cause)}`, {
      cause,
      ...(looksLikeScript
        ? { hint: "A script itself goes behind -e; this is taken for a file." }
        : {}),
    });
  }
}

function exitCodeOf(evaluation: Evaluation): number {
  if (evaluation.ok) return EXIT.ok;
  const { kind, name } = evaluation.failure;
  if (kind === "timeout") return EXIT.timeout;
  if (kind === "cancelled") return EXIT.interrupted;
  return errorCodeOf(name) === "config" ? EXIT.usage : EXIT.failed;
}
