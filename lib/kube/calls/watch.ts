/**
 * Watching a resource for a given time, over as many requests as that takes: where the
 * server ends the stream it is taken up at the last resourceVersion; where that is too old (410 Gone)
 * the objects are listed, and the changes in between become events.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes}
 */
import { apiVersionOf } from "../../names/groups.ts";
import { ApiError, InputError } from "../../errors.ts";
import {
  buildRequest,
  type OptionValue,
  type RequestOptions,
  type ResourceRequest,
} from "../wire/request.ts";
import { errorFromStatus, type StatusContext } from "../wire/status.ts";
import {
  changeLine,
  difference,
  lineCutter,
  type Listed,
  objectKey,
  readEvent,
  type WatchEvent,
} from "../wire/watch_events.ts";
import { CLOCK, type Clock, sleep } from "../../std/async.ts";
import type { Answers, FetchOk } from "./answers.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

/** Bytes of one event; etcd's limit of an object is 1.5 MiB, its JSON some times that at worst. */
const EVENT_LIMIT_BYTES = 16 * 1024 * 1024;

/** Objects whose state is remembered, to tell what changed while nothing was seen. */
const KNOWN_LIMIT = 50_000;

/** Characters of the key and version of one of them: those of Kubernetes are shorter. */
const KNOWN_CHARACTERS = 1_000;

/** A stream that lasted so long is no failure, however it ended. */
const HEALTHY_MS = 1_000;

/** Waits between failures that follow one another; after the last one the watch fails. */
const BACKOFF_MS: readonly number[] = [50, 100, 200, 400, 800, 1_600, 3_200, 3_200];

/** What a watch is made over: a client's means. */
export interface WatchMeans extends Pick<Answers, "pages"> {
  readonly fetchOk: FetchOk;
  readonly where: StatusContext;
  readonly clock?: Clock;
  /** Waits between failures, in milliseconds, if not those above. */
  readonly backoffMs?: readonly number[];
}

/** What a watch yields: `open` once, then events. */
export type Watched = { readonly kind: "open" } | {
  readonly kind: "event";
  /** `{"type":…,"object":…}` as JSON. */
  readonly line: Uint8Array<ArrayBuffer>;
};

/**
 * The changes of a resource's objects, until the timeout, the signal's abort or the reader's leaving.
 * Without a `resourceVersion` it begins with the objects that there are, as `ADDED`. Bookmarks are
 * always requested, and yielded only where the request itself wants them.
 *
 * Nothing is read from the server while the reader does not take events.
 *
 * Objects that were deleted in a gap are reported with kind, name and namespace alone.
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
  const { clock = CLOCK } = means;
  using _ = timeoutMs === undefined
    ? undefined
    : clock.after(Math.min(timeoutMs, 2 ** 31 - 1), () => over.abort());
  const end = clock.now() + (timeoutMs ?? Infinity);
  try {
    yield* resume({ means, clock, request, end, signal });
  } catch (error) {
    // The timeout is the wanted end, also where it comes in the middle of a wait.
    if (!over.signal.aborted || options.signal.aborted) throw error;
  } finally {
    over.abort();
  }
}

/** One watch: its request and how it is sent. */
interface Watch {
  readonly means: WatchMeans;
  readonly clock: Clock;
  readonly request: ResourceRequest;
  /** When it ends, by the clock. */
  readonly end: number;
  readonly signal: AbortSignal;
}

/** What a watch has seen so far. */
interface Progress {
  /** The resourceVersion of each object that is there, by its key. */
  readonly known: Map<string, string>;
  /** The version at which the next stream begins. */
  version: string;
  /**
   * The state that a watch begins with comes in no order of versions: until it is known to be over,
   * no version stands for all that has been seen.
   */
  settled: boolean;
  begun: boolean;
  openedAt: number;
  failures: number;
}

/** Opens one stream after the other, with a list in between where the versions have a gap. */
async function* resume(watch: Watch): AsyncGenerator<Watched> {
  const { means, clock, signal } = watch;
  const version = String(watch.request.options?.resourceVersion ?? "");
  const progress: Progress = {
    known: new Map(),
    version,
    settled: version !== "" && version !== "0",
    begun: false,
    openedAt: Infinity,
    failures: 0,
  };
  for (;;) {
    progress.openedAt = Infinity;
    let failure: unknown;
    try {
      if (progress.begun && !progress.settled) yield* missedEvents(watch, progress);
      yield* stream(watch, progress);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      const gone = error.status === 410;
      if (!gone && !(progress.begun && isPassing(error))) throw error;
      if (gone) progress.settled = false;
      if (gone && !progress.begun) {
        progress.begun = true;
        yield { kind: "open" };
      }
      failure = error;
    }
    if (clock.now() - progress.openedAt >= HEALTHY_MS) progress.failures = 0;
    const wait = (means.backoffMs ?? BACKOFF_MS)[progress.failures++];
    if (wait === undefined) throw failure ?? endlessEnds(means.where);
    await sleep(wait, signal, clock);
  }
}

/** The events of one stream, to its end. */
async function* stream(watch: Watch, progress: Progress): AsyncGenerator<Watched> {
  const { means, clock, request, end, signal } = watch;
  const asked = request.options ?? {};
  const first = !progress.begun;
  const left = Math.ceil((end - clock.now()) / 1_000) + 1;
  const response = await means.fetchOk(
    buildRequest({
      ...request,
      options: {
        ...(first ? asked : withoutStart(asked)),
        allowWatchBookmarks: true,
        ...(progress.version === "" ? {} : { resourceVersion: progress.version }),
        ...(Number.isFinite(left) ? { timeoutSeconds: left } : {}),
      },
    }),
    signal,
  );
  progress.openedAt = clock.now();
  if (first) {
    progress.begun = true;
    yield { kind: "open" };
  }
  for await (const line of linesOf(response)) {
    const event = readEvent(line);
    if (event === undefined) continue;
    if (event.type === "ERROR") throw eventError(event, means.where);
    progress.failures = 0;
    if (event.type !== "ADDED") progress.settled = true;
    if (event.resourceVersion !== "") progress.version = event.resourceVersion;
    if (event.type === "BOOKMARK" ? asked.allowWatchBookmarks === true : isNews(event, progress)) {
      yield { kind: "event", line };
    }
  }
}

/** Whether an event is news, and not what a new stream repeats. */
function isNews({ type, key, resourceVersion }: WatchEvent, { known }: Progress): boolean {
  if (type === "DELETED") return known.delete(key) || true;
  if (type === "ADDED" && known.get(key) === resourceVersion) return false;
  remember(known, key, resourceVersion);
  return true;
}

function remember(known: Progress["known"], key: string, resourceVersion: string): void {
  if (key.length + resourceVersion.length > KNOWN_CHARACTERS) return;
  if (known.size < KNOWN_LIMIT || known.has(key)) known.set(key, resourceVersion);
}

/** What changed while nothing was seen, by a list. */
async function* missedEvents(
  { means, request, signal }: Watch,
  progress: Progress,
): AsyncGenerator<Watched> {
  const { known } = progress;
  const { labelSelector, fieldSelector } = request.options ?? {};
  let gone = new Map(known);
  const list: ResourceRequest = {
    ...request,
    verb: "list",
    options: { labelSelector, fieldSelector },
  };
  for await (const page of means.pages(list, signal)) {
    // What has been told stays true; what is not in the new list is gone.
    if (page.again) gone = new Map(known);
    const { items } = parseExact(new TextDecoder().decode(page.body)) as {
      readonly items?: readonly Listed[] | null;
    };
    for (const item of items ?? []) {
      const key = objectKey(item.metadata);
      gone.delete(key);
      const type = difference(known, item);
      remember(known, key, item.metadata?.resourceVersion ?? "");
      if (type) yield { kind: "event", line: changeLine(type, { ...kindOf(request), ...item }) };
    }
    progress.version = page.metadata.resourceVersion ?? progress.version;
  }
  for (const key of gone.keys()) {
    known.delete(key);
    const [namespace, name] = key.split("/");
    const metadata = namespace ? { name, namespace } : { name };
    yield { kind: "event", line: changeLine("DELETED", { ...kindOf(request), metadata }) };
  }
  progress.settled = true;
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
function withoutStart(asked: RequestOptions): RequestOptions {
  const {
    resourceVersion: _resourceVersion,
    resourceVersionMatch: _resourceVersionMatch,
    sendInitialEvents: _sendInitialEvents,
    ...rest
  } = asked;
  return rest;
}

function kindOf({ resource, form }: ResourceRequest) {
  return form === "metadata"
    ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" }
    : { kind: resource.kind, apiVersion: apiVersionOf(resource) };
}

function eventError({ object }: WatchEvent, where: StatusContext): ApiError {
  return errorFromStatus(object, { code: 500, text: stringifyExact(object), where });
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
