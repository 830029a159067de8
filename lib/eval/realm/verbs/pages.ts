/**
 * Lists of any size, a page at a time: `for (const page of pods.pages())`, or `for await`. A page is
 * an array of objects with the list's `metadata`; the next one is under way while it is looked at,
 * and no third is held.
 */
import { PAGE_SIZE } from "../../../names/requests.ts";
import type { ReadOptions } from "../input/arguments.ts";
import type { Call, CallSpec } from "../calls/types.ts";
import type { Begun, Caller } from "../calls/caller.ts";
import { type List, membersOf } from "../calls/decoders.ts";
import { iterationOf } from "../calls/iteration.ts";
import type { Waited } from "../calls/multi_call.ts";
import { callError } from "../base/errors.ts";

type ListSpec = (options: ReadOptions) => CallSpec;

/** The pages of a list, as an iteration. */
export function pagesOf(caller: Caller, options: ReadOptions, list: ListSpec): object {
  const source = pageSource(caller, options, list);
  return iterationOf(caller, {
    blocking: () => blockingPages(source),
    awaited: () => awaitedPages(source),
    steps: (start, take) => pageSteps(source, start, take),
  });
}

/** The objects of a list one by one, fetched in pages; as {@linkcode pagesOf}. */
export function eachOf(caller: Caller, options: ReadOptions, list: ListSpec): object {
  const source = pageSource(caller, options, list);
  return iterationOf(caller, {
    *blocking() {
      for (const page of blockingPages(source)) yield* page;
    },
    async *awaited() {
      for await (const page of awaitedPages(source)) yield* page;
    },
    steps: (start, take) => pageSteps(source, start, (page) => page.every((each) => take(each))),
  });
}

interface PageSource {
  /** The call for the page of a token; without one for the first. */
  spec(token?: string): CallSpec;
  /** Asks for the page of a token; without one for the first. */
  ask(token?: string): Begun;
}

function pageSource(caller: Caller, options: ReadOptions, list: ListSpec): PageSource {
  // A later page fails far from the script's own frames: what is told is where it asked for pages.
  const place = callError();
  function spec(token?: string): CallSpec {
    const query = { ...options.query };
    query.limit ??= PAGE_SIZE;
    if (token !== undefined) {
      query.continue = token;
      // The token says it; the API server takes no second word on it.
      delete query.resourceVersion;
      delete query.resourceVersionMatch;
    }
    return list({ ...options, query });
  }
  return { spec, ask: (token) => caller.begin(spec(token), place) };
}

function* blockingPages(source: PageSource): Generator<unknown[]> {
  let next: Begun | undefined = source.ask();
  try {
    while (next) {
      const list: List = next.wait() as List;
      next = following(source, list);
      yield pageOf(list);
    }
  } finally {
    next?.abandon();
  }
}

async function* awaitedPages(source: PageSource): AsyncGenerator<unknown[]> {
  let next: Begun | undefined = source.ask();
  try {
    while (next) {
      const list: List = await next.promise() as List;
      next = following(source, list);
      yield pageOf(list);
    }
  } finally {
    next?.abandon();
  }
}

/** The pages in the steps of a flow: there too the next one is under way before a page is taken. */
function* pageSteps(
  source: PageSource,
  start: (spec: CallSpec) => Call,
  take: (page: unknown[]) => boolean,
): Generator<Waited, void, unknown> {
  const begin = (spec: CallSpec): Call => {
    const call = start(spec);
    // Who has enough does not ask how the next one went.
    call.observed = true;
    return call;
  };
  let next: Call | undefined = begin(source.spec());
  while (next) {
    const list = (yield { started: next }) as List;
    const token = nextToken(list);
    next = token === undefined ? undefined : begin(source.spec(token));
    if (!take(pageOf(list))) return;
  }
}

function following(source: PageSource, list: List): Begun | undefined {
  const token = nextToken(list);
  return token === undefined ? undefined : source.ask(token);
}

function nextToken({ metadata }: List): string | undefined {
  const token = (metadata as { continue?: unknown } | null | undefined)?.continue;
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** The array itself, with what a list has besides, which is not shown as its members. */
function pageOf(list: List): unknown[] {
  const page = membersOf(list);
  hide(page, "metadata", list.metadata);
  hide(page, "items", page);
  if (Object.hasOwn(list, "columnDefinitions")) {
    hide(page, "columnDefinitions", list.columnDefinitions);
  }
  return page;
}

function hide(object: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true });
}
