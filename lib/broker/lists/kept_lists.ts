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
import type { KeptLists } from "./types.ts";

/** Of a smaller list the versions cost about as much as the list. */
const SMALLEST_BYTES = 256 * 1024;

/** What it takes to know one object again and where it lies, about. */
const PLACE_BYTES = 150;

/**
 * The parts of an answer: of a list that was shown before, by what has changed.
 *
 * @param ways.fresh fetches and shows all of it
 */
export async function* byDifference(
  change: Admitted,
  scope: Scope,
  { fresh, show }: { readonly fresh: () => AsyncIterable<BrokerAnswer>; readonly show: Show },
): AsyncGenerator<BrokerAnswer> {
  const { lists, policy, kube, signal } = scope;
  const key = keyOf(change, scope);
  if (lists === undefined || key === undefined) return yield* fresh();
  if (!(await kube.hasVersions(change.request))) return yield* fresh();
  const kept = lists.store.get(key);
  const keep = (pages: readonly ShownPage[], isCalm: boolean, places = 0) => {
    const bytes = pages.reduce((sum, page) => sum + page.bytes.buffer.byteLength, 0);
    if (bytes < SMALLEST_BYTES) return lists.store.drop(key);
    const list = { pages, bytes: bytes + places * PLACE_BYTES, isCalm, policy, kube };
    lists.store.keep(key, list);
  };
  let isBegun = false;
  let hasFailed = false;
  if (kept?.policy === policy && kept.kube === kube) {
    try {
      const { pages } = kept;
      // Those of before are kept already.
      const sizeOf = (page: ShownPage) => pages.includes(page) ? 0 : page.bytes.length;
      using gathered = gather(lists.store, sizeOf);
      // An answer of one part stays one.
      const isEager = kept.isCalm && pages.length > 1;
      for await (
        const { page, answer } of (isEager ? eagerParts : partsNow)(pages, change, scope, show)
      ) {
        if (page) gathered.add(page, answer.again);
        isBegun = true;
        yield answer;
      }
      const now = gathered.all();
      const identities = identitiesOf(now);
      return keep(now, isSame(identities, pages), identities.length);
    } catch (error) {
      // Whatever is wrong with it, the list itself is what was asked for: its error is the one to tell.
      if (signal.aborted || !(error instanceof KubecodeError)) throw error;
      hasFailed = true;
    }
  }
  using gathered = gather<Uint8Array<ArrayBuffer>>(lists.store, ({ length }) => length);
  for await (const answer of fresh()) {
    gathered.add(trimmed(answer.body), answer.again);
    yield isBegun ? { ...answer, again: true } : answer;
    isBegun = false;
  }
  // What could not be read by its difference might never be: not each time is that tried.
  keep(hasFailed ? [] : pagesOf(gathered.all()), true);
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
