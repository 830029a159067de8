/** Stage: sends an admitted change; the parts of its answer, as they come from the API server. */
import { ApiError } from "../../errors.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import type { Admitted } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { RequestCall } from "../types.ts";

import { isAccessReview, underPolicy } from "../answers/access_review.ts";
import { readLog, type Sent } from "../answers/log.ts";
import { followLog, isFollowed, watchDirectly } from "../answers/streams.ts";
import { isEmptyPage, noteMissingNamespace } from "../answers/missing_namespace.ts";
import { waitUntilServed } from "./new_definitions.ts";
import { asPlanned, plannedState } from "../planning/planned_state.ts";
import { shownWarning } from "./show.ts";
import { hasChosenColumns, withObjects } from "../answers/table_rows.ts";

const NOTHING = new Uint8Array(0);

/** Sends it, as `sent`; a refusal of all namespaces says that one may be allowed. */
export async function* send(
  change: Admitted,
  call: RequestCall,
  scope: Scope,
): AsyncGenerator<Sent> {
  try {
    const parts = sent(change, call, scope);
    yield* call.direct ? asPlanned(parts, change.request, scope) : parts;
  } catch (error) {
    throw withOneNamespace(error, change.request);
  }
}

/** RBAC grants most people some namespaces, and not the list over all of them. */
function withOneNamespace(error: unknown, { resource, namespace }: ResourceRequest): unknown {
  const isRefused = error instanceof ApiError && error.status === 403 &&
    error.reason === "Forbidden" && resource.namespaced && !namespace;
  if (!isRefused) return error;
  const one =
    `This asked for all namespaces; one may be allowed: ${resource.resource}("<namespace>").`;
  return error.with({ hint: error.hint === undefined ? one : `${error.hint}\n${one}` });
}

/** @param call how much of the answer is wanted, and for how long */
async function* sent(
  change: Admitted,
  call: RequestCall,
  scope: Scope,
): AsyncGenerator<Sent> {
  const isChosen = hasChosenColumns(change.request) && !change.decision.reveal;
  const request = isChosen ? withObjects(change.request) : change.request;
  const { kube, origin, signal } = scope;
  const planned = call.direct ? plannedState(request, scope) : undefined;
  if (planned !== undefined) return yield { form: "json", more: false, body: planned };
  if (call.direct && request.verb === "watch") {
    return yield* watchDirectly(request, { kube, signal });
  }
  if (call.direct && isFollowed(request)) return yield* followLog(request, { kube, signal });
  if (request.verb === "list") {
    let isFirst = true;
    const slim = scope.managedFields
      ? request
      : { ...request, withoutManagedFields: true as const };
    for await (const page of kube.pages(slim, signal)) {
      const more = request.options?.limit === undefined && page.metadata.continue !== undefined;
      const isEmpty = isFirst && !more && isEmptyPage(page.body);
      const nowhere = isEmpty && await noteMissingNamespace(request, scope);
      isFirst = false;
      yield {
        form: "json",
        more,
        body: page.body,
        ...(page.again ? { again: true } : {}),
        ...(nowhere ? { nowhere } : {}),
      };
    }
    return;
  }
  if (request.verb === "watch") {
    for await (const watched of kube.watch(request, { timeoutMs: call.timeoutMs, signal })) {
      yield { form: "json", more: true, body: watched.kind === "open" ? NOTHING : watched.line };
    }
    yield { form: "json", more: false, body: NOTHING };
    return;
  }
  if (request.verb === "get" && request.subresource === "log") {
    const { body, part } = await readLog(request, { kube, signal });
    yield { form: "bytes", more: false, body, part };
    return;
  }
  const { onWarning } = origin;
  const warn = change.effect !== "read" && onWarning
    ? (text: string) => onWarning(shownWarning(text, change.hidden))
    : undefined;
  const body = await kube.send(request, signal, warn);
  if (change.effect === "change") await waitUntilServed(change, { kube, signal });
  const isQuestion = call.direct && isAccessReview(request);
  yield { form: "json", more: false, body: isQuestion ? await underPolicy(body, scope) : body };
}
