/** How answers become values of the realm. */
import type { Decoder } from "./calls.ts";
import { append, parse, Uint8 } from "./primordials.ts";

/** An object, a `Status`, any document. */
export function jsonDecoder(): Decoder {
  let value: unknown;
  return {
    add: (host) => value = parse(host.json()),
    end: () => value,
  };
}

/** Nothing: what a deletion gives in client-go. */
export function nullDecoder(): Decoder {
  return { add: () => {}, end: () => null };
}

interface List {
  metadata: unknown;
  items: unknown[] | null;
}

/** A list from its pages; its metadata are the last page's, whose token says whether there is more. */
export function listDecoder(): Decoder {
  let list: List | undefined;
  return {
    add(host) {
      const page = parse(host.json()) as List;
      page.items ??= [];
      if (list === undefined) {
        list = page;
        return;
      }
      const { items } = page;
      for (let at = 0; at < items.length; at++) append(list.items!, items[at]);
      list.metadata = page.metadata;
    },
    end: () => list,
  };
}

/** A log: its bytes, and the text they stand for. */
export interface RawLog {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** The whole log in one piece. */
export function logDecoder(): Decoder {
  let log: RawLog = { bytes: new Uint8(0), text: "" };
  return {
    add(host) {
      const bytes = new Uint8(host.size());
      host.bytes(bytes);
      log = { bytes, text: host.text() };
    },
    end: () => log,
  };
}
