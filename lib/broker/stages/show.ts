/** Stage: answers and errors on their way out, as their asker may see them. */
import { ApiError, LimitError } from "../../errors.ts";
import { dropManagedFields } from "../../kube/wire/managed_fields.ts";
import type { KubeObject } from "../../kube/types.ts";
import { isGuessable } from "../../redact/detect/guessable.ts";
import { hideKnown } from "../../redact/writes/known_values.ts";
import { createRedactor, type Redactor } from "../../redact/redactor.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";
import { shown } from "../../std/shown.ts";
import type { Authorized, Change, Hidden } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { BrokerAnswer, SeenReleases } from "../types.ts";
import type { Sent } from "../answers/log.ts";
import { withReleases } from "../answers/releases.ts";
import { hasChosenColumns, hideInRows } from "../answers/table_rows.ts";
import { placeOf, storedPlaceOf } from "./place.ts";

/**
 * An answer as it may be seen. A caller without `get` sees only the object's identity in the answer
 * to a change.
 *
 * @param isTrial it was tried out only, as a part of a plan
 */
export async function show(
  change: Authorized,
  answer: Sent,
  scope: Scope,
  isTrial = false,
): Promise<BrokerAnswer> {
  const { redactor, managedFields, pause } = scope;
  const { effect, look, decision } = change;
  const mayRead = effect === "read" || effect === "at once" || look.outcome === "allow";
  const whole = mayRead ? answer : identityOf(answer);
  await pause(whole.body.length);
  const slim = managedFields || whole.form !== "json"
    ? whole
    : { ...whole, body: dropManagedFields(whole.body) };
  const { releases } = scope.origin;
  if (decision.reveal) {
    if (releases && isSecrets(change.request)) releases.revealed = true;
    return cut(slim);
  }
  if (releases && isSecrets(change.request) && slim.body.length > 0) {
    return { ...slim, body: await forHelm(slim.body, change, releases, scope) };
  }
  // What is answered without being stored is the script's own words: tokens of them must tell
  // nothing of the values of others.
  const isEcho = isTrial || effect === "dry run" ||
    (change.request.verb === "create" && /reviews$/.test(change.request.resource.resource));
  try {
    return await redacted(isEcho ? createRedactor() : redactor, change, slim, scope);
  } catch (error) {
    const isMade = !isTrial && (effect === "change" || effect === "at once");
    if (!isMade || !(error instanceof LimitError)) throw error;
    throw error.with({ hint: "The change was made; only its answer cannot be shown." });
  }
}

function isSecrets({ resource: { group, resource }, form = "object" }: ResourceRequest): boolean {
  return group === "" && resource === "secrets" && form === "object";
}

async function forHelm(
  body: Uint8Array<ArrayBuffer>,
  change: Change,
  seen: SeenReleases,
  scope: Scope,
): Promise<Uint8Array<ArrayBuffer>> {
  const hide = (object: unknown) => scope.redactor.value(object, storedPlaceOf(change, scope));
  const document = parseExact(new TextDecoder().decode(body));
  return new TextEncoder().encode(stringifyExact(await withReleases(document, hide, scope, seen)));
}

/** An answer without credentials; of a log that was cut, without the line that the cut went through. */
export async function redacted(
  redactor: Redactor,
  change: Pick<Change, "request" | "effect">,
  { part, ...answer }: Sent,
  scope: Pick<Scope, "kube">,
): Promise<BrokerAnswer> {
  if (answer.body.length === 0) return answer;
  if (answer.form === "json") {
    const place = placeOf(change, scope);
    const body = hasChosenColumns(change.request)
      ? hideInRows(answer.body, change.request.options?.includeObject, (raw) => {
        return { raw, shown: redactor.value(raw, storedPlaceOf(change, scope)) };
      })
      : answer.body;
    return { ...answer, body: await redactor.patiently(body, { form: "json", place }) };
  }
  const { timestamps, limitBytes } = change.request.options ?? {};
  const log = part === undefined ? withoutCutLine(answer.body, limitBytes) : answer.body;
  const options = { ...(part ? { part } : {}), timestamps: String(timestamps) === "true" };
  return { ...answer, body: await redactor.patiently(log, { form: "bytes", options }) };
}

/** What was asked for, as it is. */
function cut({ part, ...answer }: Sent): BrokerAnswer {
  return part === undefined ? answer : { ...answer, body: answer.body.slice(part.start, part.end) };
}

/**
 * Objects of one change as a plan may show them: with a key of their own, so that their tokens match
 * no other token.
 */
export function planRedactor(
  change: Authorized,
  scope: Pick<Scope, "kube">,
): (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> {
  if (change.look.reveal) return (body) => body;
  const redactor = createRedactor();
  const { secrets, objects } = storedPlaceOf(change, scope);
  const place = { secrets, ...(objects ? { objects: { ...objects, byIndex: true } } : {}) };
  return (body) => redactor.json(body, place);
}

/** What is read and what is told of an error, in characters, and of how many causes. */
const FEW_WORDS = { read: 2_000, told: 500, causes: 5 };

/** Of an error's words and causes, as much as anybody reads: all of it is searched. */
const ERROR_CHARACTERS = 16 * 1024;
const ERROR_CAUSES = 50;

/** An error as it may be seen: the words of the API server may quote objects, and what was asked of it. */
export function withoutHidden(error: unknown, hidden: Hidden = new Map()): unknown {
  if (!(error instanceof ApiError)) return error;
  // With a key of its own: a script chooses words that are quoted, and could compare them.
  const words = createRedactor();
  // Errors quote what was sent: each word of it that is hidden is a guess that was right. Of values
  // that can be guessed not many are tried at once.
  const isShort = [...hidden.keys()].some(isGuessable);
  const clean = (text: string) => {
    const given = text.slice(0, isShort ? FEW_WORDS.read : ERROR_CHARACTERS);
    const told = words.text(hideKnown(given, hidden));
    return isShort && told.length > FEW_WORDS.told ? `${told.slice(0, FEW_WORDS.told)}…` : told;
  };
  const causes = error.causes.slice(0, isShort ? FEW_WORDS.causes : ERROR_CAUSES);
  return error.with({
    message: clean(error.message),
    hint: error.hint && clean(error.hint),
    causes: causes.map(({ field, reason, message }) => ({
      field: field && clean(field),
      reason,
      message: clean(message),
    })),
    about: error.about?.name === undefined
      ? error.about
      : { ...error.about, name: clean(error.about.name) },
    // What caused it is in the same words.
    cause: undefined,
  });
}

/** Characters of a warning that are shown. */
const WARNING_CHARACTERS = 300;

/** A warning of the API server as it may be seen. */
export function shownWarning(text: string, hidden: Hidden): string {
  const words = shown(createRedactor().text(hideKnown(text, hidden)));
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
