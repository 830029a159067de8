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
import { eagerParts, identitiesOf, isSame, type Part, partsNow, type Show } from "./list_now.ts";
import { type ShownPage, shownPage } from "./shown_page.ts";

/** Of a smaller list the versions cost about as much as the list. */
const SMALLEST_BYTES = 256 * 1024;

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
  const keep = (pages: readonly ShownPage[], isCalm: boolean) => {
    const bytes = pages.reduce((sum, page) => sum + page.bytes.buffer.byteLength, 0);
    if (bytes < SMALLEST_BYTES) lists.store.drop(key);
    else lists.store.keep(key, { pages, bytes, isCalm, policy, kube });
  };
  let isBegun = false;
  if (kept?.policy === policy && kept.kube === kube) {
    try {
      const parts: Part[] = [];
      // An answer of one part stays one.
      const isEager = kept.isCalm && kept.pages.length > 1;
      const { pages } = kept;
      for await (const part of (isEager ? eagerParts : partsNow)(pages, change, scope, show)) {
        if (part.answer.again) parts.length = 0;
        parts.push(part);
        isBegun = true;
        yield part.answer;
      }
      const now = parts.flatMap(({ page }) => page ?? []);
      return keep(now, isSame(identitiesOf(now), pages));
    } catch (error) {
      // Whatever is wrong with it, the list itself is what was asked for: its error is the one to tell.
      if (signal.aborted || !(error instanceof KubecodeError)) throw error;
    }
  }
  const bodies = collected(lists.store.mostBytes);
  for await (const answer of fresh()) {
    bodies.add(answer);
    yield isBegun ? { ...answer, again: true } : answer;
    isBegun = false;
  }
  keep(bodies.pages(), true);
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

/** The parts of an answer as they go by, unless they are too many to be kept. */
function collected(mostBytes: number) {
  let bodies: Uint8Array<ArrayBuffer>[] | undefined = [];
  let bytes = 0;
  return {
    add({ body, again }: BrokerAnswer): void {
      if (again) [bodies, bytes] = [[], 0];
      bytes += body.length;
      if (bytes > mostBytes) bodies = undefined;
      bodies?.push(body);
    },
    /** None where one of them cannot be read again. */
    pages(): ShownPage[] {
      if (bodies === undefined || bytes < SMALLEST_BYTES) return [];
      const pages = bodies.map((body) => shownPage(trimmed(body)));
      return pages.every((page) => page !== undefined) ? pages : [];
    },
  };
}

/** The bytes without a buffer around them that is much larger. */
function trimmed(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.buffer.byteLength > bytes.length * 1.05 ? bytes.slice() : bytes;
}
