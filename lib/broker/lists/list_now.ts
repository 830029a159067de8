/** A list as it is now, from its pages of a while ago and what the API server says of versions. */
import { ApiError } from "../../errors.ts";
import type { VersionsPage } from "../../kube/calls/answers.ts";
import type { ResourceRequest } from "../../kube/wire/request.ts";
import { PAGE_SIZE } from "../../names/requests.ts";
import type { Sent } from "../answers/log.ts";
import type { Admitted } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { BrokerAnswer } from "../types.ts";
import {
  composedPage,
  identityOf,
  type ShownObject,
  type ShownPage,
  shownPage,
} from "./shown_page.ts";

/** Of a page with more that is new, all is fetched. */
const FEW = 16;

/** A name that stands for itself in a field selector. */
const PLAIN_NAME = /^[\w.:-]+$/;

/** Shows an answer of the API server, as all are shown. */
export type Show = (answer: Sent) => Promise<BrokerAnswer>;

/** A part of the answer, and the page of objects that it is. */
export interface Part {
  readonly page?: ShownPage;
  /** So much of it is new that all of it was fetched. */
  readonly isNew?: boolean;
  readonly answer: BrokerAnswer;
}

/** The pages, each as soon as it is known what is on it. */
export function partsNow(
  before: readonly ShownPage[],
  change: Admitted,
  scope: Scope,
  show: Show,
): AsyncGenerator<Part> {
  const versions = scope.kube.versions(change.request, scope.signal);
  return partsOf(versions, before, change, scope, show);
}

/**
 * The pages as they were, before it is known whether they still are: whoever reads them has that behind
 * them by then. The last part says that they are, or all begins again.
 */
export async function* eagerParts(
  before: readonly ShownPage[],
  change: Admitted,
  scope: Scope,
  show: Show,
): AsyncGenerator<Part> {
  const left = new AbortController();
  const signal = AbortSignal.any([scope.signal, left.signal]);
  const asked = Array.fromAsync(scope.kube.versions(change.request, signal));
  // It is looked at once the pages have been taken.
  asked.catch(() => {});
  try {
    for (const page of before) {
      if (page.objects().size === 0) throw differs();
      yield { page, answer: answerOf(page.bytes, true) };
    }
    const all = await asked;
    const now = all.slice(Math.max(0, all.findLastIndex(({ again }) => again)));
    if (isSame(now.flatMap(({ objects }) => objects.map(identityOf)), before)) {
      const { bytes } = composedPage(before[0]!.what, now.at(-1)!.metadata, new Map());
      yield { answer: answerOf(bytes, false) };
      return;
    }
    let again = true;
    for await (const { answer, ...part } of partsOf(now, before, change, scope, show)) {
      yield { ...part, answer: again ? { ...answer, again } : answer };
      again = false;
    }
  } finally {
    left.abort();
  }
}

/** Whether these are the objects of those pages, in their order. */
export function isSame(identities: readonly string[], pages: readonly ShownPage[]): boolean {
  const others = identitiesOf(pages);
  return identities.length === others.length &&
    identities.every((identity, at) => identity === others[at]);
}

/** What the objects of pages are known by. */
export function identitiesOf(pages: readonly ShownPage[]): string[] {
  return pages.flatMap((page) => [...page.objects().keys()]);
}

async function* partsOf(
  versions: Iterable<VersionsPage> | AsyncIterable<VersionsPage>,
  before: readonly ShownPage[],
  change: Admitted,
  scope: Scope,
  show: Show,
): AsyncGenerator<Part> {
  const known = new Map(before.flatMap((page) => [...page.objects()]));
  let token: string | undefined;
  for await (const versionsPage of versions) {
    const { metadata, objects, again } = versionsPage;
    if (again) token = undefined;
    // What an empty list may mean is told with the list itself.
    if (objects.length === 0) throw differs();
    const missing = objects.filter((each) => !known.has(identityOf(each)));
    const found = missing.length === 0 ? known : await fetched(
      missing,
      { resourceVersion: metadata.resourceVersion, token },
      change,
      scope,
      show,
    );
    const now = new Map<string, ShownObject>();
    for (const identity of objects.map(identityOf)) {
      const object = known.get(identity) ?? found.get(identity);
      if (identity === "" || object === undefined || now.has(identity)) throw differs();
      now.set(identity, object);
    }
    const page = composedPage(before[0]!.what, metadata, now);
    token = metadata.continue;
    const answer = answerOf(page.bytes, token !== undefined);
    const isNew = isFetchedWhole(missing);
    yield { page, isNew, answer: again ? { ...answer, again } : answer };
    // Whatever went wrong behind the last page, the list is whole.
    if (token === undefined) return;
  }
}

function answerOf(body: Uint8Array<ArrayBuffer>, more: boolean): BrokerAnswer {
  return { form: "json", more, body };
}

/** Whether a page is fetched for these of its objects. */
function isFetchedWhole(objects: VersionsPage["objects"]): boolean {
  return objects.length > FEW || !objects.every(({ name }) => PLAIN_NAME.test(name));
}

/** Objects of a page, as of the version of the list; its token says where the page begins. */
async function fetched(
  objects: VersionsPage["objects"],
  { resourceVersion, token }: {
    readonly resourceVersion: string;
    readonly token: string | undefined;
  },
  { request }: Admitted,
  scope: Scope,
  show: Show,
): Promise<ReadonlyMap<string, ShownObject>> {
  const { labelSelector, fieldSelector } = request.options ?? {};
  const exact = { resourceVersion, resourceVersionMatch: "Exact" };
  const left = new AbortController();
  const within = { ...scope, signal: AbortSignal.any([scope.signal, left.signal]) };
  const one = (more: Partial<ResourceRequest>) => onePage({ ...request, ...more }, within, show);
  if (isFetchedWhole(objects)) {
    const from = token === undefined ? exact : { continue: token };
    return await one({ options: { labelSelector, fieldSelector, limit: PAGE_SIZE, ...from } });
  }
  try {
    const found = await Promise.all(objects.map(({ namespace, name }) => {
      const selector = [fieldSelector, `metadata.name=${name}`].filter(Boolean).join(",");
      const options = { labelSelector, fieldSelector: selector, limit: 1, ...exact };
      return one({ namespace, options });
    }));
    return new Map(found.flatMap((each) => [...each]));
  } finally {
    // Where one has failed, nobody waits for the others.
    left.abort();
  }
}

/** @param request with a limit */
async function onePage(
  request: ResourceRequest,
  { kube, signal }: Scope,
  show: Show,
): Promise<ReadonlyMap<string, ShownObject>> {
  for await (const { body } of kube.pages({ ...request, withoutManagedFields: true }, signal)) {
    return shownPage((await show({ form: "json", more: false, body })).body)?.objects() ??
      new Map();
  }
  return new Map();
}

function differs(): ApiError {
  return new ApiError("Cannot tell how the list has changed", {
    status: 0,
    reason: "InvalidAnswer",
  });
}
