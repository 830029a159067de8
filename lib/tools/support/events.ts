/**
 * Events as people read them: the newest first, over all of them. The API server lists them by name,
 * so that a page of its list is a page of anything.
 */
import type { Broker } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { PAGE_SIZE } from "../../names/requests.ts";
import { isRecord } from "../../std/json/unknown.ts";
import type { ObjectList } from "./answer.ts";
import { askJson } from "./ask.ts";
import { requestOf, type Target } from "./target.ts";
import { parseExact } from "../../std/json/exact.ts";

/** Pages of the API server's list that are looked through at most. */
const MOST_PAGES = 40;

/** Which part of a list is wanted. */
export interface PageRequest {
  /** Left out or 0: as many as a page has. */
  readonly limit?: number | undefined;
  /** What the page before gave as `metadata.continue`. */
  readonly continue?: string | undefined;
}

/** A page of a list; of events the newest that there are, or that are older than the page before. */
export async function listPage(
  target: Target,
  options: Readonly<Record<string, string | number | boolean>>,
  page: PageRequest,
  broker: Broker,
  signal: AbortSignal,
): Promise<ObjectList> {
  const { group, resource: { resource } } = target;
  if (resource === "events" && (group === "" || group === "events.k8s.io")) {
    return await newestEvents(target, options, page, broker, signal);
  }
  return await askJson(broker, {
    ...requestOf(target),
    verb: "list",
    options: {
      ...options,
      limit: page.limit || PAGE_SIZE,
      ...(page.continue ? { continue: page.continue } : {}),
    },
  }, { signal }) as ObjectList;
}

/** An event, and where it stands among the others. */
interface Placed {
  readonly micros: number;
  readonly uid: string;
  readonly event: unknown;
}

async function newestEvents(
  target: Target,
  options: Readonly<Record<string, string | number | boolean>>,
  { limit, continue: after }: PageRequest,
  broker: Broker,
  signal: AbortSignal,
): Promise<ObjectList> {
  const most = limit || PAGE_SIZE;
  const start = after ? readPlace(after) : undefined;
  const call = { ...requestOf(target), verb: "list", options } as const;
  let newest: readonly Placed[] = [];
  let head: Readonly<Record<string, unknown>> = {};
  let left = 0;
  let pages = 0;
  let cut = false;
  for await (const { body, more } of broker.call(call, undefined, signal)) {
    const { items = [], ...rest } = parseExact(new TextDecoder().decode(body)) as ObjectList;
    head = pages === 0 ? rest : head;
    const later = items.map(placeOf).filter((placed) =>
      start === undefined || byAge(start, placed) < 0
    );
    const all = [...newest, ...later].sort(byAge);
    newest = all.slice(0, most);
    left += all.length - newest.length;
    cut = more && ++pages >= MOST_PAGES;
    if (cut) break;
  }
  const last = newest.at(-1);
  const { continue: _, remainingItemCount: __, ...metadata } = isRecord(head.metadata)
    ? head.metadata
    : {};
  return {
    ...head,
    ...(cut ? { incomplete: `the first ${MOST_PAGES} pages of the cluster's list` } : {}),
    metadata: {
      ...metadata,
      ...(left > 0 && last
        ? { continue: `${last.micros}/${last.uid}`, remainingItemCount: left }
        : {}),
    },
    items: newest.map(({ event }) => event),
  };
}

function placeOf(event: unknown): Placed {
  const { uid = "" } = (event as { metadata?: { uid?: string } }).metadata ?? {};
  return { micros: eventTime(event).micros, uid, event };
}

/** The newest first; events of one moment in an order that stays the same. */
function byAge(a: Omit<Placed, "event">, b: Omit<Placed, "event">): number {
  return b.micros - a.micros || (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0);
}

function readPlace(token: string): Omit<Placed, "event"> {
  const [, micros, uid] = /^(\d{1,17})\/([\w.-]{0,100})$/.exec(token) ?? [];
  if (micros === undefined || uid === undefined) {
    throw new InputError(
      `Cannot use continue "${token.slice(0, 60)}": it is none that a list of events gave`,
    );
  }
  return { micros: Number(micros), uid };
}

/**
 * When an event was seen last: the text, and microseconds since the epoch, 0 where it says no time.
 * Events of both groups are read (core/v1 and events.k8s.io/v1).
 */
export function eventTime(event: unknown): { readonly text: string; readonly micros: number } {
  const { series, lastTimestamp, deprecatedLastTimestamp, eventTime, metadata } = event as {
    readonly [field: string]: unknown;
    readonly series?: { readonly lastObservedTime?: unknown } | null;
    readonly metadata?: { readonly creationTimestamp?: unknown };
  };
  const seen = [series?.lastObservedTime, lastTimestamp, deprecatedLastTimestamp, eventTime];
  const times = seen.map(timeOf).filter((time) => time !== undefined);
  const [first, ...others] = times.length > 0 ? times : [timeOf(metadata?.creationTimestamp)];
  if (first === undefined) return { text: "", micros: 0 };
  return others.reduce<{ text: string; micros: number }>(
    (latest, time) => time !== undefined && time.micros > latest.micros ? time : latest,
    first,
  );
}

/** Times of Kubernetes have whole seconds or six digits more (`Time`, `MicroTime`). */
function timeOf(value: unknown): { readonly text: string; readonly micros: number } | undefined {
  if (typeof value !== "string" || value.length > 40) return undefined;
  const [, seconds, fraction = "", zone] =
    /^(\d[\dT:-]+)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value) ?? [];
  const milliseconds = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6));
  return { text: value, micros: milliseconds * 1000 + micros };
}
