/**
 * Runs scripts, each in a realm of its own, in a child that serves its session alone. Keeps the
 * deadline and the limits, and serves the calls through the broker. All that comes from a child is
 * untrusted.
 */
import { scriptHash } from "../../audit.ts";
import type { Brokers } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { createNotes, createWarnings } from "../../std/warnings.ts";
import { DEFAULT_LIMITS, effectiveTimeout, type EvalLimits } from "../limits.ts";
import { CANCELLED } from "./failures.ts";
import { runScript } from "./run.ts";
import { type ChildCommand, startSandbox } from "../../sandbox/parent/child.ts";
import { createChildBounds } from "../../sandbox/parent/child_bounds.ts";
import { createPool, type PoolOptions } from "../../sandbox/parent/pool.ts";
import { createTurns, type Turns } from "../../sandbox/parent/turns.ts";
import type { ConsoleLine, EvaluateRequest, Evaluator } from "../types.ts";

const WAITING_INTERVAL_MS = 1000;

/** What an evaluator is made of. */
export interface EvaluatorParts {
  readonly brokers: Brokers;
  /** Reads a call's untrusted header; throws {@linkcode InputError}. */
  readonly parseCall: Parameters<typeof runScript>[0]["parseCall"];
  readonly command: ChildCommand;
  readonly logger: Logger;
  readonly limits?: Partial<EvalLimits>;
  /** Turns that are shared with others; its own by default. */
  readonly turns?: Turns;
  readonly pool?: PoolOptions;
}

/** Makes an evaluator. No child runs before `warm` or the first script. */
export function createEvaluator(parts: EvaluatorParts): Evaluator & { warm(): void } {
  const limits = { ...DEFAULT_LIMITS, ...parts.limits };
  const frameLimitBytes = Math.max(limits.argumentBytes, limits.resultCharacters * 4) + 64 * 1024;
  const turns = parts.turns ?? createTurns(
    {
      atOnce: limits.concurrentScripts,
      waiting: limits.waitingScripts,
      whenLarge: Math.max(2, navigator.hardwareConcurrency),
    },
    "script",
    parts.pool?.clock,
  );
  const start = () => startSandbox(parts.command, frameLimitBytes);
  const bounds = createChildBounds({ clock: parts.pool?.clock, limit: limits.concurrentScripts });
  const pool = createPool(start, turns, "script", { bounds, ...parts.pool });
  return {
    warm: () => pool.warm(),
    async evaluate(request, options) {
      const { origin, signal = new AbortController().signal, onProgress, onConsole } = options;
      checkScript(request, limits);
      const planned = origin.approval ?? origin.plan;
      const timeoutMs = effectiveTimeout(request.timeoutMs, limits);
      const { session } = origin;
      const started = performance.now();
      // Others may have to end first; whoever asked for progress is told that this one still waits.
      const waiting = onProgress && setInterval(() => {
        const waitedMs = performance.now() - started;
        onProgress({ waitedMs, queue: turns.counts(), elapsedMs: 0, timeoutMs, calls: 0 });
      }, WAITING_INTERVAL_MS);
      // What a person is asked about, and what they have agreed to, shares its child with nothing.
      const isApart = planned !== undefined;
      const sandbox = await pool.take(session, isApart, signal).catch((error) => {
        if (!signal.aborted) throw error;
      }).finally(() => clearInterval(waiting));
      const waitedMs = performance.now() - started;
      if (!sandbox) {
        return { ok: false, failure: CANCELLED, console: [], calls: 0, durationMs: waitedMs };
      }
      const console: ConsoleLine[] = [];
      const say = (line: ConsoleLine) => {
        console.push(line);
        onConsole?.(line);
      };
      const heard = {
        onWarning: createWarnings((text) => say({ level: "warn", text })),
        onNote: createNotes((text) => say({ level: "info", text })),
      };
      let isClean = false;
      try {
        const run = await runScript({
          console,
          say,
          parseCall: parts.parseCall,
          logger: parts.logger,
          broker: parts.brokers.as({ ...origin, ...heard, script: scriptHash(request.script) }),
          sandbox,
          limits,
          script: request.script,
          timeoutMs,
          ...(planned === undefined ? {} : { startedAt: planned.startedAt }),
          trial: origin.plan !== undefined,
          signal,
          ...(onProgress
            ? { onProgress: (progress) => onProgress({ waitedMs, ...progress }) }
            : {}),
        });
        ({ isClean } = run);
        return run.evaluation;
      } finally {
        pool.release(session, sandbox, isClean && !isApart);
      }
    },
    close: () => pool.close(),
  };
}

function checkScript({ script }: EvaluateRequest, limits: EvalLimits): void {
  if (typeof script !== "string") throw new InputError("script parameter required");
  if (script.trim() === "") throw new InputError("script cannot be empty");
  const bytes = new TextEncoder().encode(script).length;
  if (bytes > limits.scriptBytes) {
    throw new InputError(
      `Cannot run the script: it has ${bytes} bytes, the limit is ${limits.scriptBytes}`,
      { hint: "Split it, or let it read what it carries as data from the cluster." },
    );
  }
}
