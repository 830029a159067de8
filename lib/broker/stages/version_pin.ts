/** Changes that are tied to the version of the object that was looked at before. */
import { ApiError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { DELETE_OPTIONS, PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { isRecord } from "../../std/json/unknown.ts";
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

/**
 * The deletion of that very object in that version: not of another that has taken its name, nor of
 * one that has been changed. Where its sender names a precondition, that one stays. The API server
 * ignores the query of a deletion that has a body, so that all options travel there.
 */
export function onlyOf<Kind extends Change>(change: Kind, object: KubeObject): Kind {
  const { request: { options = {} }, content } = change;
  const { uid, resourceVersion } = object.metadata ?? {};
  if (uid === undefined || resourceVersion === undefined) return change;
  // What cannot be read is the API server's to refuse.
  if (content !== undefined && !isRecord(content.value)) return change;
  const isDeletion = ([name]: readonly [string, unknown]) => DELETE_OPTIONS.includes(name);
  const body = {
    kind: "DeleteOptions",
    apiVersion: "v1",
    ...content?.value ?? Object.fromEntries(Object.entries(options).filter(isDeletion).map(typed)),
  } as Record<string, unknown>;
  const given = isRecord(body.preconditions) ? body.preconditions : {};
  const preconditions = { uid, resourceVersion, ...given };
  const { request, ...rest } = withContent(change, { ...body, preconditions });
  const query = Object.fromEntries(Object.entries(options).filter((each) => !isDeletion(each)));
  return { ...rest, request: { ...request, options: query }, pinned: resourceVersion } as Kind;
}

/** An option of the query as a body has it: a number or a boolean is no text there. */
function typed([name, value]: readonly [string, unknown]): [string, unknown] {
  const isText = typeof value === "string" && /^(true|false|\d+)$/.test(value);
  return [name, isText ? JSON.parse(value) : value];
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
