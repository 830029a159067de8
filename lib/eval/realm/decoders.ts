/** How answers become values of the realm. */
import type { Decoder } from "./calls.ts";
import { append, freeze, parse, Uint8 } from "./primordials.ts";

/** An object, a `Status`, any document; `convert` makes of it what a script sees. */
export function jsonDecoder(convert?: (document: unknown) => unknown): Decoder {
  let value: unknown;
  return decoder(
    (host) => value = parse(host.json()),
    () => convert ? convert(value) : value,
  );
}

/** Nothing: what a deletion gives in client-go. */
export function nullDecoder(): Decoder {
  return decoder(() => {}, () => null);
}

interface List {
  metadata: unknown;
  items: unknown[] | null;
}

/** A list from its pages; its metadata are the last page's, whose token says whether there is more. */
export function listDecoder(): Decoder {
  let list: List | undefined;
  return decoder((host) => {
    const page = parse(host.json()) as List;
    page.items ??= [];
    if (list === undefined) {
      list = page;
      return;
    }
    const { items } = page;
    for (let at = 0; at < items.length; at++) append(list.items!, items[at]);
    list.metadata = page.metadata;
  }, () => list);
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
