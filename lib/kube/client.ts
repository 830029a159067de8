/**
 * The client of one cluster: a transport, what the cluster serves (read on demand, kept, read
 * again when a name is not found), and requests with pages.
 */
import { ApiError, ResolveError } from "../errors.ts";
import { CLOCK, type Clock, raceAbort } from "../std/async.ts";
import { createAnswers, type FetchOk, type Page, type VersionsPage } from "./calls/answers.ts";
import { type ExecRequest, type ExecResult, runCommand } from "./calls/exec_session.ts";
import { openPodSession, type PodSessionRequest } from "./calls/pod_session.ts";
import { changeDelayMs, retryDelayMs, retryFailed } from "./calls/retry.ts";
import { type Watched, watchResource } from "./calls/watch.ts";
import { discover } from "./discovery/discovery.ts";
import { keepIndex, type KeptIndex } from "./discovery/kept_index.ts";
import { createOpenApiDocuments } from "./schemas/documents.ts";
import type { Schemas } from "./schemas/openapi.ts";
import type { ClusterAccess, MessageSocket, Transport } from "./types.ts";
import { type BodyLimit, readBody, sharedLimit } from "./wire/body.ts";
import type { ResourceRequest } from "./wire/request.ts";
import {
  errorFromResponse,
  failureOf,
  type StatusContext,
  withUnknownOutcome,
} from "./wire/status.ts";
import { parseExact } from "../std/json/exact.ts";

/** Bytes of what a cluster says of itself, discovery in all or one document: 1 MB is a lot. */
const DOCUMENT_LIMIT_BYTES = 64 * 1024 * 1024;

/** A document that is no resource, as the cluster gives it. */
export interface ClusterDocument {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** A client of one cluster, for one context. */
export interface KubeClient extends Pick<KeptIndex, "index" | "resolve" | "isKnown"> {
  readonly access: ClusterAccess;
  /**
   * Sends a request and returns the bytes of a successful answer.
   *
   * @throws {ApiError} any other answer, or none
   * @throws {LimitError} an answer of more than 64 MiB
   * @param onWarning called for each warning of the API server
   */
  send(
    request: ResourceRequest,
    signal: AbortSignal,
    onWarning?: (text: string) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The pages of a list, each asked for before the one ahead of it has been taken. */
  pages(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<Page>;
  /** Whether versions say all of the objects of a list, as {@linkcode Answers.hasVersions}. */
  hasVersions(request: ResourceRequest): Promise<boolean>;
  /** The pages of a list as versions of its objects, as {@linkcode Answers.versions}. */
  versions(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<VersionsPage>;
  /**
   * An answer that goes on, as it comes: one watch, a log that is followed.
   *
   * @throws {ApiError} an answer that is not good, or none
   */
  open(request: ResourceRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** The changes of a resource's objects, as {@linkcode watchResource} gives them. */
  watch(
    request: ResourceRequest,
    options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
  ): AsyncGenerator<Watched>;
  /** Runs a command in a container of a pod, as {@linkcode runCommand}. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  /** Opens a session with a pod, as {@linkcode openPodSession}. */
  openSession(request: PodSessionRequest, signal: AbortSignal): Promise<MessageSocket>;
  /**
   * A GET of a path that is no resource's (`/version`), as JSON.
   *
   * @throws {LimitError} more than 64 MiB
   */
  getJson(
    path: string,
    options: { readonly accept?: string; readonly signal: AbortSignal },
  ): Promise<unknown>;
  /**
   * A GET of a path that is no resource's, in a form that `accept` names (RFC 9110, section 12.5.1).
   *
   * @throws {LimitError} more than 64 MiB
   */
  getDocument(
    path: string,
    options: { readonly accept: string; readonly signal: AbortSignal },
  ): Promise<ClusterDocument>;
  /**
   * The OpenAPI v3 schemas of a group and version; undefined when the cluster publishes none. Whether
   * they have changed is checked again when the last check is older than `maxAgeMs`.
   */
  schemas(
    groupVersion: { readonly group: string; readonly version: string },
    options: { readonly maxAgeMs: number; readonly signal: AbortSignal },
  ): Promise<Schemas | undefined>;
  close(): void;
}

/**
 * Makes a client. It sends nothing before its first call.
 *
 * @param options.discoveryTimeoutMs how long discovery may take. It is the first request, so
 *   this is also how long a server that does not answer delays a script
 */
export function createClient(
  access: ClusterAccess,
  transport: Transport,
  options: { readonly discoveryTimeoutMs: number; readonly clock?: Clock },
): KubeClient {
  const { clock = CLOCK, discoveryTimeoutMs } = options;
  const where = { server: access.server, context: access.context };
  const closed = new AbortController();
  const fetchOk = createFetch(transport, where, clock);
  const getJson = createGetJson(fetchOk, where);

  /** Work that several callers share: it ends by its timeout, not when one caller leaves. */
  const bounds = { where, clock, login: transport.login };
  const shared = <Value>(work: (signal: AbortSignal) => Promise<Value>) =>
    withTimeout(work, { ...bounds, timeoutMs: discoveryTimeoutMs, signal: closed.signal });
  const { index, resolve, isKnown, failed } = keepIndex(
    () =>
      shared((signal) => {
        // One limit for all its answers: there may be hundreds.
        const limit = sharedLimit(documentLimit("discovery", where));
        return discover(async (path, accept, { apart = false } = {}) => {
          const ask = (signal: AbortSignal) => getJson({ path, accept, limit }, signal);
          const { value } = apart
            ? await withTimeout(ask, { ...bounds, timeoutMs: discoveryTimeoutMs / 2, signal })
            : await ask(signal);
          return value;
        });
      }),
    clock,
  );
  const fetchResource: FetchOk = (request, signal) =>
    fetchOk(request, signal).catch((error) => {
      failed(error);
      throw error;
    });
  const { send, pages, hasVersions, versions, open } = createAnswers(fetchResource, where);
  const documents = createOpenApiDocuments(
    (path) =>
      shared((signal) =>
        getJson({ path, accept: "application/json", limit: documentLimit(path, where) }, signal)
      ),
    clock,
  );

  return {
    access,
    index,
    resolve,
    isKnown,
    send,
    pages,
    hasVersions,
    versions,
    open,
    watch: (request, options) =>
      watchResource({ fetchOk: fetchResource, pages, where, clock }, request, options),
    exec: (request, signal) => runCommand({ transport, where, clock }, request, signal),
    async getDocument(path, { accept, signal }) {
      const response = await fetchOk({ method: "GET", path, headers: { accept } }, signal);
      const body = await readBody(response, documentLimit(path, where));
      return { body, contentType: response.headers.get("content-type") ?? "text/plain" };
    },
    openSession: (request, signal) => openPodSession({ transport, where }, request, signal),
    async getJson(path, { accept = "application/json", signal }) {
      return (await getJson({ path, accept, limit: documentLimit(path, where) }, signal)).value;
    },
    schemas: ({ group, version }, { maxAgeMs, signal }) =>
      raceAbort(documents({ group, version }, { maxAgeMs }), signal),
    close() {
      closed.abort();
      transport.close();
    },
  };
}

/** Sends requests and throws for failures: reads are retried, changes where they were not looked at. */
function createFetch(transport: Transport, where: StatusContext, clock: Clock): FetchOk {
  return async (request, signal) => {
    const ask = async () => {
      const response = await transport.send(request, signal);
      return response.status < 400 ? response : await errorFromResponse(response, where);
    };
    if (request.method === "GET") return await retryFailed(ask, retryDelayMs, signal, clock);
    return await retryFailed(ask, changeDelayMs, signal, clock).catch((error) => {
      throw error instanceof ApiError ? withUnknownOutcome(error) : error;
    });
  };
}

function documentLimit(what: string, { server }: StatusContext): BodyLimit {
  return {
    limitBytes: DOCUMENT_LIMIT_BYTES,
    what: `${what} of the API server "${server}"`,
    hint: "No Kubernetes API server says that much of itself: check the server's address.",
  };
}

/** What is asked for: a path, and how much of an answer is read. */
interface JsonRequest {
  readonly path: string;
  readonly accept: string;
  readonly limit: BodyLimit;
}

function createGetJson(fetchOk: FetchOk, { server, context }: StatusContext) {
  return async (
    { path, accept, limit }: JsonRequest,
    signal: AbortSignal,
  ): Promise<{ readonly value: unknown; readonly bytes: number }> => {
    const response = await fetchOk({ method: "GET", path, headers: { accept } }, signal);
    const body = await readBody(response, limit);
    let value: unknown;
    try {
      value = parseExact(new TextDecoder().decode(body));
    } catch (cause) {
      throw new ResolveError(
        `Cannot use "${server}" as an API server: its answer to ${path} is not JSON`,
        { cause, hint: `Check the server's address in the kubeconfig, context "${context}".` },
      );
    }
    const failure = failureOf(value, { server, context });
    if (failure) throw failure;
    return { value, bytes: body.length };
  };
}

/**
 * Ends work that takes longer, the time of a login not counted.
 *
 * @throws {ApiError} it took longer
 */
async function withTimeout<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  { where: { server, context }, timeoutMs, signal, clock, login }: {
    readonly where: StatusContext;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly clock: Clock;
    readonly login: Transport["login"];
  },
): Promise<Value> {
  const timeout = new AbortController();
  let ended = false;
  let timer: Disposable | undefined;
  const start = () => {
    if (ended) return;
    timer = clock.after(timeoutMs, () => {
      const pending = login();
      if (pending === undefined) timeout.abort();
      else pending.then(start);
    });
  };
  start();
  try {
    return await work(AbortSignal.any([timeout.signal, signal]));
  } catch (cause) {
    if (!timeout.signal.aborted) {
      // What else it has asked for is of no use any more.
      timeout.abort();
      throw cause;
    }
    throw new ApiError(
      `Cannot reach the API server "${server}" (context "${context}"): no answer within ${
        timeoutMs / 1000
      } s`,
      {
        status: 0,
        reason: "Timeout",
        cause,
        hint:
          `Check the network (VPN, proxy, firewall) with \`kubectl --context ${context} version\`.`,
      },
    );
  } finally {
    ended = true;
    timer?.[Symbol.dispose]();
  }
}
