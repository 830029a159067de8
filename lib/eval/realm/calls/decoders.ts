/** How answers become values of the realm. */
import { carryDigits } from "../base/exact_numbers.ts";
import type { Host } from "../base/host.ts";
import { withListMethods } from "./list_methods.ts";
import type { Decoder, PartHeader } from "./types.ts";

/** An object, a `Status`, any document; `convert` makes of it what a script sees. */
export function jsonDecoder(convert?: (document: unknown) => unknown): Decoder {
  let value: unknown;
  return {
    add: (host) => value = JSON.parse(host.text()),
    end: () => convert ? convert(value) : value,
  };
}

/** Nothing: what a deletion gives in client-go. */
export function nullDecoder(): Decoder {
  return { add: () => {}, end: () => null };
}

/** A list of objects or, in the form of a table, of rows. */
export interface List {
  metadata: unknown;
  items?: unknown[] | null;
  rows?: unknown[] | null;
  columnDefinitions?: unknown;
}

/** What the objects of a list are, which the API server says once, of the list. */
export interface ItemKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * A list from its pages; its metadata are the last page's, whose token says whether there is more.
 *
 * @param what given to objects that say nothing themselves, as client-go and kubectl have it
 * @param onEmpty called where nothing is in it, unless its namespace does not exist
 */
export function listDecoder(what?: ItemKind, onEmpty?: () => void): Decoder {
  let list: List | undefined;
  let nowhere = false;
  function add(host: Host, { again, nowhere: isNowhere }: PartHeader): void {
    nowhere = isNowhere === true;
    const page = JSON.parse(host.text()) as List;
    const members = membersOf(page);
    if (what && page.items === members) nameItems(members, what);
    if (list === undefined || again) {
      list = page;
      return;
    }
    const all = membersOf(list);
    for (const member of members) all.push(member);
    list.metadata = page.metadata;
  }
  function end(): unknown {
    if (list && membersOf(list).length === 0 && !nowhere) onEmpty?.();
    return list && withListMethods(list, membersOf);
  }
  return { add, end };
}

/** Puts `apiVersion` and `kind` first, where `kubectl -o json` has them. */
function nameItems(items: unknown[], { apiVersion, kind }: ItemKind): void {
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as { kind?: unknown } | null;
    if (item === null || item.kind !== undefined) continue;
    items[at] = carryDigits(item, { apiVersion, kind, ...item });
  }
}

/** The objects of a list, or the rows of a table: `[]` where the server writes null. */
export function membersOf(list: List): unknown[] {
  return Object.hasOwn(list, "rows") ? list.rows ??= [] : list.items ??= [];
}

/** A log: its bytes, and the text they stand for. */
export interface RawLog {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** The whole log in one piece. */
export function logDecoder(): Decoder {
  let log: RawLog = { bytes: new Uint8Array(0), text: "" };
  function add(host: Host): void {
    const bytes = new Uint8Array(host.size());
    host.bytes(bytes);
    log = { bytes, text: host.text() };
  }
  return { add, end: () => log };
}
