/**
 * The error family. A message reads `Cannot <do> "<thing>": <state>`; the way out stands apart in
 * `hint`. What a user sees is {@linkcode describeError}; stacks go to the log only.
 */

/** What every error of the family may carry besides its message. */
export interface ErrorDetails {
  /** What to do next: one sentence, shown after the message. */
  readonly hint?: string;
  /** The error that caused this one; logged, never shown. */
  readonly cause?: unknown;
}

/** The base of the family: an error meant to be read by a user. */
export class KubecodeError extends Error {
  override readonly name: string = "KubecodeError";
  readonly hint?: string;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = details.hint;
  }
}

/** Arguments that cannot be used: a tool's input, a flag's value, a script that is no text. */
export class InputError extends KubecodeError {
  override readonly name = "InputError";
}

/** Configuration that cannot be used: kubeconfig, config file, environment. */
export class ConfigError extends KubecodeError {
  override readonly name = "ConfigError";
}

/** A group, version, resource or kind that the cluster does not serve, or an ambiguous one. */
export class ResolveError extends KubecodeError {
  override readonly name = "ResolveError";
}

/** A request that the policy refuses. */
export class PolicyError extends KubecodeError {
  override readonly name = "PolicyError";
  /** The rule that decided. */
  readonly rule?: string;

  constructor(message: string, details: ErrorDetails & { readonly rule?: string } = {}) {
    super(message, details);
    this.rule = details.rule;
  }
}

/** A limit that was reached: time, memory, calls, bytes. */
export class LimitError extends KubecodeError {
  override readonly name = "LimitError";
}

/** What the API server said, or that it could not be reached. */
export class ApiError extends KubecodeError {
  override readonly name = "ApiError";
  /** HTTP status code; 0 when there was no answer. */
  readonly status: number;
  /** Kubernetes `Status.reason` (`NotFound`, `Forbidden`, …), or a reason of the same form. */
  readonly reason: string;
  /** `Status.details.causes` of a rejected object, by field. */
  readonly causes: readonly { readonly field?: string; readonly message: string }[];
  /** Seconds after which the server asks to try again (`Retry-After`). */
  readonly retryAfterSeconds?: number;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly status: number;
      readonly reason: string;
      readonly causes?: readonly { readonly field?: string; readonly message: string }[];
      readonly retryAfterSeconds?: number;
    },
  ) {
    super(message, details);
    this.status = details.status;
    this.reason = details.reason;
    this.causes = details.causes ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** A program that was run for a tool failed. */
export class CommandError extends KubecodeError {
  override readonly name = "CommandError";
}

/** A script failed: by its own fault, or by a limit it reached. */
export class ScriptError extends KubecodeError {
  override readonly name = "ScriptError";
}

/** A fault of this program, told without its details: those go to the log only. */
export class InternalError extends KubecodeError {
  override readonly name = "InternalError";
}

/** The text of an error for a user: message, then hint; never a stack. */
export function describeError(error: unknown): string {
  if (error instanceof KubecodeError) {
    return error.hint ? `${error.message}\n${error.hint}` : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
