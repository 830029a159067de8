/**
 * Errors as the API server writes them: `Status` objects with its reasons, details and wording.
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/}
 */
import type { GroupVersionResource } from "../../kube/types.ts";
import type { JsonObject } from "../../std/json/at.ts";

/** One wrong field of a rejected object. */
export interface Cause {
  readonly field: string;
  readonly message: string;
  readonly reason:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueTypeInvalid"
    | "FieldValueDuplicate"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | "FieldManagerConflict";
}

/** Thrown where a request ends with an error; answered as its `Status`. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: JsonObject;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    super(message);
    this.code = code;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason: reason || undefined,
      details,
      code,
    };
  }
}

type Named = Pick<GroupVersionResource, "group" | "resource">;

/** `deployments.apps`, `pods`. */
function qualified({ group, resource }: Named): string {
  return group ? `${resource}.${group}` : resource;
}

function details({ group, resource }: Named, name: string): JsonObject {
  return { name: name || undefined, group: group || undefined, kind: resource };
}

/** 404 for an object. */
export function notFound(type: Named, name: string): StatusError {
  return new StatusError(
    404,
    "NotFound",
    `${qualified(type)} "${name}" not found`,
    details(type, name),
  );
}

/** 409 for a name that is taken. */
export function alreadyExists(type: Named, name: string): StatusError {
  return new StatusError(
    409,
    "AlreadyExists",
    `${qualified(type)} "${name}" already exists`,
    details(type, name),
  );
}

/** 409 for an update that came too late, or a precondition that does not hold. */
export function conflict(
  type: Named,
  name: string,
  why =
    "the object has been modified; please apply your changes to the latest version and try again",
): StatusError {
  return new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(type)} "${name}": ${why}`,
    details(type, name),
  );
}

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** 405. */
export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

/** 410. */
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

/** 415, naming what would be accepted. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${
      accepted.join(", ")
    }`,
  );
}

/** 422 for an object with wrong fields. */
export function invalid(
  { group, kind }: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly Cause[],
): StatusError {
  const each = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = each.length === 1 ? each[0] : `[${each.join(", ")}]`;
  return new StatusError(
    422,
    "Invalid",
    `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${text}`,
    {
      name: name || undefined,
      group: group || undefined,
      kind,
      causes: causes.map(({ field, message, reason }) => ({ reason, message, field })),
    },
  );
}
