/**
 * Stage: tokens in the body become the values that they stand for, and what a change would bring to
 * light is refused. What was looked at is what is changed: the request is tied to that version.
 */
import { InputError, PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { writtenByJsonPatch } from "../../redact/writes/json_patch_words.ts";
import { type Written, writtenBy } from "../../redact/writes/own_words.ts";
import { exposedPath } from "../../redact/writes/exposure.ts";
import { hiddenStrings, type Live } from "../../redact/writes/live.ts";
import {
  holdsEncodedTokens,
  holdsTokens,
  mayHoldTokens,
  restore,
  restoreJsonPatch,
} from "../../redact/writes/restore.ts";
import { TOKEN_MARK } from "../../redact/tokens.ts";
import {
  asDryRun,
  type Authorized,
  type Change,
  type Hidden,
  type Prepared,
  withContent,
} from "../change.ts";
import type { Scope } from "../scope.ts";
import { storedPlaceOf } from "./place.ts";
import { refuseProbes } from "./probes.ts";
import { atVersion } from "./version_pin.ts";
import { parseExact } from "../../std/json/exact.ts";

const NOTHING: Hidden = new Map();

/**
 * The change as it may be sent, with values in place of its tokens. Asks for the live object where
 * that is needed.
 *
 * @throws {PolicyError} a token in a place it was not read from; a selector that asks for what is hidden
 */
export async function prepare(change: Authorized, scope: Scope): Promise<Prepared> {
  const { reveal } = change.decision;
  const { request, content, given } = change;
  if (!reveal) refuseProbes(request);
  if (content === undefined || given === undefined) return { ...change, hidden: NOTHING };
  checkBody(given, request);
  const hasTokens = mayHoldTokens(given.text) && holdsTokens(given.value);
  if (change.effect === "at once") {
    // Nothing to look at or to try beforehand: a proxy hands all of it on.
    restore(content.value, undefined);
    return { ...change, hidden: NOTHING };
  }
  const named = (request.verb === "update" || request.verb === "patch") &&
    request.name !== undefined;
  // A Scale holds numbers and a selector: it has nothing to hide, and needs no look.
  const mayExpose = !reveal && named && request.verb === "patch" && request.subresource !== "scale";
  if (!hasTokens && !mayExpose) return { ...change, hidden: NOTHING };
  const live = named ? await liveBeside(change, scope) : undefined;
  const hidden = live === undefined ? NOTHING : hiddenStrings(live);
  if (!hasTokens && hidden.size === 0) return { ...change, hidden: NOTHING };
  const value = request.contentType === PATCH_TYPES.json
    ? restoreJsonPatch(content.value, live)
    : restore(content.value, live);
  const prepared = { ...(hasTokens ? withContent(change, value) : change), hidden };
  if (live === undefined || hidden.size === 0 || reveal) return prepared;
  // What was looked at is what is changed: nobody moves the value in between.
  return { ...atVersion(prepared, versionOf(live)), exposable: live };
}

function versionOf({ raw }: Live): string | undefined {
  return (raw as KubeObject).metadata?.resourceVersion;
}

/** The live object, and how it is shown. */
async function liveBeside(change: Change, scope: Scope): Promise<Live | undefined> {
  const live = await change.live();
  const place = storedPlaceOf(change, scope);
  return live && { raw: live.value, shown: scope.redactor.value(live.value, place) };
}

/** What an error about the object of a change could quote of it. */
export async function hiddenOf(change: Change, scope: Scope): Promise<Hidden> {
  if (change.request.name === undefined || change.request.verb === "get") return NOTHING;
  const live = await liveBeside(change, scope).catch(() => undefined);
  return live === undefined ? NOTHING : hiddenStrings(live);
}

/**
 * Has a change of an object that holds hidden values tried out first.
 *
 * @throws {PolicyError} one of them would show afterwards
 */
export async function refuseExposure(change: Prepared, scope: Scope): Promise<void> {
  const { request, content, given, exposable: live } = change;
  if (live === undefined) return;
  const written: Written = request.contentType === PATCH_TYPES.json
    ? writtenByJsonPatch(given?.value, live.raw)
    : writtenBy(given?.value);
  const outcome: unknown = request.verb === "update" ? content?.value : parseExact(
    new TextDecoder().decode(await scope.kube.send(asDryRun(change), scope.signal)),
  );
  const after = scope.redactor.value(outcome, storedPlaceOf(change, scope));
  const path = exposedPath(live, after, written);
  if (path === undefined) return;
  throw new PolicyError(
    `Cannot ${request.verb} ${request.resource.resource} "${request.name}": a redacted value would show at "${path}"`,
    {
      hint:
        "What says that a value is a credential (its name, its flag) cannot be changed and the value be kept: write a new value with it.",
    },
  );
}

/** What an API server takes (`MaxJSONPatchOperations`): more would only cost time here. */
const JSON_PATCH_OPERATIONS = 10_000;

function checkBody(
  { text, value, isReadable }: NonNullable<Change["given"]>,
  request: ResourceRequest,
): void {
  if (holdsEncodedTokens(text)) {
    throw new PolicyError("Cannot send the body: it holds a redacted value in base64", {
      hint:
        "Write the value back as it was read, to the field it was read from, or write a new one.",
    });
  }
  if (!isReadable && text.includes(TOKEN_MARK)) {
    throw new PolicyError("Cannot send the body: it holds redacted values and is not JSON", {
      hint: "Give an object, or JSON text.",
    });
  }
  if (request.contentType !== PATCH_TYPES.json || !Array.isArray(value)) return;
  if (value.length <= JSON_PATCH_OPERATIONS) return;
  throw new InputError(
    `Cannot patch ${request.resource.resource} "${request.name}": the patch has ${value.length} operations, an API server takes ${JSON_PATCH_OPERATIONS}`,
    { hint: "Use a merge patch, or several patches." },
  );
}
