/** `kubecode eval`: a script at a terminal. */
import { planAndRun, type RunMode } from "../approval/planned_run.ts";
import { errorCodeOf, InputError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import type { Evaluation, Evaluator, ScriptResult } from "../eval/types.ts";
import { planText } from "../policy/plan_text.ts";
import { toYaml } from "../yaml/yaml.ts";
import {
  formatConsole,
  formatFailure,
  formatTruncation,
} from "../tools/support/evaluation_text.ts";
import { type Printer, processPrinter } from "./print.ts";
import { TIMEOUT_HINT } from "./timeout.ts";

/** What to run and how to show it. */
export interface EvalOptions {
  readonly script: string;
  readonly timeoutMs?: number;
  /** `json` (the default) or `yaml`. */
  readonly output?: string;
  /** Changes are tried out and listed, not made. */
  readonly dryRun?: boolean;
  /** The policy may want a person to approve changes. */
  readonly mayAsk?: boolean;
  /** Asks the person at the terminal; left out where there is none. */
  readonly ask?: (question: string) => Promise<boolean>;
}

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
): Promise<number> {
  const { script, timeoutMs, output = "json" } = options;
  if (output !== "json" && output !== "yaml") {
    throw new InputError(`Cannot print as "${output}": there is json and yaml`);
  }
  const notes: string[] = [];
  const run = (mode: RunMode) =>
    evaluator.evaluate(
      { script, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      { origin: { tool: "eval", session: "terminal", ...mode }, signal },
    );
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
      printer.err(planText(plan));
      if (options.ask === undefined) {
        return refusal(trial, "these changes need approval, and there is no terminal to ask at");
      }
      return await options.ask("Make these changes? [y/N] ") || refusal(trial, "declined");
    },
  });
  const console = formatConsole(evaluation.console);
  if (console !== "") printer.err(console);
  if (!evaluation.ok) {
    const { failure } = evaluation;
    const told = failure.kind === "timeout" ? { ...failure, hint: TIMEOUT_HINT } : failure;
    printer.err(formatFailure(told));
  } else {
    const text = show(evaluation.result, output, Deno.stdout.isTerminal());
    if (text !== "") printer.out(text);
    if (evaluation.result.wholeCharacters) printer.err(formatTruncation(evaluation.result));
  }
  notes.forEach(printer.err);
  return exitCodeOf(evaluation);
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

/** Asks at the terminal; undefined where standard input is no terminal, or holds the script. */
export function terminalQuestion(
  source: { readonly text: string } | { readonly path: string },
  signal: AbortSignal,
): ((question: string) => Promise<boolean>) | undefined {
  if (!Deno.stdin.isTerminal() || ("path" in source && source.path === "-")) return undefined;
  return async (question) => {
    await Deno.stderr.write(new TextEncoder().encode(question));
    const line = new Uint8Array(256);
    const length = await Promise.race([Deno.stdin.read(line), aborted(signal)]) ?? 0;
    return /^y(es)?$/i.test(new TextDecoder().decode(line.subarray(0, length)).trim());
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
  if (source.path === "-") {
    if (Deno.stdin.isTerminal()) console.error("kubecode reads a script; end it with Ctrl-D.");
    return await Promise.race([new Response(Deno.stdin.readable).text(), aborted(signal)]);
  }
  try {
    return await Deno.readTextFile(source.path);
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound
      ? "no such file"
      : cause instanceof Deno.errors.IsADirectory
      ? "it is a directory"
      : "it cannot be read";
    throw new InputError(`Cannot read the script "${source.path}": ${state}`, { cause });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new InputError("Interrupted"));
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
  });
}

/** A result as text: strings as they are; JSON indented for a person, compact for a pipe. */
export function show(result: ScriptResult, output: "json" | "yaml", indented: boolean): string {
  if (result.type !== "json") return result.text;
  if (output === "yaml") return toYaml(JSON.parse(result.text)).trimEnd();
  return indented ? JSON.stringify(JSON.parse(result.text), null, 2) : result.text;
}

function exitCodeOf(evaluation: Evaluation): number {
  if (evaluation.ok) return EXIT.ok;
  const { kind, name } = evaluation.failure;
  if (kind === "timeout") return EXIT.timeout;
  if (kind === "cancelled") return EXIT.interrupted;
  return errorCodeOf(name) === "config" ? EXIT.usage : EXIT.failed;
}
