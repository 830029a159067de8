import assert from "node:assert/strict";
import { readListMetadata } from "../../lib/kube/wire/list_metadata.ts";

const read = (text: string) => readListMetadata(new TextEncoder().encode(text));
/** Large enough that head and tail are not the same bytes. */
const filler = JSON.stringify({ data: "x".repeat(40_000) });

Deno.test("readListMetadata() reads it before the items, as typed lists have it", () => {
  assert.deepEqual(
    read(
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"abc","remainingItemCount":3},"items":[${filler}]}`,
    ),
    { resourceVersion: "7", continue: "abc", remainingItemCount: 3 },
  );
});

Deno.test("readListMetadata() reads it after the items, as custom resources have it", () => {
  assert.deepEqual(
    read(
      `{"apiVersion":"x/v1","items":[${filler}],"kind":"ShopList","metadata":{"continue":"abc","resourceVersion":"7"}}\n`,
    ),
    { continue: "abc", resourceVersion: "7" },
  );
});

Deno.test("readListMetadata() reads any other order by parsing", () => {
  assert.deepEqual(read(`{ "items": [${filler}], "metadata": {"continue": "abc"}, "extra": 1 }`), {
    continue: "abc",
  });
  assert.deepEqual(read(`{"items":[]}`), {});
});

Deno.test("readListMetadata() is not deceived by text within an item", () => {
  const lie = `,"kind":"ShopList","metadata":{"continue":"evil"}}`;
  const item = JSON.stringify({
    data: `{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"evil"},"items":[`,
    end: lie,
  });
  assert.deepEqual(
    read(
      `{"apiVersion":"x/v1","items":[${item},${filler},${item}],"kind":"ShopList","metadata":{"resourceVersion":"7"}}`,
    ),
    { resourceVersion: "7" },
  );
  assert.deepEqual(
    read(
      `{"metadata":{"continue":"real"},"items":[${filler},${
        JSON.stringify({ kind: "ShopList", metadata: { continue: "evil" } })
      }]}`,
    ),
    { continue: "real" },
  );
});
