/** The real evaluator, with real children, over a broker of the test's choosing. */
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import { parseCall } from "../../lib/broker/calls.ts";
import type { Broker, Brokers } from "../../lib/broker/types.ts";
import { createEvaluator } from "../../lib/eval/parent/evaluator.ts";
import type { EvalLimits } from "../../lib/eval/limits.ts";
import type { Evaluation, ScriptFailure } from "../../lib/eval/types.ts";
import type { PoolOptions } from "../../lib/sandbox/parent/pool.ts";
import { LOGGER } from "./clusters.ts";

/** An evaluator for the time of a test. */
export interface TestEvaluator extends AsyncDisposable {
  run(script: string, timeoutMs?: number, signal?: AbortSignal): Promise<Evaluation>;
  /** The value of a script that must succeed: text as it is, JSON parsed, undefined for none. */
  value(script: string): Promise<unknown>;
  /**
   * What comes of a script that must end before it is killed, however close to it: run again, a few
   * times, where a machine that stalls made it late.
   */
  inTime(script: string, timeoutMs: number): Promise<Evaluation>;
  /** The failure of a script that must fail. */
  failure(script: string, timeoutMs?: number): Promise<ScriptFailure>;
}

/** Starts an evaluator. @param broker one for all scripts, or what makes one for each */
export function testEvaluator(
  broker: Broker | Brokers,
  limits: Partial<EvalLimits> = {},
  pool: PoolOptions = {},
): TestEvaluator {
  const evaluator = createEvaluator({
    brokers: "as" in broker ? broker : { as: () => broker },
    parseCall,
    command: childCommand("script"),
    logger: LOGGER,
    limits,
    pool,
  });
  const run = (script: string, timeoutMs = 280_000, signal?: AbortSignal) =>
    evaluator.evaluate(
      { script, timeoutMs },
      { origin: { tool: "test", session: "test" }, ...(signal ? { signal } : {}) },
    );
  return {
    run,
    async value(script) {
      const evaluation = await run(script);
      if (!evaluation.ok) throw new Error(`${script}\n${JSON.stringify(evaluation.failure)}`);
      const { type, text } = evaluation.result;
      return type === "empty" ? undefined : type === "json" ? JSON.parse(text) : text;
    },
    async inTime(script, timeoutMs) {
      for (let tries = 1;; tries++) {
        const evaluation = await run(script, timeoutMs);
        const late = !evaluation.ok && evaluation.failure.kind === "timeout";
        if (!late || tries === 5) return evaluation;
      }
    },
    async failure(script, timeoutMs) {
      const evaluation = await run(script, timeoutMs);
      if (evaluation.ok) throw new Error(`${script}\nsucceeded: ${evaluation.result.text}`);
      return evaluation.failure;
    },
    [Symbol.asyncDispose]: () => evaluator.close(),
  };
}
