/**
 * The `metadata` of a list, read from the bytes of its JSON without parsing its items: the token of
 * the next page is known before anybody has paid for this one. Pure.
 */

/** The part of `ListMeta` that paging needs, each field of the type that it should have. */
export interface ListMetadata {
  readonly resourceVersion?: string;
  /** Token of the next page, never empty; left out on the last. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Longer than any metadata of a list: a token is about 100 characters, 1 KB with long names. */
const WINDOW_BYTES = 16 * 1024;
const decoder = new TextDecoder();

/**
 * Where Go's struct order is kept, `metadata` comes before `items`; in unstructured lists (custom
 * resources) keys are sorted and it comes last. Both ends are anchored to the document's own, so
 * that no text within an item can pass for it; anything else is parsed whole.
 *
 * @throws {SyntaxError} bytes that are not JSON
 */
export function readListMetadata(json: Uint8Array): ListMetadata {
  const { metadata } = fromHead(json) ?? fromTail(json) ?? Object(JSON.parse(decoder.decode(json)));
  const { resourceVersion, continue: token, remainingItemCount } = Object(metadata);
  return {
    ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
    ...(typeof token === "string" && token !== "" ? { continue: token } : {}),
    ...(typeof remainingItemCount === "number" ? { remainingItemCount } : {}),
  };
}

function fromHead(json: Uint8Array): { readonly metadata: unknown } | undefined {
  const head = decoder.decode(json.subarray(0, WINDOW_BYTES));
  const match =
    /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":(\{(?:"[^"\\]*":(?:"[^"\\]*"|\d+),?)*\}),"/
      .exec(head);
  return match?.[1] === undefined ? undefined : parse(match[1]);
}

function fromTail(json: Uint8Array): { readonly metadata: unknown } | undefined {
  const tail = decoder.decode(json.subarray(Math.max(0, json.length - WINDOW_BYTES)));
  const match = /,"kind":"[^"\\]*","metadata":(\{(?:"[^"\\]*":(?:"[^"\\]*"|\d+),?)*\})\}\s*$/
    .exec(tail);
  return match?.[1] === undefined ? undefined : parse(match[1]);
}

function parse(text: string): { readonly metadata: unknown } | undefined {
  try {
    return { metadata: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
