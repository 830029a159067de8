/** How answers become values of the realm. */
import type { Decoder } from "./types.ts";
import { append, freeze, hasOwn, parse, Uint8 } from "../base/primordials.ts";

/** An object, a `Status`, any document; `convert` makes of it what a script sees. */
export function jsonDecoder(convert?: (document: unknown) => unknown): Decoder {
  let value: unknown;
  return decoder(
    (host) => value = parse(host.text()),
    () => convert ? convert(value) : value,
  );
}

/** Nothing: what a deletion gives in client-go. */
export function nullDecoder(): Decoder {
  return decoder(() => {}, () => null);
}

/** A list of objects or, in the form of a table, of rows. */
export interface List {
  metadata: unknown;
  items?: unknown[] | null;
  rows?: unknown[] | null;
  columnDefinitions?: unknown;
}

/** A list from its pages; its metadata are the last page's, whose token says whether there is more. */
export function listDecoder(): Decoder {
  let list: List | undefined;
  return decoder((host) => {
    const page = parse(host.text()) as List;
    const members = membersOf(page);
    if (list === undefined) {
      list = page;
      return;
    }
    const all = membersOf(list);
    for (let at = 0; at < members.length; at++) append(all, members[at]);
    list.metadata = page.metadata;
  }, () => list);
}

/** The objects of a list, or the rows of a table: `[]` where the server writes null. */
export function membersOf(list: List): unknown[] {
  return hasOwn(list, "rows") ? list.rows ??= [] : list.items ??= [];
}

/** A log: its bytes, and the text they stand for. */
export interface RawLog {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** The whole log in one piece. */
export function logDecoder(): Decoder {
  let log: RawLog = { bytes: new Uint8(0), text: "" };
  return decoder((host) => {
    const bytes = new Uint8(host.size());
    host.bytes(bytes);
    log = { bytes, text: host.text() };
  }, () => log);
}

/** Frozen and without a prototype: a script that gets hold of one can change nothing of it. */
function decoder(add: Decoder["add"], end: Decoder["end"]): Decoder {
  return freeze({ __proto__: null, add, end } as Decoder);
}
