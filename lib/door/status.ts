/** Errors as a Kubernetes API tells them, so that programs print them well. Pure. */
import {
  ApiError,
  ConfigError,
  InputError,
  KubecodeError,
  LimitError,
  PolicyError,
  ResolveError,
} from "../errors.ts";
import { stringifyExact } from "../std/json/exact.ts";

/**
 * The `Status` of an error.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/}
 */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Failure";
  readonly message: string;
  readonly reason: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly code: number;
}

/** What an API server would answer; the way out that an error knows is a part of its message. */
export function statusOf(error: unknown): Status {
  const { code, reason } = codeOf(error);
  const details = detailsOf(error);
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: messageOf(error),
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** The answer for an error. */
export function failure(error: unknown): Response {
  const status = statusOf(error);
  const headers = new Headers({ "content-type": "application/json" });
  const isTimed = error instanceof ApiError || error instanceof LimitError;
  const retryAfter = isTimed ? error.retryAfterSeconds : undefined;
  if (retryAfter !== undefined) headers.set("retry-after", `${Math.ceil(retryAfter)}`);
  return new Response(stringifyExact(status), { status: status.code, headers });
}

/**
 * Why a cluster could not be asked, where that is why: it was not reached, or refuses the login. Programs
 * print the code of such an answer, and often nothing of its message.
 */
export function whyUnreached(error: unknown): string | undefined {
  const isSilent = error instanceof ApiError && (error.status < 400 || error.status === 401);
  if (!isSilent && !(error instanceof ConfigError)) return undefined;
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}

function codeOf(error: unknown): { readonly code: number; readonly reason: string } {
  if (error instanceof ApiError) {
    return error.status >= 400
      ? { code: error.status, reason: error.reason }
      : { code: 503, reason: "ServiceUnavailable" };
  }
  if (error instanceof PolicyError) return { code: 403, reason: "Forbidden" };
  if (error instanceof ResolveError) return { code: 404, reason: "NotFound" };
  if (error instanceof InputError) return { code: 400, reason: "BadRequest" };
  if (error instanceof LimitError && error.retryAfterSeconds !== undefined) {
    return { code: 429, reason: "TooManyRequests" };
  }
  if (error instanceof LimitError) return { code: 413, reason: "RequestEntityTooLarge" };
  return { code: 500, reason: "InternalError" };
}

function messageOf(error: unknown): string {
  if (!(error instanceof KubecodeError)) return "Internal error of kubecode; its log says more";
  // What the API server said is said as it is; advice on it is for scripts.
  if (error instanceof ApiError && error.status >= 400) return error.message;
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}

function detailsOf(error: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const { about, causes, retryAfterSeconds } = error;
  if (about === undefined && causes.length === 0 && retryAfterSeconds === undefined) {
    return undefined;
  }
  return {
    ...about,
    ...(causes.length > 0 ? { causes } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}
