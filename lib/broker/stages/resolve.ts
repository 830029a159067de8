/** Stage: from a call and the resource that its names mean to the request. */
import { ApiError, InputError } from "../../errors.ts";
import type { KubeClient } from "../../kube/client.ts";
import { FRESH_MS } from "../../kube/discovery/kept_index.ts";
import type { ApiResource } from "../../kube/types.ts";
import {
  findServed,
  resourcePath,
  type ResourceRequest,
  servedVerbs,
} from "../../kube/wire/request.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { type Change, withContent } from "../change.ts";
import type { RequestCall } from "../types.ts";

/** Our own name as the manager of the fields that we set (KEP-555, server-side apply). */
export const FIELD_MANAGER = "kubecode";

/**
 * The request that a call is.
 *
 * @throws {ResolveError} the cluster does not serve what it names
 * @throws {InputError} the resource has no such subresource, or the request can have no path
 */
export async function resolve(
  call: RequestCall,
  body: Uint8Array<ArrayBuffer> | undefined,
  { kube, signal }: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Promise<ResourceRequest> {
  const known = await kube.resolve(call, signal);
  // What was served a while ago, or while it was being defined, may lack what is served by now.
  const resource = serves(known, call)
    ? known
    : await kube.resolve(call, signal, { maxAgeMs: FRESH_MS });
  const { verb, subresource, namespace, name, contentType, form, direct = false } = call;
  const writes = !direct && ["create", "update", "patch"].includes(verb);
  const request: ResourceRequest = {
    verb,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
    ...(contentType ? { contentType } : {}),
    ...(form ? { form } : {}),
    ...(body?.length ? { body } : {}),
    options: {
      ...(writes ? { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" } : {}),
      ...call.options,
    },
  };
  // What is not there needs no rule that allows it.
  if (direct) refuseUnserved(request);
  servedVerbs(request);
  // Said of the call itself, and not of a look at its object.
  resourcePath(request);
  return request;
}

function serves(resource: ApiResource, { verb, subresource, namespace }: RequestCall): boolean {
  const served = findServed({ resource, subresource: subresource || undefined });
  return served?.verbs.includes(verb) === true && (resource.namespaced || !namespace);
}

/** Refuses what a cluster does not serve in its own words, which programs know. */
function refuseUnserved(request: ResourceRequest): void {
  const served = findServed(request);
  if (served === undefined) {
    throw new ApiError("the server could not find the requested resource", {
      status: 404,
      reason: "NotFound",
    });
  }
  if (served.verbs.includes(request.verb)) return;
  throw new ApiError("the server does not allow this method on the requested resource", {
    status: 405,
    reason: "MethodNotAllowed",
  });
}

/**
 * A deletion as kubectl sends it: dependents go in the background, unless its sender says otherwise.
 * Without a word batch/v1 Jobs would leave their pods behind.
 */
export function withPropagation(change: Change): Change {
  const { request, content } = change;
  if (request.verb !== "delete" && request.verb !== "deletecollection") return change;
  if (request.subresource !== undefined) return change;
  const given = { ...request.options, ...Object(content?.value) } as Record<string, unknown>;
  if (given.propagationPolicy !== undefined || given.orphanDependents !== undefined) return change;
  if (isRecord(content?.value)) {
    return withContent(change, { ...content.value, ...BACKGROUND });
  }
  // What cannot be read is the API server's to refuse.
  if (content !== undefined) return change;
  return { ...change, request: { ...request, options: { ...request.options, ...BACKGROUND } } };
}

const BACKGROUND = { propagationPolicy: "Background" };

/** @throws {InputError} a command is no request for an object */
export function refuseExec({ verb, resource, subresource }: ResourceRequest): void {
  if (subresource !== "exec") return;
  throw new InputError(`Cannot ${verb} ${resource.resource}/exec: it is no object`, {
    hint: 'Write pods(ns).exec("<name>", ["<program>", "<argument>"]).',
  });
}
