/**
 * What a program that is tried out sees of the objects that its plan changes: it reads what it has written,
 * and goes on.
 */
import { ApiError } from "../../errors.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import type { KubeMetadata, KubeObject } from "../../kube/types.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";
import { isRecord } from "../../std/json/unknown.ts";
import type { Sent } from "../answers/log.ts";
import type { Scope } from "../scope.ts";
import { type Earlier, earlierOf } from "./chain.ts";
import { objectOf } from "./description.ts";

/**
 * The object as the plan leaves it; undefined where the plan does not touch it, or it is not known.
 *
 * @throws {ApiError} 404: the plan deletes it
 */
export function plannedState(
  request: ResourceRequest,
  { origin: { plan }, context }: Scope,
): Uint8Array<ArrayBuffer> | undefined {
  const { verb, subresource, form = "object", name, resource } = request;
  if (plan === undefined || verb !== "get" || subresource !== undefined) return undefined;
  const earlier = earlierOf(plan, objectOf(request, context));
  if (earlier?.isGone) {
    throw new ApiError(`${resource.resource} "${name}" not found`, {
      status: 404,
      reason: "NotFound",
      about: { name, group: resource.group, kind: resource.resource },
    });
  }
  if (form !== "object" || earlier?.outcome === undefined) return undefined;
  return encoded(earlier.outcome);
}

/** The objects of a list or watch as the plan leaves them; other answers as they are. */
export async function* asPlanned(
  parts: AsyncIterable<Sent>,
  request: ResourceRequest,
  scope: Scope,
): AsyncGenerator<Sent> {
  const { verb, form = "object" } = request;
  const isMany = verb === "list" || verb === "watch";
  const isShown = form === "object" || (form === "table" && verb === "list");
  if (!isMany || !isShown || !scope.origin.plan?.trial.size) return yield* parts;
  let made = madeByPlan(request, scope);
  for await (const part of parts) {
    if (verb === "list") {
      yield { ...part, body: plannedList(part.body, made, request, scope) };
    } else {
      const body = part.body.length === 0 ? part.body : plannedEvent(part.body, request, scope);
      if (body !== undefined) yield { ...part, body };
      if (made !== undefined && showsStart(request)) {
        yield { form: "json", more: true, body: encoded({ type: "ADDED", object: made }) };
      }
    }
    made = undefined;
  }
}

/** Whether a watch begins with the objects that there are. */
function showsStart({ options }: ResourceRequest): boolean {
  const { sendInitialEvents, resourceVersion } = options ?? {};
  return `${sendInitialEvents}` === "true" || ["undefined", "", "0"].includes(`${resourceVersion}`);
}

/** The new object that is asked for by its name: no API server knows it. */
function madeByPlan(request: ResourceRequest, scope: Scope): KubeObject | undefined {
  const [, name] = /^metadata\.name=([^,]+)$/.exec(`${request.options?.fieldSelector}`) ?? [];
  const earlier = name === undefined ? undefined : changedBy(request, { name }, scope);
  return earlier?.isNew ? earlier.outcome : undefined;
}

function plannedList(
  body: Uint8Array<ArrayBuffer>,
  made: KubeObject | undefined,
  request: ResourceRequest,
  scope: Scope,
): Uint8Array<ArrayBuffer> {
  const list = parse(body);
  if (isRecord(list) && Array.isArray(list.rows)) {
    // What a row would show of a changed object only the API server knows; a deleted one has none.
    const rows = (list.rows as { object?: KubeObject | null }[])
      .filter(({ object }) => !changedBy(request, object?.metadata, scope)?.isGone);
    return encoded({ ...list, rows });
  }
  if (!isRecord(list) || !Array.isArray(list.items)) return body;
  const items = (list.items as KubeObject[]).flatMap((item) => {
    const earlier = changedBy(request, item.metadata, scope);
    return earlier?.isGone ? [] : [earlier?.outcome ?? item];
  });
  return encoded({ ...list, items: made === undefined ? items : [...items, made] });
}

/** Undefined where the plan deletes the object. */
function plannedEvent(
  body: Uint8Array<ArrayBuffer>,
  request: ResourceRequest,
  scope: Scope,
): Uint8Array<ArrayBuffer> | undefined {
  const event = parse(body) as { type?: unknown; object?: KubeObject };
  if (event.type !== "ADDED" && event.type !== "MODIFIED") return body;
  const { metadata } = event.object ?? {};
  const earlier = changedBy(request, metadata, scope);
  if (earlier?.isGone) return undefined;
  if (earlier?.outcome === undefined) return body;
  const { resourceVersion } = metadata ?? {};
  const { outcome } = earlier;
  const object = { ...outcome, metadata: { ...outcome.metadata, resourceVersion } };
  return encoded({ ...event, object });
}

function changedBy(
  request: ResourceRequest,
  { name, namespace = request.namespace }: KubeMetadata = {},
  { origin: { plan }, context }: Scope,
): Earlier | undefined {
  return plan && earlierOf(plan, objectOf({ ...request, name, namespace }, context));
}

function parse(body: Uint8Array<ArrayBuffer>): unknown {
  return parseExact(new TextDecoder().decode(body));
}

function encoded(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(stringifyExact(value));
}
