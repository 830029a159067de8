/**
 * The client of one cluster: a transport, what the cluster serves (asked on demand, kept, asked
 * again when a name is not found), and requests with pages.
 */
import { ApiError, LimitError, ResolveError } from "../errors.ts";
import { createByteBudget, type Lease } from "./calls/byte_budget.ts";
import { type ApiIndex, discover, type GetJson } from "./discovery/discovery.ts";
import { type ListMetadata, readListMetadata } from "./wire/list_metadata.ts";
import type { Schemas } from "./schemas/openapi.ts";
import { createOpenApiDocuments } from "./schemas/documents.ts";
import { type ExecRequest, type ExecResult, runCommand } from "./calls/exec_session.ts";
import { buildRequest, type ResourceRequest } from "./wire/request.ts";
import { askAgain } from "./calls/retry.ts";
import { resolveResource, type ResourceReference } from "./discovery/resolve.ts";
import { errorFromResponse, maybeDone, namingNamespace } from "./wire/status.ts";
import type { ApiResource, ClusterAccess, HttpRequest, Transport } from "./types.ts";
import { type Watched, watchResource } from "./calls/watch.ts";
import { cacheByAge, raceAbort } from "../std/async.ts";

/** Objects in a page of a list where the caller sets no limit; client-go's own default. */
export const PAGE_SIZE = 500;

/** A discovery younger than this is not asked again because a name was missing. */
export const FRESH_MS = 2_000;

/** Bytes of one answer; a page of 500 large objects stays far below it. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

/** Bytes of answers that one client holds at a time, but for the one that is read on in any case. */
const HELD_LIMIT_BYTES = 64 * 1024 * 1024;

/** One page of a list, as bytes. */
export interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly metadata: ListMetadata;
}

/** A client of one cluster, for one context. */
export interface KubeClient {
  readonly access: ClusterAccess;
  /** What the cluster serves, asked again when what is known is older than `maxAgeMs`. */
  index(options: { readonly maxAgeMs?: number; readonly signal: AbortSignal }): Promise<ApiIndex>;
  /**
   * The resource that a reference means; a name that is not known leads to one new discovery.
   *
   * @throws {ResolveError} it is not served
   */
  resolve(reference: ResourceReference, signal: AbortSignal): Promise<ApiResource>;
  /**
   * Sends a request and gives the bytes of its good answer.
   *
   * @throws {ApiError} any other answer, or none
   * @throws {LimitError} an answer of more than 64 MiB
   */
  send(request: ResourceRequest, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The pages of a list, each asked for before the one ahead of it has been taken. */
  pages(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<Page>;
  /** The changes of a resource's objects, as {@linkcode watchResource} gives them. */
  watch(
    request: ResourceRequest,
    options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
  ): AsyncGenerator<Watched>;
  /** Runs a command in a container of a pod, as {@linkcode runCommand}. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  /** A GET of a path that is no resource's (`/version`), as JSON. */
  getJson(
    path: string,
    options: { readonly accept?: string; readonly signal: AbortSignal },
  ): Promise<unknown>;
  /**
   * The OpenAPI v3 schemas of a group and version; undefined when the cluster publishes none. Whether
   * they have changed is asked again when what is known is older than `maxAgeMs`.
   */
  schemas(
    groupVersion: { readonly group: string; readonly version: string },
    options: { readonly maxAgeMs: number; readonly signal: AbortSignal },
  ): Promise<Schemas | undefined>;
  close(): void;
}

/**
 * Makes a client. Nothing is sent before it is asked for something.
 *
 * @param options.discoveryTimeoutMs how long a server may take to say what it serves: the first thing
 *   asked of it, so also how long one that does not answer holds a script up
 */
export function createClient(
  access: ClusterAccess,
  transport: Transport,
  options: { readonly discoveryTimeoutMs: number },
): KubeClient {
  const where = { server: access.server, context: access.context };
  const closed = new AbortController();
  const held = createByteBudget(HELD_LIMIT_BYTES);

  async function fetchOk(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const ask = async () => {
      const response = await transport.send(request, signal);
      return response.status < 400 ? response : await errorFromResponse(response, where);
    };
    if (request.method === "GET") return await askAgain(ask, signal);
    const answer = await ask();
    if (answer instanceof ApiError) throw maybeDone(answer);
    return answer;
  }

  async function getJson(path: string, accept: string, signal: AbortSignal): Promise<unknown> {
    const response = await fetchOk({ method: "GET", path, headers: { accept } }, signal);
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ResolveError(
        `Cannot use "${access.server}" as an API server: its answer to ${path} is not JSON`,
        {
          cause,
          hint: `Check the server's address in the kubeconfig, context "${access.context}".`,
        },
      );
    }
  }

  const latestIndex = cacheByAge(() => shared(discover));

  /** Discovery is shared between callers: it ends by its own timeout, not when one of them goes. */
  function index({ maxAgeMs = Infinity, signal }: { maxAgeMs?: number; signal: AbortSignal }) {
    signal.throwIfAborted();
    return raceAbort(latestIndex(maxAgeMs), signal);
  }

  const documents = createOpenApiDocuments((path) =>
    shared((get) => get(path, "application/json"))
  );

  /** Work that several callers wait for: it has a timeout of its own. */
  async function shared<Value>(work: (get: GetJson) => Promise<Value>): Promise<Value> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), options.discoveryTimeoutMs);
    const either = AbortSignal.any([timeout.signal, closed.signal]);
    try {
      return await work((path, accept) => getJson(path, accept, either));
    } catch (cause) {
      if (!timeout.signal.aborted) throw cause;
      throw new ApiError(
        `Cannot reach the API server "${access.server}" (context "${access.context}"): no answer within ${
          options.discoveryTimeoutMs / 1000
        } s`,
        {
          status: 0,
          reason: "Timeout",
          cause,
          hint:
            `Check the network (VPN, proxy, firewall) with \`kubectl --context ${access.context} version\`.`,
        },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async function resolve(reference: ResourceReference, signal: AbortSignal): Promise<ApiResource> {
    try {
      return resolveResource(await index({ signal }), reference);
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      return resolveResource(await index({ maxAgeMs: FRESH_MS, signal }), reference);
    }
  }

  async function read(request: ResourceRequest, lease: Lease, signal: AbortSignal) {
    try {
      return await readBytes(await fetchOk(buildRequest(request), signal), lease);
    } catch (error) {
      lease.release();
      throw namingNamespace(error, request.namespace);
    }
  }

  async function send(request: ResourceRequest, signal: AbortSignal) {
    const lease = held.lease();
    const body = await read(request, lease, signal);
    lease.release();
    return body;
  }

  async function page(request: ResourceRequest, lease: Lease, signal: AbortSignal): Promise<Page> {
    const body = await read(request, lease, signal);
    return { body, metadata: readListMetadata(body) };
  }

  async function* pages(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<Page> {
    const limited = request.options?.limit !== undefined;
    const abandoned = new AbortController();
    const leases = new Set<Lease>();
    const either = AbortSignal.any([signal, abandoned.signal]);
    const ask = (token?: string): { readonly answer: Promise<Page>; readonly lease: Lease } => {
      const { resourceVersion, resourceVersionMatch, ...rest } = request.options ?? {};
      const first = {
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(resourceVersionMatch === undefined ? {} : { resourceVersionMatch }),
      };
      // A token says which version is meant; the API server takes no second word on it.
      const options = { limit: PAGE_SIZE, ...rest, ...(token ? { continue: token } : first) };
      const lease = held.lease();
      leases.add(lease);
      const answer = page({ ...request, options }, lease, either);
      // Taken later, or never when the reader stops: either way it must not count as unhandled.
      answer.catch(() => {});
      return { answer, lease };
    };
    try {
      let next: ReturnType<typeof ask> | undefined = ask();
      while (next) {
        const { answer, lease }: ReturnType<typeof ask> = next;
        const current: Page = await answer;
        const token: string | undefined = limited ? undefined : current.metadata.continue;
        next = token ? ask(token) : undefined;
        yield current;
        lease.release();
        leases.delete(lease);
      }
    } finally {
      abandoned.abort();
      for (const lease of leases) lease.release();
    }
  }

  return {
    access,
    index,
    resolve,
    send,
    pages,
    watch: (request, options) => watchResource({ fetchOk, pages, where }, request, options),
    exec: (request, signal) => runCommand({ transport, where }, request, signal),
    getJson: (path, { accept = "application/json", signal }) => getJson(path, accept, signal),
    schemas: ({ group, version }, { maxAgeMs, signal }) =>
      raceAbort(documents({ group, version }, { maxAgeMs }), signal),
    close() {
      closed.abort();
      transport.close();
    },
  };
}

async function readBytes(response: Response, lease: Lease): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    await lease.take(chunk.length);
    chunks.push(chunk);
    length += chunk.length;
    if (length > ANSWER_LIMIT_BYTES) {
      throw new LimitError(
        `Cannot read the API server's answer: it is larger than ${ANSWER_LIMIT_BYTES >> 20} MiB`,
        { hint: "Ask for less: limit and continue for lists, tailLines or limitBytes for logs." },
      );
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
    // A large list is in memory twice here; what was copied is given back now, not some time later.
    if (chunk.length === chunk.buffer.byteLength) chunk.buffer.transfer(0);
  }
  return whole;
}
