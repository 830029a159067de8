/** Changes that are tied to the version of the object that was looked at before. */
import { ApiError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { type Change, withContent } from "../change.ts";

/** Whether a pinned request may have failed because its object has another version by now. */
export function mayHaveMovedOn(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.causes.length > 0) return false;
  // A test of a JSON patch that fails is an invalid request.
  return error.status === 409 || error.status === 422;
}

/**
 * The change of that version only: what was looked at is what is changed. The same where it cannot be
 * tied to one, or its sender has done so.
 */
export function atVersion<Kind extends Change>(change: Kind, version: string | undefined): Kind {
  const pinned = pinnedTo(version, change.content?.value, change.request);
  return pinned === undefined ? change : { ...withContent(change, pinned), pinned: version };
}

/** A body that is refused where the object has another version; undefined where there is none such. */
function pinnedTo(
  resourceVersion: string | undefined,
  body: unknown,
  { contentType }: ResourceRequest,
): object | undefined {
  if (resourceVersion === undefined || typeof body !== "object" || body === null) return undefined;
  if (contentType === PATCH_TYPES.json) {
    if (!Array.isArray(body)) return undefined;
    return [{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion }, ...body];
  }
  const { metadata } = body as KubeObject;
  // To the API server 0 is no version.
  if (metadata?.resourceVersion && !/^0*$/.test(metadata.resourceVersion)) return undefined;
  return { ...body, metadata: { ...metadata, resourceVersion } };
}
