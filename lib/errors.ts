/**
 * The error family. A message reads `Cannot <do> "<thing>": <state>`; the way out is in `hint`. What a user sees is {@linkcode describeError}; stacks go to the log only.
 */

/** What every error of the family may carry besides its message. */
export interface ErrorDetails {
  /** What to do next: one sentence, shown after the message. */
  readonly hint?: string;
  /** The error that caused this one; logged, never shown. */
  readonly cause?: unknown;
}

const NAMES = {
  input: "InputError",
  config: "ConfigError",
  resolve: "ResolveError",
  policy: "PolicyError",
  limit: "LimitError",
  api: "ApiError",
  internal: "InternalError",
} as const;

/** Which error of the family it is. Code compares this; users and scripts see the name. */
export type ErrorCode = keyof typeof NAMES;

/** The code of an error that crossed a process as its name; undefined outside the family. */
export function errorCodeOf(name: string): ErrorCode | undefined {
  return (Object.keys(NAMES) as ErrorCode[]).find((code) => NAMES[code] === name);
}

/** The base of the family: an error meant to be read by a user. */
export class KubecodeError extends Error {
  override readonly name: string = "KubecodeError";
  readonly code?: ErrorCode;
  readonly hint?: string;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = details.hint;
  }

  /** A copy with some of its words changed; the class, the cause and all other fields stay. */
  with({ message = this.message, ...changes }: ErrorDetails & { readonly message?: string }): this {
    // Every class of the family takes its fields as details of the same names.
    const Class = this.constructor as new (message: string, details: object) => this;
    return new Class(message, { ...this, cause: this.cause, ...changes });
  }
}

/** Arguments that cannot be used: a tool's input, a flag's value, a script that is no text. */
export class InputError extends KubecodeError {
  override readonly name = NAMES.input;
  override readonly code = "input";
}

/** Configuration that cannot be used: kubeconfig, config file, environment. */
export class ConfigError extends KubecodeError {
  override readonly name = NAMES.config;
  override readonly code = "config";
}

/** A group, version, resource or kind that the cluster does not serve, or an ambiguous one. */
export class ResolveError extends KubecodeError {
  override readonly name = NAMES.resolve;
  override readonly code = "resolve";
}

/** What decided about a request: a rule and where it stands, or what stands nowhere, such as the mode. */
export interface RuleReference {
  readonly name: string;
  /** The profile that has it. */
  readonly profile?: string;
  /** The config file that has it, and the line. */
  readonly file?: string;
  readonly line?: number;
}

/** A request that the policy refuses. */
export class PolicyError extends KubecodeError {
  override readonly name = NAMES.policy;
  override readonly code = "policy";
  /** The rule that decided. */
  readonly rule?: RuleReference;

  constructor(message: string, details: ErrorDetails & { readonly rule?: RuleReference } = {}) {
    super(message, details);
    this.rule = details.rule;
  }
}

/** A limit that was reached: time, memory, calls, bytes. */
export class LimitError extends KubecodeError {
  override readonly name = NAMES.limit;
  override readonly code = "limit";
  /** Seconds after which it is not reached any more, where time alone helps. */
  readonly retryAfterSeconds?: number;

  constructor(
    message: string,
    details: ErrorDetails & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, details);
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** One reason for which an object was rejected. */
export interface ErrorCause {
  readonly field?: string;
  /** The API server's word for it, such as `FieldValueInvalid`. */
  readonly reason?: string;
  readonly message: string;
}

/** What an error of the API server is about, as `Status.details` names it. */
export interface ErrorSubject {
  readonly name?: string;
  readonly group?: string;
  /** The kind or the resource: API servers use the field for both. */
  readonly kind?: string;
}

/** What the API server said, or that it could not be reached. */
export class ApiError extends KubecodeError {
  override readonly name = NAMES.api;
  override readonly code = "api";
  /** HTTP status code; 0 when there was no answer. */
  readonly status: number;
  /** Kubernetes `Status.reason` (`NotFound`, `Forbidden`, …), or a reason of the same form. */
  readonly reason: string;
  /** `Status.details.causes` of a rejected object, by field. */
  readonly causes: readonly ErrorCause[];
  /** What it is about, where the API server says so. */
  readonly about?: ErrorSubject;
  /** Seconds after which the server asks to try again (`Retry-After`). */
  readonly retryAfterSeconds?: number;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly status: number;
      readonly reason: string;
      readonly causes?: readonly ErrorCause[];
      readonly about?: ErrorSubject;
      readonly retryAfterSeconds?: number;
    },
  ) {
    super(message, details);
    this.status = details.status;
    this.reason = details.reason;
    this.causes = details.causes ?? [];
    this.about = details.about;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }

  override with(
    changes: ErrorDetails & {
      readonly message?: string;
      readonly causes?: readonly ErrorCause[];
      readonly about?: ErrorSubject;
    },
  ): this {
    return super.with(changes);
  }
}

/** A fault of this program. The message holds no details: those go to the log only. */
export class InternalError extends KubecodeError {
  override readonly name = NAMES.internal;
  override readonly code = "internal";
}

/** What to do where nobody knows whether a change was made. */
export const OUTCOME_UNKNOWN =
  "Whether the change was made is unknown, and it was not sent again: read the object before you repeat it.";

/** The text of an error for a user: message, then hint; never a stack. */
export function describeError(error: unknown): string {
  if (error instanceof KubecodeError) {
    return error.hint ? `${error.message}\n${error.hint}` : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
