/**
 * A list that was read a moment ago is read again by its difference. The API server says which objects
 * there are and in which version (a list of metadata, as consistent as any list); of those that are the
 * same, the bytes are given that were shown before; the others are fetched as of the same version of the
 * list, and shown on the way of all answers. So no answer is older than its request.
 *
 * Nothing is decided here: each call has passed the policy before.
 */
import { KubecodeError } from "../../errors.ts";
import type { Admitted } from "../change.ts";
import type { Scope } from "../scope.ts";
import type { BrokerAnswer } from "../types.ts";
import { eagerParts, identitiesOf, isSame, partsNow, type Show } from "./list_now.ts";
import { type ShownPage, shownPage } from "./shown_page.ts";
import type { KeptList, KeptLists, Rest } from "./types.ts";

/** Of a smaller list the versions cost about as much as the list. */
const SMALLEST_BYTES = 256 * 1024;

/** What it takes to know a list again, about. */
const KEY_BYTES = 1_024;

/** A list whose difference was of no use, time and again, is read so many times before it is tried once more. */
const LONGEST_REST = 8;

const NO_REST: Rest = { left: 0, long: 0 };

/** How a list is had otherwise. */
export interface Ways {
  /** All of it, fetched and shown. */
  readonly fresh: () => AsyncIterable<BrokerAnswer>;
  readonly show: Show;
}

/** One list that is read, and where it is kept. */
interface Reading {
  readonly change: Admitted;
  readonly scope: Scope;
  readonly ways: Ways;
  readonly store: KeptLists["store"];
  keep(list: Pick<KeptList, "pages" | "isCalm" | "rest">): void;
}

/** The parts of an answer: of a list that was shown before, by what has changed. */
export async function* byDifference(
  change: Admitted,
  scope: Scope,
  ways: Ways,
): AsyncGenerator<BrokerAnswer> {
  const { lists, policy, kube } = scope;
  const key = keyOf(change, scope);
  const isKept = lists !== undefined && key !== undefined && await kube.hasVersions(change.request);
  if (!isKept) return yield* ways.fresh();
  const { store } = lists;
  const reading: Reading = {
    ...{ change, scope, ways, store },
    keep(list) {
      const bytes = list.pages.reduce((sum, page) => sum + page.size(), 0);
      if (bytes < SMALLEST_BYTES && list.rest.left === 0) store.drop(key);
      else store.keep(key, { ...list, bytes: bytes + KEY_BYTES, policy, kube });
    },
  };
  const found = store.get(key);
  const kept = found?.policy === policy && found.kube === kube ? found : undefined;
  const rest = afterOne(kept?.rest ?? NO_REST);
  if (kept === undefined || kept.pages.length === 0) return yield* whole(reading, rest, false);
  const failed = yield* difference(reading, kept, rest);
  if (failed) yield* whole(reading, longer(rest), failed.isBegun);
}

/** @returns undefined, or that it has failed, and whether parts were given until then */
async function* difference(
  { change, scope, ways, store, keep }: Reading,
  kept: KeptList,
  rest: Rest,
): AsyncGenerator<BrokerAnswer, { readonly isBegun: boolean } | undefined> {
  // An answer of one part stays one.
  const partsOf = kept.isCalm && kept.pages.length > 1 ? eagerParts : partsNow;
  // The pages of before count already.
  const sizeOf = (page: ShownPage) => kept.pages.includes(page) ? 0 : page.bytes.length;
  let isBegun = false;
  let newPages = 0;
  try {
    using gathered = gather(store, sizeOf);
    for await (const { page, isNew, answer } of partsOf(kept.pages, change, scope, ways.show)) {
      if (answer.again) newPages = 0;
      if (isNew) newPages += 1;
      if (page) gathered.add(page, answer.again);
      isBegun = true;
      yield answer;
    }
    const pages = gathered.all();
    // Where most of it is new, that was the slower way.
    if (newPages * 2 > pages.length) keep({ pages: [], isCalm: false, rest: longer(rest) });
    else keep({ pages, isCalm: isSame(identitiesOf(pages), kept.pages), rest: NO_REST });
    return undefined;
  } catch (error) {
    // Whatever is wrong with it, the list itself is what was asked for: its error is the one to tell.
    if (scope.signal.aborted || !(error instanceof KubecodeError)) throw error;
    return { isBegun };
  }
}

/** @param isAgain parts were given already, which are void */
async function* whole(
  { ways, store, keep }: Reading,
  rest: Rest,
  isAgain: boolean,
): AsyncGenerator<BrokerAnswer> {
  using gathered = gather<Uint8Array<ArrayBuffer>>(store, ({ length }) => length);
  let isVoid = isAgain;
  for await (const answer of ways.fresh()) {
    yield isVoid ? { ...answer, again: true } : answer;
    isVoid = false;
    // Whoever waits for it has it by now.
    if (rest.left === 0) gathered.add(trimmed(answer.body), answer.again);
  }
  keep({ pages: pagesOf(gathered.all()), isCalm: rest.long === 0, rest });
}

/** One list less until the next is kept. */
function afterOne({ left, long }: Rest): Rest {
  return { left: Math.max(0, left - 1), long };
}

function longer({ long }: Rest): Rest {
  const next = Math.min(LONGEST_REST, long * 2 || 1);
  return { left: next, long: next };
}

/** What a list is known by; undefined for an answer that is not kept. */
function keyOf(
  { request, decision }: Admitted,
  { lists, origin, kube, managedFields }: Scope,
): string | undefined {
  const { verb, resource, subresource, namespace = "", form = "object", options = {} } = request;
  const { labelSelector, fieldSelector, ...others } = options;
  const isWhole = verb === "list" && form === "object" && !subresource && !managedFields &&
    Object.values(others).every((value) => value === undefined);
  // Under a plan or an approval nothing is from before it, and helm sees what others do not.
  if (!isWhole || origin.plan || origin.approval || origin.releases) return undefined;
  const { group, version, resource: name } = resource;
  return JSON.stringify([
    ...[lists?.owner, origin.session, kube.access.context],
    ...[group, version, name, namespace, labelSelector, fieldSelector, decision.reveal],
  ]);
}

/** What goes by of a list, as long as there is room for it. */
function gather<One>(store: KeptLists["store"], sizeOf: (one: One) => number) {
  let room = store.room();
  let found: One[] | undefined = [];
  const drop = () => {
    room[Symbol.dispose]();
    found = undefined;
  };
  return {
    /** @param again those before are void */
    add(one: One, again = false): void {
      if (again) {
        drop();
        [room, found] = [store.room(), []];
      }
      if (found === undefined) return;
      if (room.take(sizeOf(one))) found.push(one);
      else drop();
    },
    /** All of it, to be kept by now; none where it was too much. */
    all(): readonly One[] {
      const all = found ?? [];
      drop();
      return all;
    },
    [Symbol.dispose]: drop,
  };
}

/** None where one of them cannot be read again, or where they are too few to be kept. */
function pagesOf(bodies: readonly Uint8Array<ArrayBuffer>[]): readonly ShownPage[] {
  if (bodies.reduce((sum, { length }) => sum + length, 0) < SMALLEST_BYTES) return [];
  const pages = bodies.map(shownPage);
  return pages.every((page) => page !== undefined) ? pages : [];
}

/** The bytes without a buffer around them that is much larger. */
function trimmed(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.buffer.byteLength > bytes.length * 1.05 ? bytes.slice() : bytes;
}
