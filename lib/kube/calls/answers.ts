/** Good answers as bytes: of one request, or the pages of a list, all under one budget. */
import { PAGE_SIZE } from "../../names/requests.ts";
import type { HttpRequest } from "../types.ts";
import { readBody } from "../wire/body.ts";
import { type ListMetadata, readListMetadata } from "../wire/list_metadata.ts";
import { buildRequest, type ResourceRequest } from "../wire/request.ts";
import { withNamespaceHint } from "../wire/status.ts";
import { warningsOf } from "../wire/warnings.ts";
import { type ByteBudget, createByteBudget, type Lease } from "./byte_budget.ts";

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

/** One page of a list, as bytes. */
export interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly metadata: ListMetadata;
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
}

type Read = (
  request: ResourceRequest,
  lease: Lease,
  signal: AbortSignal,
  onWarning?: (text: string) => void,
) => Promise<Uint8Array<ArrayBuffer>>;

/** Makes the reader of a client's answers. */
export function createAnswers(fetchOk: FetchOk): Answers {
  const held = createByteBudget(HELD_LIMIT_BYTES);
  const read: Read = async (request, lease, signal, onWarning) => {
    try {
      const response = await fetchOk(buildRequest(request), signal);
      for (const text of onWarning ? warningsOf(response.headers) : []) onWarning?.(text);
      return await readBody(response, ANSWER_LIMIT, (bytes) => lease.take(bytes));
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
    pages: (request, signal) => readPages(read, held, request, signal),
  };
}

async function* readPages(
  read: Read,
  held: ByteBudget,
  request: ResourceRequest,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const limited = request.options?.limit !== undefined;
  const abandoned = new AbortController();
  const leases = new Set<Lease>();
  const either = AbortSignal.any([signal, abandoned.signal]);
  const ask = (token?: string): { readonly answer: Promise<Page>; readonly lease: Lease } => {
    const { resourceVersion, resourceVersionMatch, ...rest } = request.options ?? {};
    // A token says which version is meant; the API server takes no second word on it.
    const from = token ? { continue: token } : { resourceVersion, resourceVersionMatch };
    const lease = held.lease();
    leases.add(lease);
    const answer = read(
      { ...request, options: { limit: PAGE_SIZE, ...rest, ...from } },
      lease,
      either,
    )
      .then((body) => ({ body, metadata: readListMetadata(body) }));
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
