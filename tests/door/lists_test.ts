import assert from "node:assert/strict";
import fc from "fast-check";
import { joinPages } from "../../lib/door/lists.ts";
import { parseStandard } from "../../lib/std/json/keys.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A page as an API server writes it: typed lists in Go's order, those of custom resources by key. */
function page(items: readonly unknown[], metadata: object, isTyped: boolean, end = ""): string {
  return isTyped
    ? `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":${
      JSON.stringify(items)
    }}${end}`
    : `{"apiVersion":"example.com/v1","items":${
      JSON.stringify(items)
    },"kind":"WidgetList","metadata":${JSON.stringify(metadata)}}${end}`;
}

Deno.test("the door: the pages of a list become the list that they are parts of", () => {
  const ITEM = fc.oneof(
    fc.record({ metadata: fc.record({ name: fc.string() }), data: fc.jsonValue() }),
    fc.constant({ text: '"items":[]}],"metadata":{"continue":"x"}' }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(ITEM, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom("", "\n"),
      (pages, isTyped, end) => {
        const texts = pages.map((items, index) => {
          const isLast = index === pages.length - 1;
          const more = isLast ? {} : { continue: `token-${index}`, remainingItemCount: 7 };
          return page(items, { resourceVersion: "12", ...more }, isTyped, end);
        });
        const joined = parseStandard(
          new TextDecoder().decode(joinPages(texts.map(encode))),
        ) as Record<string, unknown>;
        // By way of JSON, in which -0 is 0.
        assert.deepEqual(joined.items, parseStandard(JSON.stringify(pages.flat())));
        assert.deepEqual(joined.metadata, { resourceVersion: "12" });
        assert.equal(joined.kind, isTyped ? "PodList" : "WidgetList");
      },
    ),
  );
});

Deno.test("the door: pages that are no lists of items are joined by their rows, digits kept", () => {
  const rows = (serial: string, token: string) =>
    encode(
      `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"${token}},` +
        `"columnDefinitions":[],"rows":[{"cells":[${serial}]}]}`,
    );
  const joined = joinPages([rows("9007199254740993", ',"continue":"x"'), rows("2", "")]);
  assert.equal(
    new TextDecoder().decode(joined),
    '{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},' +
      '"columnDefinitions":[],"rows":[{"cells":[9007199254740993]},{"cells":[2]}]}',
  );
});

Deno.test("the door: one page is passed on as it is, and no page is an empty answer", () => {
  const only = encode('{"items":[1],"metadata":{"continue":"wanted"}}');
  assert.equal(joinPages([only]), only);
  assert.equal(joinPages([]).length, 0);
});
