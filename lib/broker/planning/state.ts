/** The state of an object, by which it is known again: what its writers decide, not what servers count. */
import { createHash } from "node:crypto";
import type { KubeObject } from "../../kube/types.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { withoutMoments } from "./moments.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/** Fields of metadata that the API server counts and dates by itself. */
const COUNTED = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink"];

/** Annotations that controllers write in answer to a change. */
const REPORTED =
  /^(?:deployment\.kubernetes\.io\/|(?:control-plane\.alpha|endpoints)\.kubernetes\.io\/(?:leader|last-change-trigger-time)$)/;

/**
 * A hash of an object: content and metadata, without what the API server counts and controllers
 * report (the status, unless the request writes it); undefined for what is no object.
 */
export function stateOf(request: ResourceRequest, object: unknown): string | undefined {
  const { metadata, status, ...content } = Object(withoutMoments(object)) as KubeObject;
  if (metadata === undefined) return undefined;
  const { annotations, ...fields } = Object.fromEntries(
    Object.entries(metadata).filter(([name]) => !COUNTED.includes(name)),
  );
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !REPORTED.test(name));
  const state = {
    ...content,
    metadata: { ...fields, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) },
    ...(storesStatus(request) ? { status } : {}),
  };
  return createHash("sha256").update(stringifyExact(sorted(state))).digest("hex");
}

/** Whether a request writes the status: by its name, or because it is stored like all else. */
export function storesStatus({ subresource, resource }: ResourceRequest): boolean {
  return subresource === "status" || subresource === "approval" ||
    !resource.subresources.some(({ name }) => name === "status");
}

/** Which objects a deletion of many would meet. @param answer to its trial */
export function uidsOf(answer: Uint8Array): string {
  const { items = [] } = JSON.parse(new TextDecoder().decode(answer)) as {
    items?: readonly KubeObject[];
  };
  return JSON.stringify(items.map(({ metadata }) => metadata?.uid).sort());
}

/** The order of keys is no part of a state. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  return Object.keys(fields).sort().map((key) => [key, sorted(fields[key])]);
}
