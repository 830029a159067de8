/**
 * The pages of a list as one: programs that ask without a limit expect all of it in one answer. Items are
 * passed on as bytes; only what stands around them is looked at. Pure.
 */
import { concatBytes } from "../std/bytes.ts";
import { parseExact, stringifyExact } from "../std/json/exact.ts";
import { isRecord } from "../std/json/unknown.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Longer than what stands before the items of a list whose keys are in Go's order. */
const HEAD_BYTES = 16 * 1024;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** One list of all pages, with the metadata of the first one and no token. */
export function joinPages(pages: readonly Bytes[]): Bytes {
  const [first] = pages;
  if (first === undefined || pages.length === 1) return first ?? new Uint8Array(0);
  const parts = pages.map(aroundItems);
  if (!parts.every((part) => part !== undefined)) return joinParsed(pages);
  const [{ head }] = parts as [Around];
  const items = parts.map(({ items }) => items).filter(({ length }) => length > 0);
  const comma = encoder.encode(",");
  return concatBytes([
    encoder.encode(head),
    ...items.flatMap((bytes, index) => index === 0 ? [bytes] : [comma, bytes]),
    encoder.encode("]}"),
  ]);
}

interface Around {
  /** Up to the bracket that opens the items, without the token of the next page. */
  readonly head: string;
  readonly items: Bytes;
}

/** Undefined where keys come in another order. */
function aroundItems(page: Bytes): Around | undefined {
  const text = decoder.decode(page.subarray(0, HEAD_BYTES));
  const match =
    /^(\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":)(\{(?:"[^"\\]*":(?:"[^"\\]*"|\d+),?)*\})(,"items":\[)/
      .exec(text);
  let end = page.length;
  while (end > 0 && (page[end - 1] as number) <= 32) end--;
  if (match === null || page[end - 1] !== 125 || page[end - 2] !== 93) return undefined;
  const [whole, before, metadata, after] = match;
  return {
    head: `${before}${stringifyExact(wholeMetadata(parseExact(metadata as string)))}${after}`,
    items: page.subarray(encoder.encode(whole).length, end - 2),
  };
}

function joinParsed(pages: readonly Bytes[]): Bytes {
  const lists = pages.map((page) => parseExact(decoder.decode(page)));
  const [first] = lists;
  if (!isRecord(first)) return pages[0] as Bytes;
  const field = Array.isArray(first.rows) ? "rows" : "items";
  const items = lists.flatMap((list) => {
    const own = isRecord(list) ? list[field] : undefined;
    return Array.isArray(own) ? own : [];
  });
  return encoder.encode(
    stringifyExact({ ...first, metadata: wholeMetadata(first.metadata), [field]: items }),
  );
}

function wholeMetadata(metadata: unknown): unknown {
  if (!isRecord(metadata)) return metadata;
  const { continue: _token, remainingItemCount: _count, ...whole } = metadata;
  return whole;
}
