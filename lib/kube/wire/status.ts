/** Turns failed responses into {@linkcode ApiError}s that quote the server. */
import { ApiError, type ErrorCause, type ErrorSubject, OUTCOME_UNKNOWN } from "../../errors.ts";
import { PROTOBUF_MEDIA_TYPE } from "../../protobuf/media_type.ts";
import { parseJson } from "../../std/json/unknown.ts";
import { readStart } from "./body.ts";
import { withoutObjects } from "./quoted_objects.ts";

/** Bytes of an error's body that are read: a Status may quote an object of 1.5 MiB, as a Go string. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** Where an error came from. */
export interface StatusContext {
  readonly server: string;
  readonly context: string;
}

/**
 * The error that a response with a status of 400 or above stands for. Reads the body.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#error-responses}
 */
export async function errorFromResponse(
  response: Response,
  where: StatusContext,
): Promise<ApiError> {
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? NaN);
  const body = await readStart(response, BODY_LIMIT_BYTES);
  // Whoever asks for a list in protobuf gets its failures in protobuf too.
  const protobuf = response.headers.get("content-type")?.startsWith(PROTOBUF_MEDIA_TYPE);
  const text = protobuf ? "" : new TextDecoder().decode(body);
  const status = protobuf
    ? (await import("../../protobuf/status.ts")).statusFromProtobuf(body)
    : parseJson(text);
  return errorFromStatus(status, {
    code: response.status,
    text,
    where,
    retryAfterSeconds: Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : undefined,
  });
}

/** The failure that a `Status` tells of which came as a good answer; undefined for all else. */
export function failureOf(body: unknown, where: StatusContext): ApiError | undefined {
  return isStatus(body) && body.status === "Failure"
    ? errorFromStatus(body, { code: body.code ?? 500, text: "", where })
    : undefined;
}

/** Adds to a "not found" which namespace was searched: often the object is in another. */
export function withNamespaceHint(error: unknown, namespace: string | undefined): unknown {
  if (!(error instanceof ApiError) || error.status !== 404 || error.hint) return error;
  if (namespace === undefined) return error;
  return error.with({ hint: `It was looked for in namespace "${namespace}".` });
}

/** The error for a `Status` object, or for whatever came in its place. Pure. */
export function errorFromStatus(
  body: unknown,
  response: {
    readonly code: number;
    readonly text: string;
    readonly where: StatusContext;
    readonly retryAfterSeconds?: number;
  },
): ApiError {
  const status = isStatus(body) ? body : undefined;
  const code = status?.code ?? response.code;
  const reason = status?.reason || REASONS[code] || "Unknown";
  // Of a patch the API server does not say whose it is; in the words of kubectl.
  const said = status?.message?.trim().replace(/^"" is invalid/, "the request is invalid") ?? "";
  const message = withoutObjects(said) ||
    foreignMessage(code, response.text, response.where);
  const causes = (status?.details?.causes ?? []).map((cause) => ({
    ...(cause.field ? { field: cause.field } : {}),
    ...(cause.reason ? { reason: cause.reason } : {}),
    message: withoutObjects(cause.message ?? cause.reason ?? ""),
  }));
  const retryAfterSeconds = response.retryAfterSeconds ?? status?.details?.retryAfterSeconds;
  return new ApiError(message, {
    status: code,
    reason,
    causes,
    about: subjectOf(status),
    hint: status?.details?.causes?.some((cause) => cause.reason === "FieldManagerConflict")
      ? "Other managers own these fields (kubecode too, of what it created or updated): leave them out, or take them over with {force: true}."
      : (status ? hintFor : foreignHint)({ code, reason, message }, response.where) ??
        unquoted(causes, message),
    retryAfterSeconds,
  });
}

function subjectOf(status: Status | undefined): ErrorSubject | undefined {
  const { name, group, kind } = status?.details ?? {};
  return name || group || kind ? { name, group, kind } : undefined;
}

/** A change that a gateway gave up on, or the API server in the middle of it, may have been made. */
export function withUnknownOutcome(error: ApiError): ApiError {
  return error.status === 502 || error.status === 504
    ? error.with({ hint: OUTCOME_UNKNOWN })
    : error;
}

interface Status {
  readonly kind: "Status";
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: ErrorSubject & {
    readonly causes?: readonly {
      readonly field?: string;
      readonly message?: string;
      readonly reason?: string;
    }[];
    readonly retryAfterSeconds?: number;
  };
}

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}

const CAUSES_CHARACTERS = 1_000;

const REASONS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  410: "Expired",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

function foreignMessage(code: number, text: string, where: StatusContext): string {
  const words = text.replaceAll(/<[^>]*>|\s+/g, " ").trim().slice(0, 200);
  return `The API server "${where.server}" answered ${code}${words ? `: ${words}` : ""}`;
}

/** Causes that the message does not quote: what a disruption budget needs, say. */
function unquoted(causes: readonly ErrorCause[], message: string): string | undefined {
  const words = causes.filter((cause) => cause.message !== "" && !message.includes(cause.message))
    .map((cause) => cause.field ? `${cause.field}: ${cause.message}` : cause.message);
  return words.length > 0 ? words.join("; ").slice(0, CAUSES_CHARACTERS) : undefined;
}

/** The advice on a refusal that the API server did not write: it is about what stands before it. */
function foreignHint(
  said: { code: number; reason: string; message: string },
  where: StatusContext,
): string | undefined {
  if (said.code === 403) {
    return "These are not the API server's words: does a proxy, a firewall or a login page stand between?";
  }
  if (said.code === 413) {
    return "These are not the API server's words: a proxy before it takes less at a time.";
  }
  return hintFor(said, where);
}

function hintFor(
  { code, reason, message }: { code: number; reason: string; message: string },
  where: StatusContext,
): string | undefined {
  if (code === 401) {
    return `The credentials of context "${where.context}" were refused: they may have expired. Log in again, or check \`kubectl --context ${where.context} auth whoami\`.`;
  }
  if (code === 403 && reason === "Forbidden") {
    return "The cluster's RBAC does not let this user do that; ask for the right, or use another context.";
  }
  if (code === 409 && reason === "Conflict") {
    return "The object changed since it was read: read it again, repeat the change, write it back.";
  }
  if (code === 410) {
    return "The continue token or resourceVersion is too old: list again from the start.";
  }
  if (code === 413 || /request is too large/.test(message)) {
    return "An API server takes 3 MiB at a time, and its storage 1.5 MiB an object: split the object.";
  }
  return undefined;
}
