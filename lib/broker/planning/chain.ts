/**
 * A second change of the same object in one plan. The API server tries changes out on what is stored,
 * and nothing of the plan is: so the change is laid over the outcome of the first one here, and the
 * whole is tried out as an update.
 */
import { InputError, PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "../../std/json_patch.ts";
import { again, asDryRun, type Change } from "../change.ts";
import type { Scope } from "../scope.ts";
import { describeChange } from "./description.ts";
import { stringifyExact } from "../../std/exact_json.ts";

/** What an earlier change of the plan has made of an object. */
export interface Earlier {
  /** The whole object; undefined where it is gone, or only a part of it is known. */
  readonly outcome: KubeObject | undefined;
}

/**
 * The trial of a change that comes after another one of the same object.
 *
 * @throws {PolicyError} its outcome cannot be known before the first change is made
 */
export async function afterEarlier(
  change: Change,
  { outcome }: Earlier,
  scope: Scope,
): Promise<ResourceRequest> {
  const { verb, subresource } = change.request;
  if (outcome === undefined || subresource !== undefined) throw unknown(change, scope);
  // Both say by themselves what becomes of the whole object.
  if (verb === "delete" || verb === "update") return asDryRun(change);
  const live = await again(change, scope).live();
  const resourceVersion = live?.value.metadata?.resourceVersion;
  const base = { ...outcome, metadata: { ...outcome.metadata, resourceVersion } };
  const value = laidOver(base, change, scope) as KubeObject;
  const { contentType: _, ...request } = change.request;
  return {
    ...request,
    verb: "update",
    options: { ...request.options, dryRun: "All" },
    body: new TextEncoder().encode(stringifyExact(value)),
  };
}

function laidOver(base: KubeObject, change: Change, scope: Scope): unknown {
  const { request: { contentType }, content } = change;
  if (contentType === PATCH_TYPES.merge) return applyMergePatch(base, content?.value);
  if (contentType !== PATCH_TYPES.json || !Array.isArray(content?.value)) {
    throw unknown(change, scope);
  }
  try {
    return applyJsonPatch(base, content.value);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new InputError(`Cannot ${describeChange(change, scope.context)}: ${error.message}`);
  }
}

function unknown(change: Change, { context }: Scope): PolicyError {
  return new PolicyError(
    `Cannot plan to ${
      describeChange(change, context)
    }: the plan changes that object before, and what comes of both is not known`,
    {
      hint:
        "Make it one change, or a merge patch or JSON patch, or do the first in a run of its own.",
    },
  );
}
