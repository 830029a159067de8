/**
 * Redaction on the way through the broker: answers and errors on their way out, bodies on their way in,
 * where tokens become values again.
 */
import { ApiError, InputError, PolicyError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { PATCH_TYPES, type ResourceRequest } from "../kube/wire/request.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { exposedPath, hideKnown } from "../redact/writes/exposure.ts";
import { createRedactor, type Redactor } from "../redact/redactor.ts";
import {
  hiddenStrings,
  holdsEncodedTokens,
  holdsTokens,
  type Live,
  mayHoldTokens,
  restore,
  restoreJsonPatch,
} from "../redact/writes/restore.ts";
import { TOKEN_MARK } from "../redact/tokens.ts";
import { type Written, writtenBy, writtenByJsonPatch } from "../redact/writes/own_words.ts";
import { atVersion, hasMovedOn, PINNED_TRIES, versionOf } from "./pinned.ts";
import { actsAtOnce, isDryRun } from "./planning.ts";
import { refuseProbes } from "./probes.ts";
import type { BrokerAnswer } from "./types.ts";

/** Values of the object that a write is about, each with its token. */
export type Hidden = ReadonlyMap<string, string>;

const NOTHING: Hidden = new Map();

/** A request that may be sent. */
export interface Prepared {
  readonly request: ResourceRequest;
  readonly hidden: Hidden;
  /** It changes the object at the version that was looked at, or nothing. */
  readonly pinned: boolean;
}

/** Redaction for one broker. */
export interface Redaction {
  /**
   * An answer as a script may see it.
   *
   * @param tried it was tried out only, as a part of a plan
   */
  answer(request: ResourceRequest, answer: BrokerAnswer, tried?: boolean): BrokerAnswer;
  /** Objects of one request as a plan may show them: their tokens are like no others. */
  apart(request: ResourceRequest): (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** Words of the caller, without credentials. */
  text(text: string): string;
  /** An error as a script may see it, for a write also without what `hidden` holds. */
  error(error: unknown, hidden?: Hidden): unknown;
  /**
   * The request with the tokens of its body replaced by the values they stand for. Asks for the live
   * object where that is needed, and has a patch of one that holds hidden values tried out first.
   *
   * @throws {PolicyError} a token in a place it was not read from; a change, or a selector, by which a
   *   hidden value would come to light
   */
  prepare(
    kube: KubeClient,
    request: ResourceRequest,
    how: {
      /** What is hidden may be seen: changes that show it are no matter. */
      readonly reveal: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<Prepared>;
  /** What an error about an object could quote of it. */
  hiddenOf(kube: KubeClient, request: ResourceRequest, signal: AbortSignal): Promise<Hidden>;
}

/** Makes the redaction of one broker, which has one key. */
export function createRedaction(redactor: Redactor = createRedactor()): Redaction {
  async function liveOf(
    kube: KubeClient,
    request: ResourceRequest,
    signal: AbortSignal,
  ): Promise<Live | undefined> {
    const { resource, namespace, name, subresource } = request;
    const readable = resource.subresources.find((one) => one.name === subresource)?.verbs
      .includes("get");
    try {
      const bytes = await kube.send({
        verb: "get",
        resource,
        ...(namespace ? { namespace } : {}),
        ...(name === undefined ? {} : { name }),
        ...(subresource && readable ? { subresource } : {}),
      }, signal);
      return shownBeside(bytes, request);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  function shownBeside(bytes: Uint8Array, request: ResourceRequest): Live {
    const raw: unknown = JSON.parse(decoder.decode(bytes));
    return { raw, shown: redactor.value(raw, placeOf(request)) };
  }

  async function refuseExposure(
    kube: KubeClient,
    request: ResourceRequest,
    { live, written }: { live: Live; written: Written },
    signal: AbortSignal,
  ): Promise<void> {
    const after = request.verb === "update"
      ? redactor.value(JSON.parse(decoder.decode(request.body)), placeOf(request))
      : shownBeside(
        await kube.send({ ...request, options: { ...request.options, dryRun: "All" } }, signal),
        request,
      ).shown;
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

  async function prepare(
    kube: KubeClient,
    request: ResourceRequest,
    { reveal, signal }: { readonly reveal: boolean; readonly signal: AbortSignal },
  ): Promise<Prepared> {
    if (!reveal) refuseProbes(request);
    const untouched = { request, hidden: NOTHING, pinned: false };
    if (!request.body) return untouched;
    const text = decoder.decode(request.body);
    if (holdsEncodedTokens(text)) {
      throw new PolicyError("Cannot send the body: it holds a redacted value in base64", {
        hint:
          "Write the value back as it was read, to the field it was read from, or write a new one.",
      });
    }
    const named = (request.verb === "update" || request.verb === "patch") &&
      request.name !== undefined;
    const written = parseBody(request);
    if (request.contentType === PATCH_TYPES.json) checkOperations(written, request);
    const tokens = mayHoldTokens(text) && holdsTokens(written);
    if (actsAtOnce(request)) {
      // Nothing to look at or to try beforehand: a proxy hands all of it on.
      restore(written, undefined);
      return untouched;
    }
    if (!tokens && (reveal || !named || request.verb !== "patch")) return untouched;
    const live = named ? await liveOf(kube, request, signal) : undefined;
    const hidden = live === undefined ? NOTHING : hiddenStrings(live);
    if (!tokens && hidden.size === 0) return untouched;
    const restored = request.contentType === PATCH_TYPES.json
      ? restoreJsonPatch(written, live)
      : restore(written, live);
    // What was looked at is what is changed: nobody moves the value in between.
    const pins = live !== undefined && hidden.size > 0 && !reveal;
    const body = pins ? atVersion(restored, request, versionOf(live)) : restored;
    const prepared = tokens || pins
      ? { ...request, body: new TextEncoder().encode(JSON.stringify(body)) }
      : request;
    try {
      if (live && hidden.size > 0 && !reveal) {
        const own = request.contentType === PATCH_TYPES.json
          ? writtenByJsonPatch(written, live.raw)
          : writtenBy(written);
        await refuseExposure(kube, prepared, { live, written: own }, signal);
      }
    } catch (error) {
      throw withoutHidden(error, hidden);
    }
    return { request: prepared, hidden, pinned: pins };
  }

  return {
    async prepare(kube, request, how) {
      for (let tries = 1;; tries++) {
        try {
          return await prepare(kube, request, how);
        } catch (error) {
          if (tries === PINNED_TRIES || !hasMovedOn(error)) throw error;
        }
      }
    },
    answer(request, answer, tried = false) {
      if (answer.body.length === 0) return answer;
      // What is answered without being stored is the script's own words: tokens of them must tell
      // nothing of the values of others.
      const own = tried || isDryRun(request) ||
          (request.verb === "create" && /reviews$/.test(request.resource.resource))
        ? createRedactor()
        : redactor;
      const body = answer.form === "bytes"
        ? own.bytes(withoutCutLine(answer.body, request.options?.limitBytes))
        : own.json(answer.body, placeOf(request));
      return body === answer.body ? answer : { ...answer, body };
    },
    apart(request) {
      const own = createRedactor();
      return (body) => own.json(body, placeOf(request));
    },
    text: redactor.text,
    error: withoutHidden,
    async hiddenOf(kube, request, signal) {
      if (request.name === undefined || request.verb === "get") return NOTHING;
      const live = await liveOf(kube, request, signal).catch(() => undefined);
      return live === undefined ? NOTHING : hiddenStrings(live);
    },
  };
}

const decoder = new TextDecoder();

function placeOf({ resource }: ResourceRequest) {
  return { secrets: resource.resource === "secrets" };
}

/** The words of the API server may quote objects, and what was asked of it. */
function withoutHidden(error: unknown, hidden: Hidden = NOTHING): unknown {
  if (!(error instanceof ApiError)) return error;
  // Of a key of their own: a script chooses words that are quoted, and could compare them.
  const words = createRedactor();
  const clean = (text: string) => words.text(hideKnown(text, hidden));
  const { status, reason, causes, hint, retryAfterSeconds } = error;
  return new ApiError(clean(error.message), {
    status,
    reason,
    causes: causes.map(({ field, message }) => ({
      ...(field === undefined ? {} : { field: clean(field) }),
      message: clean(message),
    })),
    ...(hint === undefined ? {} : { hint: clean(hint) }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** The parsed body; one that cannot be read may hold no token. */
function parseBody({ body, contentType }: ResourceRequest): unknown {
  const text = decoder.decode(body);
  try {
    return JSON.parse(text);
  } catch {
    try {
      if (contentType === PATCH_TYPES.apply) return parseYaml(text, "body");
    } catch {
      // Refused below, or by the API server.
    }
    if (text.includes(TOKEN_MARK)) {
      throw new PolicyError("Cannot send the body: it holds redacted values and is not JSON", {
        hint: "Give an object, or JSON text.",
      });
    }
    return undefined;
  }
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

/** What an API server takes (`MaxJSONPatchOperations`): more would only cost time here. */
const JSON_PATCH_OPERATIONS = 10_000;

function checkOperations(patch: unknown, { resource, name }: ResourceRequest): void {
  if (!Array.isArray(patch) || patch.length <= JSON_PATCH_OPERATIONS) return;
  throw new InputError(
    `Cannot patch ${resource.resource} "${name}": the patch has ${patch.length} operations, an API server takes ${JSON_PATCH_OPERATIONS}`,
    { hint: "Use a merge patch, or several patches." },
  );
}
