/** Stage: answers and errors on their way out, as their asker may see them. */
import { ApiError } from "../../errors.ts";
import { dropManagedFields } from "../../kube/wire/managed_fields.ts";
import type { KubeObject } from "../../kube/types.ts";
import { shown } from "../../policy/diff.ts";
import { hideKnown } from "../../redact/writes/known_values.ts";
import { createRedactor, type Redactor } from "../../redact/redactor.ts";
import type { Authorized, Change, Hidden } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { BrokerAnswer } from "../types.ts";

/**
 * An answer as it may be seen. A caller without `get` sees only the object's identity in the answer
 * to a change.
 *
 * @param isTrial it was tried out only, as a part of a plan
 */
export async function show(
  change: Authorized,
  answer: BrokerAnswer,
  { redactor, managedFields, pause }: Scope,
  isTrial = false,
): Promise<BrokerAnswer> {
  const { effect, look, decision } = change;
  const mayRead = effect === "read" || effect === "at once" || look.outcome === "allow";
  const whole = mayRead ? answer : identityOf(answer);
  await pause(whole.body.length);
  const slim = managedFields || whole.form !== "json"
    ? whole
    : { ...whole, body: dropManagedFields(whole.body) };
  if (decision.reveal) return slim;
  // What is answered without being stored is the script's own words: tokens of them must tell
  // nothing of the values of others.
  const isEcho = isTrial || effect === "dry run" ||
    (change.request.verb === "create" && /reviews$/.test(change.request.resource.resource));
  return redacted(isEcho ? createRedactor() : redactor, change, slim);
}

/** An answer without credentials; of a log that was cut, without the line that the cut went through. */
export function redacted(
  redactor: Redactor,
  { request }: Pick<Change, "request">,
  answer: BrokerAnswer,
): BrokerAnswer {
  if (answer.body.length === 0) return answer;
  const body = answer.form === "bytes"
    ? redactor.bytes(withoutCutLine(answer.body, request.options?.limitBytes))
    : redactor.json(answer.body, { secrets: request.resource.resource === "secrets" });
  return body === answer.body ? answer : { ...answer, body };
}

/**
 * Objects of one change as a plan may show them: with a key of their own, so that their tokens match
 * no other token.
 */
export function planRedactor(
  { request, look }: Authorized,
): (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> {
  if (look.reveal) return (body) => body;
  const redactor = createRedactor();
  const place = { secrets: request.resource.resource === "secrets" };
  return (body) => redactor.json(body, place);
}

/** An error as it may be seen: the words of the API server may quote objects, and what was asked of it. */
export function withoutHidden(error: unknown, hidden: Hidden = new Map()): unknown {
  if (!(error instanceof ApiError)) return error;
  // With a key of its own: a script chooses words that are quoted, and could compare them.
  const words = createRedactor();
  const clean = (text: string) => words.text(hideKnown(text, hidden));
  return error.with({
    message: clean(error.message),
    hint: error.hint && clean(error.hint),
    causes: error.causes.map(({ field, message }) => ({
      field: field && clean(field),
      message: clean(message),
    })),
    // What caused it is in the same words.
    cause: undefined,
  });
}

/** Characters of a warning that are shown. */
const WARNING_CHARACTERS = 300;

/** A warning of the API server as it may be seen. */
export function shownWarning(text: string): string {
  const words = shown(createRedactor().text(text));
  return words.length > WARNING_CHARACTERS ? `${words.slice(0, WARNING_CHARACTERS)}…` : words;
}

/** What names an object; a status as it is. */
function identityOf(answer: BrokerAnswer): BrokerAnswer {
  if (answer.form !== "json" || answer.body.length === 0) return answer;
  const { kind, apiVersion, metadata } = JSON.parse(
    new TextDecoder().decode(answer.body),
  ) as KubeObject;
  if (kind === "Status") return answer;
  const { name, namespace, uid } = metadata ?? {};
  const identity = { kind, apiVersion, metadata: { name, namespace, uid } };
  return { ...answer, body: new TextEncoder().encode(JSON.stringify(identity)) };
}

/**
 * A log without the line that `limitBytes` has cut: the rest of a credential, or what says that it is one,
 * may be beyond it. Of a single line the last word goes.
 */
function withoutCutLine(
  log: Uint8Array<ArrayBuffer>,
  limitBytes: unknown,
): Uint8Array<ArrayBuffer> {
  if (limitBytes === undefined || log.length < Number(limitBytes)) return log;
  const newline = log.lastIndexOf(10);
  return log.subarray(0, newline >= 0 ? newline + 1 : log.lastIndexOf(32) + 1);
}
