/** Changes that are tied to the version of the object that was looked at before. */
import { ApiError } from "../errors.ts";
import { PATCH_TYPES, type ResourceRequest } from "../kube/wire/request.ts";
import type { KubeObject } from "../kube/types.ts";
import type { Live } from "../redact/writes/restore.ts";

/** How often an object is looked at again that is changed meanwhile, as by its controller. */
export const PINNED_TRIES = 5;

/** Whether a pinned request has changed nothing, since its object has another version by now. */
export function hasMovedOn(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.causes.length > 0) return false;
  // A test of a JSON patch that fails is an invalid request.
  return error.status === 409 || error.status === 422;
}

/** The version of an object that was read. */
export function versionOf({ raw }: Live): string | undefined {
  return (raw as KubeObject).metadata?.resourceVersion;
}

/** A body that is refused where the object has another version, unless it names one itself. */
export function atVersion(
  body: unknown,
  { contentType }: ResourceRequest,
  resourceVersion: string | undefined,
): unknown {
  if (resourceVersion === undefined || typeof body !== "object" || body === null) return body;
  if (contentType === PATCH_TYPES.json) {
    if (!Array.isArray(body)) return body;
    return [{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion }, ...body];
  }
  const { metadata } = body as KubeObject;
  return { ...body, metadata: { resourceVersion, ...metadata } };
}
