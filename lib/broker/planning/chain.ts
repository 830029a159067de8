/**
 * A second change of the same object in one plan. The API server tries changes out on what is stored,
 * and nothing of the plan is: so the change is laid over the outcome of the first one here, and the
 * whole is tried out as an update.
 */
import { InputError, PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "../../std/json/patch.ts";
import { again, asDryRun, type Change } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { Plan } from "../../policy/plan.ts";
import { describeChange, objectOf } from "./description.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** What an earlier change of the plan has made of an object. */
export interface Earlier {
  /** The whole object; undefined where it is gone, or only a part of it is known. */
  readonly outcome: KubeObject | undefined;
  /** The plan makes it: for the API server it is not there. */
  readonly isNew?: boolean;
  readonly isGone?: boolean;
}

/** What the plan has made of an object so far; undefined where it has not touched it. */
export function earlierOf(plan: Plan, object: string | undefined): Earlier | undefined {
  return object === undefined ? undefined : plan.trial.get(object) as Earlier | undefined;
}

/** Remembers what a change makes of its object. @param outcome what the API server answered */
export function remember(
  plan: Plan,
  { change, earlier, outcome, creates, context }: {
    readonly change: Change;
    readonly earlier: Earlier | undefined;
    readonly outcome: KubeObject;
    /** There was no such object. */
    readonly creates: boolean;
    readonly context: string | undefined;
  },
): void {
  const { request } = change;
  const { name } = outcome.metadata ?? {};
  const isOfObject = request.subresource === undefined &&
    !request.resource.resource.endsWith("reviews");
  // A name that the API server makes up is another one next time.
  const isNamed = request.name !== undefined ||
    (isOfObject && (change.content?.value as KubeObject | undefined)?.metadata?.name === name);
  const object = isNamed ? objectOf({ ...request, name }, context) : undefined;
  const key = objectOf(request, context) ?? object;
  if (key === undefined) return;
  const isWhole = isOfObject && ["create", "update", "patch"].includes(request.verb);
  const isNew = creates || earlier?.isNew === true;
  plan.trial.set(key, {
    outcome: isWhole ? isNew ? withoutUid(outcome) : outcome : undefined,
    isNew,
    isGone: isOfObject && request.verb === "delete",
  });
}

/** The object without what a new one gets by chance. */
export function withoutUid(object: KubeObject): KubeObject {
  const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/**
 * The trial of a change that comes after another one of the same object.
 *
 * @throws {PolicyError} its outcome cannot be known before the first change is made
 */
export async function afterEarlier(
  change: Change,
  earlier: Earlier,
  scope: Scope,
): Promise<ResourceRequest> {
  const { outcome } = earlier;
  const { verb, subresource } = change.request;
  if (outcome === undefined || subresource !== undefined) throw unknown(change, scope);
  if (earlier.isNew) return madeAnew(change, outcome, scope);
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

/** A new object as the change would have it, tried out as its creation. */
function madeAnew(change: Change, outcome: KubeObject, scope: Scope): ResourceRequest {
  const { verb, contentType } = change.request;
  // It says by itself what becomes of the whole object, also where there is none.
  if (contentType === PATCH_TYPES.apply) return asDryRun(change);
  if (verb !== "update" && verb !== "patch") throw unknown(change, scope);
  const whole = verb === "update"
    ? change.content?.value as KubeObject
    : laidOver(outcome, change, scope) as KubeObject;
  const { contentType: _type, name: _name, ...request } = change.request;
  return {
    ...request,
    verb: "create",
    options: { ...request.options, dryRun: "All" },
    body: new TextEncoder().encode(stringifyExact(withoutUid(whole))),
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
