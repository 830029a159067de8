/** What a command did, as a tool's answer: text for a model, and the same as data. Pure. */
import { ApiError, describeError, type KubecodeError } from "../../errors.ts";
import type { ToolResult } from "../types.ts";

/** The codes of errors, as k8s-mcp-server has them. */
export type CliErrorCode =
  | "VALIDATION_ERROR"
  | "EXECUTION_ERROR"
  | "AUTH_ERROR"
  | "TIMEOUT_ERROR"
  | "INTERNAL_ERROR";

/** What came of a command line. */
export interface CommandEnd {
  /** What may be shown of its outputs. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** The exit code is an answer, and no failure. */
  readonly differs?: boolean;
  readonly executionMs: number;
  /** Why it was ended before its own end. */
  readonly ended?:
    | { readonly by: "timeout"; readonly afterMs: number }
    | { readonly by: "limit" }
    /** A plan goes no further. */
    | { readonly by: "plan"; readonly why: string };
  /** Why a part of it was not run: that is why it failed. */
  readonly refusal?: string;
}

/** What the API server says to those whom it does not know, or who may not. */
const UNAUTHORIZED =
  /\(Unauthorized\)|You must be logged in to the server|forbidden: User "|Error loading config file|invalid bearer token/;

/** The answer to a command that was run. */
export function commandResult(end: CommandEnd): ToolResult {
  const { stdout, stderr, exitCode, executionMs, ended } = end;
  const times = { exit_code: exitCode, execution_time: Math.round(executionMs) / 1000 };
  const error = errorOf(end);
  if (error !== undefined) {
    const shown = ended && stderr !== "" ? [stderr, stdout] : [stdout];
    return {
      isError: true,
      text: [`${error.code}: ${error.message}`, ...shown.filter((text) => text !== "")],
      structured: { status: "error", output: stdout || error.message, ...times, error },
    };
  }
  const notes = ended?.by === "plan" ? [`The plan ends here: ${ended.why}`] : [];
  const blocks = [stdout, stderr].filter((text) => text !== "");
  return {
    text: [...blocks.length > 0 ? blocks : ["(no output)"], ...notes],
    structured: {
      status: "success",
      output: stdout || stderr,
      ...times,
      ...(stdout !== "" && stderr !== "" ? { stderr } : {}),
      ...(notes.length > 0 ? { notes } : {}),
    },
  };
}

function errorOf(
  { stderr, exitCode, differs = false, ended, refusal }: CommandEnd,
): { readonly code: CliErrorCode; readonly message: string } | undefined {
  if (ended?.by === "plan") return undefined;
  if (ended?.by === "timeout") {
    const after = `${ended.afterMs / 1000} s`;
    return { code: "TIMEOUT_ERROR", message: `the command was ended after ${after}` };
  }
  if (ended?.by === "limit") {
    return { code: "EXECUTION_ERROR", message: "the command wrote without an end and was ended" };
  }
  if (exitCode === 0 || differs) return undefined;
  if (refusal !== undefined) return { code: "VALIDATION_ERROR", message: refusal };
  const message = stderr.trim() || `exit code ${exitCode}, without a message`;
  return { code: UNAUTHORIZED.test(stderr) ? "AUTH_ERROR" : "EXECUTION_ERROR", message };
}

/** The answer to a command that was not run. */
export function failureResult(error: KubecodeError): ToolResult {
  return failure(codeOf(error), describeError(error));
}

/** The answer to changes that nobody has said yes to. */
export function refusalResult(why: string): ToolResult {
  return failure("VALIDATION_ERROR", why);
}

function failure(code: CliErrorCode, message: string): ToolResult {
  return {
    isError: true,
    text: [`${code}: ${message}`],
    structured: { status: "error", output: message, error: { code, message } },
  };
}

function codeOf(error: KubecodeError): CliErrorCode {
  switch (error.code) {
    case "input":
    case "policy":
    case "resolve":
      return "VALIDATION_ERROR";
    case "api":
      return error instanceof ApiError && (error.status === 401 || error.status === 403)
        ? "AUTH_ERROR"
        : "EXECUTION_ERROR";
    case "config":
    case "limit":
      return "EXECUTION_ERROR";
    default:
      return "INTERNAL_ERROR";
  }
}
