/** What the evaluator takes and gives. Types only. */
import type { Origin } from "../broker/types.ts";

/** One script to run. */
export interface EvaluateRequest {
  readonly script: string;
  /** Wall time in milliseconds; above the maximum it is clamped, 0 or less means the default. */
  readonly timeoutMs?: number;
}

/** What came of a script. */
export type Evaluation =
  & {
    /** What the script wrote to its console, one line an entry, capped. */
    readonly console: readonly ConsoleLine[];
    /** How many requests to the cluster it made. */
    readonly calls: number;
    readonly durationMs: number;
  }
  & (
    | { readonly ok: true; readonly result: ScriptResult }
    | { readonly ok: false; readonly failure: ScriptFailure }
  );

/** One line of a script's console. */
export interface ConsoleLine {
  readonly level: "log" | "info" | "warn" | "error" | "debug";
  readonly text: string;
}

/**
 * The completion value: `string` as it is, everything else as compact JSON; `empty` where there is
 * none, with the likely cause as text.
 */
export interface ScriptResult {
  readonly type: "empty" | "string" | "json";
  readonly text: string;
  /** How many characters the whole result has, where it was too long and the text is shortened. */
  readonly wholeCharacters?: number;
}

/** Why a script failed, in a form from which a model repairs it. */
export interface ScriptFailure {
  readonly kind: "syntax" | "error" | "timeout" | "memory" | "limit" | "cancelled" | "internal";
  /** Name of the error thrown (`TypeError`, `ApiError`, …). */
  readonly name: string;
  readonly message: string;
  /** 1-based position in the script as it was sent. */
  readonly line?: number;
  readonly column?: number;
  /** That line of the script. */
  readonly source?: string;
  readonly hint?: string;
  /** What else failed in the same script, and was not told to it: a few, in the order of failing. */
  readonly others?: readonly { readonly message: string; readonly line?: number }[];
  /** How many more of them there are. */
  readonly othersLeftOut?: number;
}

/** Told while a script runs, for progress notifications. */
export interface EvaluationProgress {
  /** Before its turn came; it does not count as the script's time. */
  readonly waitedMs: number;
  /** While it waits: how many run, and how many wait, this one among them. */
  readonly queue?: { readonly running: number; readonly waiting: number };
  readonly elapsedMs: number;
  readonly timeoutMs: number;
  readonly calls: number;
}

/** Who runs a script; its hash is added. */
export type ScriptOrigin = Omit<Origin, "script">;

/** Runs scripts in sandboxes. */
export interface Evaluator {
  /**
   * Runs one script to its end, its deadline or the signal's abort, whichever comes first.
   *
   * @throws {InputError} a script that is missing, empty, no text or too long
   */
  evaluate(
    request: EvaluateRequest,
    options: {
      readonly origin: ScriptOrigin;
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: EvaluationProgress) => void;
      /** Is told each line of the console as it is written. */
      readonly onConsole?: (line: ConsoleLine) => void;
    },
  ): Promise<Evaluation>;
  /** Ends all children, at once. */
  close(): Promise<void>;
}
