/**
 * Watching a resource for as long as is asked for, over as many requests as that takes: where the
 * server ends the stream it is taken up at the last resourceVersion; where that is too old (410 Gone)
 * the objects are listed, and what changed in between is told.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes}
 */
import { ApiError, InputError } from "../../errors.ts";
import type { ListMetadata } from "../wire/list_metadata.ts";
import { buildRequest, type OptionValue, type ResourceRequest } from "../wire/request.ts";
import { errorFromStatus, type StatusContext } from "../wire/status.ts";
import type { HttpRequest } from "../types.ts";
import {
  changeLine,
  difference,
  lineCutter,
  type Listed,
  objectKey,
  readEvent,
  type WatchEvent,
} from "../wire/watch_events.ts";
import { sleep } from "../../std/async.ts";

/** Bytes of one event; etcd's limit of an object is 1.5 MiB, its JSON some times that at worst. */
const EVENT_LIMIT_BYTES = 16 * 1024 * 1024;

/** Objects whose state is remembered, to tell what changed while nothing was seen. */
const KNOWN_LIMIT = 50_000;

/** A stream that lasted so long is no failure, however it ended. */
const HEALTHY_MS = 1_000;

/** Waits between failures that follow one another; after the last one the watch fails. */
const BACKOFF_MS: readonly number[] = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200];

/** What a watch is made over: a client's means. */
export interface WatchMeans {
  /** Sends a request; throws for any answer that is not good. */
  fetchOk(request: HttpRequest, signal: AbortSignal): Promise<Response>;
  pages(
    request: ResourceRequest,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly body: Uint8Array<ArrayBuffer>; readonly metadata: ListMetadata }>;
  readonly where: StatusContext;
  /** Waits between failures, in milliseconds, if not those above. */
  readonly backoffMs?: readonly number[];
}

/** What a watch gives: once that it has begun, then events. */
export type Watched = { readonly kind: "open" } | {
  readonly kind: "event";
  /** `{"type":…,"object":…}` as JSON. */
  readonly line: Uint8Array<ArrayBuffer>;
};

/**
 * The changes of a resource's objects, until the timeout, the signal's abort or the reader's leaving.
 * Without a `resourceVersion` it begins with the objects that there are, as `ADDED`. Bookmarks are
 * asked for, and given only where the request itself asks for them.
 *
 * Nothing is read from the server while the reader does not take events.
 *
 * After a gap the objects that were deleted in it are told with kind, name and namespace alone.
 *
 * @param options.timeoutMs when the watch ends; without it `timeoutSeconds` of the request counts,
 *   and without that it does not end
 * @throws {ApiError} a first answer that is not good, or a server that has been away for 10 s
 * @throws {InputError} the form `table`
 */
export async function* watchResource(
  means: WatchMeans,
  request: ResourceRequest,
  options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
): AsyncGenerator<Watched> {
  if (request.form === "table") {
    throw new InputError(`Cannot watch ${request.resource.resource} as a table`, {
      hint: "Watch objects or metadata, and list the table.",
    });
  }
  const timeoutMs = options.timeoutMs ?? secondsOf(request.options?.timeoutSeconds);
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const timer = timeoutMs === undefined
    ? undefined
    : setTimeout(() => over.abort(), Math.min(timeoutMs, 2 ** 31 - 1));
  try {
    yield* watchOn(means, request, { timeoutMs, signal });
  } catch (error) {
    // The end that was asked for; also where it came in the middle of a wait.
    if (!over.signal.aborted || options.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function* watchOn(
  means: WatchMeans,
  request: ResourceRequest,
  { timeoutMs, signal }: { timeoutMs: number | undefined; signal: AbortSignal },
): AsyncGenerator<Watched> {
  const asked = request.options ?? {};
  const end = performance.now() + (timeoutMs ?? Infinity);
  const known = new Map<string, string>();
  const given = String(asked.resourceVersion ?? "");
  let version = given;
  // The state that a watch begins with comes in no order of versions: until it is known to be over,
  // no version stands for all that has been seen.
  let settled = given !== "" && given !== "0";
  let begun = false;
  let openedAt = Infinity;
  let failures = 0;

  /** Whether an event is news, and not what a new stream repeats. */
  function isNews({ type, key, resourceVersion }: WatchEvent): boolean {
    if (type === "DELETED") return known.delete(key) || true;
    if (type === "ADDED" && known.get(key) === resourceVersion) return false;
    if (known.size < KNOWN_LIMIT || known.has(key)) known.set(key, resourceVersion);
    return true;
  }

  async function* missed(): AsyncGenerator<Watched> {
    const { labelSelector, fieldSelector } = asked;
    const selectors = {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    const gone = new Map(known);
    for await (
      const page of means.pages({ ...request, verb: "list", options: selectors }, signal)
    ) {
      const list = JSON.parse(new TextDecoder().decode(page.body)) as { items?: Listed[] | null };
      for (const item of list.items ?? []) {
        const key = objectKey(item.metadata);
        gone.delete(key);
        const type = difference(known, item);
        if (known.size < KNOWN_LIMIT) known.set(key, item.metadata?.resourceVersion ?? "");
        if (type) yield { kind: "event", line: changeLine(type, { ...kindOf(request), ...item }) };
      }
      version = page.metadata.resourceVersion ?? version;
    }
    for (const key of gone.keys()) {
      known.delete(key);
      const [namespace, name] = key.split("/");
      const metadata = namespace ? { name, namespace } : { name };
      yield { kind: "event", line: changeLine("DELETED", { ...kindOf(request), metadata }) };
    }
    settled = true;
  }

  async function* stream(): AsyncGenerator<Watched> {
    const first = !begun;
    const left = Math.ceil((end - performance.now()) / 1_000) + 1;
    const response = await means.fetchOk(
      buildRequest({
        ...request,
        options: {
          ...(first ? asked : withoutStart(asked)),
          allowWatchBookmarks: true,
          ...(version === "" ? {} : { resourceVersion: version }),
          ...(Number.isFinite(left) ? { timeoutSeconds: left } : {}),
        },
      }),
      signal,
    );
    openedAt = performance.now();
    if (first) {
      begun = true;
      yield { kind: "open" };
    }
    for await (const line of linesOf(response)) {
      const event = readEvent(line);
      if (event === undefined) continue;
      if (event.type === "ERROR") throw eventError(event, means.where);
      failures = 0;
      if (event.type !== "ADDED") settled = true;
      if (event.resourceVersion !== "") version = event.resourceVersion;
      if (event.type === "BOOKMARK" ? asked.allowWatchBookmarks === true : isNews(event)) {
        yield { kind: "event", line };
      }
    }
  }

  for (;;) {
    openedAt = Infinity;
    let failure: unknown;
    try {
      if (begun && !settled) yield* missed();
      yield* stream();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      const gone = error.status === 410;
      if (!gone && !(begun && isPassing(error))) throw error;
      if (gone) settled = false;
      if (gone && !begun) {
        begun = true;
        yield { kind: "open" };
      }
      failure = error;
    }
    if (performance.now() - openedAt >= HEALTHY_MS) failures = 0;
    const wait = (means.backoffMs ?? BACKOFF_MS)[failures++];
    if (wait === undefined) throw failure ?? endlessEnds(means.where);
    await sleep(wait, signal);
  }
}

/** Failures that another try may mend: no connection, too busy, a server that is starting. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function endlessEnds({ server }: StatusContext): ApiError {
  return new ApiError(`Cannot watch: the API server "${server}" ends every stream at once`, {
    status: 0,
    reason: "Unreachable",
    hint: "Does a proxy in front of it cut long answers off?",
  });
}

/** The options of a stream that goes on where another ended. */
function withoutStart(
  asked: Readonly<Record<string, OptionValue>>,
): Readonly<Record<string, OptionValue>> {
  const {
    resourceVersion: _resourceVersion,
    resourceVersionMatch: _resourceVersionMatch,
    sendInitialEvents: _sendInitialEvents,
    ...rest
  } = asked;
  return rest;
}

function kindOf({ resource: { group, version, kind }, form }: ResourceRequest) {
  return form === "metadata"
    ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" }
    : { kind, apiVersion: group ? `${group}/${version}` : version };
}

function eventError({ object }: WatchEvent, where: StatusContext): ApiError {
  return errorFromStatus(object, { code: 500, text: JSON.stringify(object), where });
}

function secondsOf(option: OptionValue | undefined): number | undefined {
  const seconds = Number(option);
  return option !== undefined && seconds > 0 ? seconds * 1_000 : undefined;
}

/** The lines of an answer; what a cut-off stream leaves behind is no line. */
async function* linesOf(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const cutter = lineCutter(EVENT_LIMIT_BYTES);
  for await (const chunk of response.body ?? []) yield* cutter.push(chunk);
  const rest = cutter.rest();
  if (rest.length > 0) yield rest;
}
