/** Which state of an object a plan has seen, and whether an approved change still meets it. */
import { createHash } from "node:crypto";
import { PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { again, asDryRun, type Change, type LiveObject } from "../change.ts";
import type { Scope } from "../scope.ts";
import { describeChange } from "./description.ts";

/**
 * Makes sure that an approved change meets the object that was looked at.
 *
 * @throws {PolicyError} it has changed since
 */
export async function checkSeen(
  change: Change,
  seen: string | undefined,
  scope: Scope,
): Promise<void> {
  const ofMany = change.request.verb === "deletecollection";
  const now = ofMany
    ? uidsOf(await scope.kube.send(asDryRun(change), scope.signal))
    // Looked at anew: time has passed since the first look.
    : stateOf(change.request, await again(change, scope).live());
  if (now === seen) return;
  const about = ofMany ? "what it deletes" : "the object";
  throw new PolicyError(
    `Cannot ${describeChange(change, scope.context)}: ${about} has changed since the plan was made`,
    { hint: "Call the tool again: the plan is made and asked about anew." },
  );
}

/**
 * The state of an object: its generation where it has one, else its content. What controllers report
 * meanwhile, its status, is no other state.
 */
export function stateOf(
  request: ResourceRequest,
  live: LiveObject | undefined,
): string | undefined {
  const object = live?.value;
  if (object?.metadata === undefined) return undefined;
  const { uid, generation } = object.metadata;
  if (generation) return JSON.stringify([uid, generation]);
  const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata;
  const { status, ...content } = object;
  const state = { ...content, metadata, ...(storesStatus(request) ? { status } : {}) };
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}

/** Whether a request writes the status: by its name, or because it is stored like all else. */
export function storesStatus({ subresource, resource }: ResourceRequest): boolean {
  return subresource === "status" || !resource.subresources.some(({ name }) => name === "status");
}

/** Which objects a deletion of many would meet. @param answer to its trial */
export function uidsOf(answer: Uint8Array): string {
  const { items = [] } = JSON.parse(new TextDecoder().decode(answer)) as {
    items?: readonly KubeObject[];
  };
  return JSON.stringify(items.map(({ metadata }) => metadata?.uid).sort());
}
