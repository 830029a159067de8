/** Good answers as bytes: of one request, or the pages of a list, all under one budget. */
import { PAGE_SIZE } from "../../names/requests.ts";
import type { HttpRequest } from "../types.ts";
import { ApiError } from "../../errors.ts";
import { WireError } from "../../protobuf/wire.ts";
import type { VersionsList } from "../../protobuf/versions.ts";
import { readBody } from "../wire/body.ts";
import { checkAnswer, cutLog, notJson } from "../wire/good_answers.ts";
import { type ListMetadata, readListMetadata } from "../wire/list_metadata.ts";
import { buildRequest, type ResourceRequest } from "../wire/request.ts";
import { type StatusContext, withNamespaceHint } from "../wire/status.ts";
import { warningsOf } from "../wire/warnings.ts";
import { type ByteBudget, createByteBudget, type Lease } from "./byte_budget.ts";
import { createProtobufLists, isProtobuf } from "./protobuf_lists.ts";

/** Of one answer; a page of 500 large objects stays far below it. */
const ANSWER_LIMIT = {
  limitBytes: 64 * 1024 * 1024,
  what: "the API server's answer",
  hint: "Ask for less: limit and continue for lists, tailLines or limitBytes for logs.",
};

/** Bytes of answers that one client holds at a time, but for the one that is read on in any case. */
const HELD_LIMIT_BYTES = 64 * 1024 * 1024;

/** Sends a request; throws for any answer that is not good. */
export type FetchOk = (request: HttpRequest, signal: AbortSignal) => Promise<Response>;

/** What every page of a list says. */
interface AnyPage {
  readonly metadata: ListMetadata;
  /**
   * The token of the next page had expired, so that this is the whole list as it is now: what came
   * before is void.
   */
  readonly again?: true;
}

/** One page of a list, as bytes. */
export interface Page extends AnyPage {
  readonly body: Uint8Array<ArrayBuffer>;
}

/** One page of a list: which objects are on it, and in which version. */
export interface VersionsPage extends AnyPage, VersionsList {
  readonly metadata: VersionsList["metadata"];
}

/** The answers that one client reads. */
export interface Answers {
  /** @param onWarning called for each warning of the API server */
  send(
    request: ResourceRequest,
    signal: AbortSignal,
    onWarning?: (text: string) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The pages of a list, each asked for before the one ahead of it has been taken. */
  pages(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<Page>;
  /**
   * Whether a version says all of an object: of the kinds that the API server itself stores. An aggregated
   * API may make objects up from others, and give several of them one uid and resourceVersion.
   */
  hasVersions(request: ResourceRequest): Promise<boolean>;
  /**
   * The pages of the same list, with no more of its objects than it takes to know them again.
   *
   * @throws {ApiError} the API server gives no metadata in protobuf
   */
  versions(request: ResourceRequest, signal: AbortSignal): AsyncGenerator<VersionsPage>;
  /** An answer that goes on, as it comes: one watch, a log that is followed. */
  open(request: ResourceRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

type Read = (
  request: ResourceRequest,
  lease: Lease,
  signal: AbortSignal,
  onWarning?: (text: string) => void,
) => Promise<Uint8Array<ArrayBuffer>>;

/** Makes the reader of a client's answers. */
export function createAnswers(fetchOk: FetchOk, where: StatusContext): Answers {
  const held = createByteBudget(HELD_LIMIT_BYTES);
  const lists = createProtobufLists();
  const read: Read = async (request, lease, signal, onWarning) => {
    try {
      const protobuf = await lists.mayAsk(request);
      const response = await fetchOk(buildRequest(request, { protobuf }), signal);
      for (const text of onWarning ? warningsOf(response.headers) : []) onWarning?.(text);
      const body = await readBody(
        response,
        ANSWER_LIMIT,
        (bytes) => lease.take(bytes),
        request.subresource === "log" ? cutLog : undefined,
      );
      if (protobuf && isProtobuf(response)) {
        const json = await lists.read(body, request);
        if (json !== undefined) return json;
        return await read(request, lease, signal, onWarning);
      }
      checkAnswer(body, request, where);
      return body;
    } catch (error) {
      lease.release();
      throw withNamespaceHint(error, request.namespace);
    }
  };
  return {
    async send(request, signal, onWarning) {
      const lease = held.lease();
      const body = await read(request, lease, signal, onWarning);
      lease.release();
      return body;
    },
    pages: (request, signal) => {
      const readPage = async (page: ResourceRequest, lease: Lease, end: AbortSignal) => {
        const body = await read(page, lease, end);
        return { body, metadata: metadataOf(body, request, where) };
      };
      return readPages({ readPage, held, where }, request, signal);
    },
    hasVersions: (request) => lists.mayAsk({ ...request, withoutManagedFields: true }),
    versions: (request, signal) => {
      const readPage = async (page: ResourceRequest, lease: Lease, end: AbortSignal) => {
        const asked = buildRequest({ ...page, form: "metadata" }, { protobuf: true });
        const take = (bytes: number) => lease.take(bytes);
        const body = await readBody(await fetchOk(asked, end), ANSWER_LIMIT, take);
        const { versionsFromProtobuf } = await import("../../protobuf/versions.ts");
        try {
          return versionsFromProtobuf(body);
        } catch (cause) {
          throw cause instanceof WireError ? noVersions(where, cause) : cause;
        } finally {
          // The bytes are gone; whoever takes this page may have others to wait for before the next.
          lease.release();
        }
      };
      return readPages({ readPage, held, where }, request, signal);
    },
    async open(request, signal) {
      const response = await fetchOk(buildRequest(request), signal);
      return response.body ?? new Blob().stream();
    },
  };
}

/** Where a page begins: at the start, at a token, or at the start and up to the end of the list. */
type From = "start" | "whole" | { readonly token: string };

interface Asked<One> {
  readonly answer: Promise<One>;
  readonly lease: Lease;
  readonly from: From;
}

async function* readPages<One extends AnyPage>(
  { readPage, held, where }: {
    readonly readPage: (page: ResourceRequest, lease: Lease, signal: AbortSignal) => Promise<One>;
    readonly held: ByteBudget;
    readonly where: StatusContext;
  },
  request: ResourceRequest,
  signal: AbortSignal,
): AsyncGenerator<One> {
  const limited = request.options?.limit !== undefined;
  const abandoned = new AbortController();
  const leases = new Set<Lease>();
  const either = AbortSignal.any([signal, abandoned.signal]);
  const ask = (from: From): Asked<One> => {
    const lease = held.lease();
    leases.add(lease);
    const options = optionsFrom(from, request);
    const answer = readPage({ ...request, options }, lease, either);
    // Taken later, or never when the reader stops: either way it must not count as unhandled.
    answer.catch(() => {});
    return { answer, lease, from };
  };
  const end = (lease: Lease) => {
    lease.release();
    leases.delete(lease);
  };
  try {
    let hasBegunAgain = false;
    let next: Asked<One> | undefined = ask("start");
    while (next) {
      const { answer, lease, from }: Asked<One> = next;
      const current: One | undefined = await answer.catch((error) => {
        // A server that gives no whole list, and whose tokens are no good, would be asked for ever.
        if (typeof from !== "object" || hasBegunAgain || !isExpired(error)) throw error;
        return undefined;
      });
      if (current === undefined) {
        end(lease);
        next = ask("whole");
        hasBegunAgain = true;
        continue;
      }
      const token: string | undefined = limited ? undefined : current.metadata.continue;
      if (token !== undefined && typeof from === "object" && token === from.token) {
        throw sameAgain(where);
      }
      next = token === undefined ? undefined : ask({ token });
      yield from === "whole" ? { ...current, again: true } : current;
      end(lease);
    }
  } finally {
    abandoned.abort();
    for (const lease of leases) lease.release();
  }
}

function optionsFrom(from: From, { options = {} }: ResourceRequest): ResourceRequest["options"] {
  // Only the whole list is asked for without a limit that nobody named: see `again` of a page.
  if (from === "whole") return options;
  const limit = { limit: PAGE_SIZE };
  if (from === "start") return { ...limit, ...options };
  // A token says which version is meant; the API server takes no second word on it.
  const { resourceVersion: _version, resourceVersionMatch: _match, ...rest } = options;
  return { ...limit, ...rest, continue: from.token };
}

function metadataOf(
  body: Uint8Array<ArrayBuffer>,
  { verb }: ResourceRequest,
  where: StatusContext,
): ListMetadata {
  try {
    return readListMetadata(body);
  } catch {
    throw notJson(body, verb, where);
  }
}

/** Etcd has forgotten the version that a token belongs to: five minutes after its first page. */
function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

function sameAgain({ server, context }: StatusContext): ApiError {
  return new ApiError(
    `Cannot read the list: the API server "${server}" (context "${context}") gives the same page again`,
    { status: 0, reason: "InvalidAnswer", hint: "Its pages do not work; ask with a limit." },
  );
}

function noVersions({ server, context }: StatusContext, cause: WireError): ApiError {
  return new ApiError(
    `Cannot use what the API server "${server}" (context "${context}") says of versions: ${cause.message}`,
    { status: 0, reason: "InvalidAnswer", cause },
  );
}
