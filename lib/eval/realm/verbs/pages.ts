/**
 * Lists of any size, a page at a time: `for (const page of pods.pages())`, or `for await`. A page is
 * an array of objects with the list's `metadata`; the next one is under way while it is looked at,
 * and no third is held.
 */
import { PAGE_SIZE } from "../../../names/requests.ts";
import type { ReadOptions } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import type { Begun, Caller } from "../calls/caller.ts";
import { type List, membersOf } from "../calls/decoders.ts";
import { callError } from "../base/errors.ts";

type ListSpec = (options: ReadOptions) => CallSpec;

/**
 * The pages of a list: to be iterated once. In a synchronous script with the methods of an iterator
 * (`take`, `flatMap`, …), in an asynchronous one by `for await` and, blocking, by `for`.
 */
export function pagesOf(caller: Caller, options: ReadOptions, list: ListSpec): object {
  const source = pageSource(caller, options, list);
  return iterable(caller, () => blockingPages(source), () => awaitedPages(source));
}

/** The objects of a list one by one, fetched in pages; as {@linkcode pagesOf}. */
export function eachOf(caller: Caller, options: ReadOptions, list: ListSpec): object {
  const source = pageSource(caller, options, list);
  return iterable(
    caller,
    function* () {
      for (const page of blockingPages(source)) yield* page;
    },
    async function* () {
      for await (const page of awaitedPages(source)) yield* page;
    },
  );
}

function iterable(
  { synchronous }: Caller,
  blocking: () => Generator<unknown>,
  awaited: () => AsyncGenerator<unknown>,
): object {
  if (synchronous) return blocking();
  const both = awaited();
  hide(both, Symbol.iterator, blocking);
  return both;
}

interface PageSource {
  /** Asks for the page of a token; without one for the first. */
  ask(token?: string): Begun;
}

function pageSource(caller: Caller, options: ReadOptions, list: ListSpec): PageSource {
  // A later page fails far from the script's own frames: what is told is where it asked for pages.
  const place = callError();
  return {
    ask(token) {
      const query = { ...options.query };
      query.limit ??= PAGE_SIZE;
      if (token !== undefined) {
        query.continue = token;
        // The token says it; the API server takes no second word on it.
        delete query.resourceVersion;
        delete query.resourceVersionMatch;
      }
      return caller.begin(list({ ...options, query }), place);
    },
  };
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

function following(source: PageSource, { metadata }: List): Begun | undefined {
  const token = (metadata as { continue?: unknown } | null | undefined)?.continue;
  return typeof token === "string" && token !== "" ? source.ask(token) : undefined;
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
