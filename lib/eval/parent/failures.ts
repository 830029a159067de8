/** Why a script ends that did not come to its own end. */
import type { Logger } from "../../log.ts";
import type { EvalLimits } from "../limits.ts";
import type { ScriptFailure } from "../types.ts";

/** A failure that no script has caused by an error of its own. */
export function failure(kind: ScriptFailure["kind"], name: string, message: string, hint?: string) {
  return { kind, name, message, ...(hint ? { hint } : {}) };
}

/** The script took longer than it may. */
export function timeoutFailure(timeoutMs: number, { maxTimeoutMs }: EvalLimits): ScriptFailure {
  return failure(
    "timeout",
    "TimeoutError",
    `execution timeout exceeded: the script did not end within ${timeoutMs} ms`,
    `Ask for less at a time, or give a larger timeout (at most ${maxTimeoutMs}).`,
  );
}

/** The child took more memory than it may. */
export function memoryFailure({ memoryBytes }: EvalLimits): ScriptFailure {
  return failure(
    "memory",
    "LimitError",
    `the script used more than ${memoryBytes >> 20} MiB of memory`,
    "Keep only the fields that are needed, and read large lists a page at a time (limit, continue).",
  );
}

/** The child ended by itself, before its script. */
export function endFailure(logger: Logger, code: number): ScriptFailure {
  logger.warn("sandbox ended unasked", { code });
  return failure(
    "internal",
    "InternalError",
    "the sandbox ended before the script did",
    "It may have run out of memory in one step: work on less at a time.",
  );
}

/** What comes of a script that is not wanted any more. */
export const CANCELLED = failure("cancelled", "Cancelled", "script cancelled");
