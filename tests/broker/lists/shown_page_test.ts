/** Pages of lists are cut into their objects and put together again, byte for byte. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  composedPage,
  identityOf,
  type ShownObject,
  shownPage,
} from "../../../lib/broker/lists/shown_page.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** An object in Go's order of fields, with anything in it that could be taken for another's beginning. */
const objects = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/),
    namespace: fc.option(fc.constantFrom("shop", "default"), { nil: undefined }),
    uid: fc.uuid(),
    resourceVersion: fc.nat().map(String),
    labels: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    spec: fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<fc.JsonValue>(
        [{ metadata: { name: "a", uid: "u", resourceVersion: "1" } }],
        { text: '},{"metadata":{"name":"x","uid":"u","resourceVersion":"2"}}]}\\"' },
        "\\",
        '"]}',
      ),
    ),
  }),
  { maxLength: 8, selector: ({ uid }) => uid },
).map((all) => all.map(({ spec, ...metadata }) => ({ metadata, spec })));

const list = (items: unknown[], metadata: object = { resourceVersion: "7" }) => ({
  kind: "PodList",
  apiVersion: "v1",
  metadata,
  items,
});

Deno.test("each object of a page is found where it lies, whatever stands in it", () => {
  fc.assert(fc.property(objects, (items) => {
    const page = shownPage(encode(list(items)))!;
    const found = [...page.objects()].map(([identity, { bytes, start, end }]) => [
      identity,
      decode(bytes.subarray(start, end)),
    ]);
    assert.deepEqual(
      found,
      items.map((item) => [identityOf(item.metadata), JSON.stringify(item)]),
    );
  }));
});

Deno.test("a page put together from those of others is the one that the API server would write", () => {
  const metadata = { resourceVersion: "9", continue: "abc", remainingItemCount: 3 };
  fc.assert(fc.property(objects, objects, fc.infiniteStream(fc.nat()), (first, second, order) => {
    const pages = [first, second].map((items) => shownPage(encode(list(items)))!);
    const all = new Map<string, ShownObject>(pages.flatMap((page) => [...page.objects()]));
    const texts = new Map([...first, ...second].map((item) => [identityOf(item.metadata), item]));
    // Mostly in order, as most lists are, and some anywhere.
    const chosen = [...all.keys()].filter(() => order.next().value % 5 > 0);
    if (order.next().value % 2 === 0) chosen.reverse();
    const wanted = new Map(chosen.map((identity) => [identity, all.get(identity)!]));
    const page = composedPage(pages[0]!.what, metadata, wanted);
    const expected = list(chosen.map((identity) => texts.get(identity)), metadata);
    assert.equal(decode(page.bytes), JSON.stringify(expected));
    // It can be taken apart as those before it.
    const again = shownPage(page.bytes)!.objects();
    assert.deepEqual([...page.objects().keys()], [...again.keys()]);
    for (const [identity, { start, end }] of page.objects()) {
      assert.deepEqual([start, end], [again.get(identity)!.start, again.get(identity)!.end]);
    }
  }));
});

Deno.test("a list in another form than Go's is not taken apart", () => {
  for (
    const other of [
      { apiVersion: "example.com/v1", items: [], kind: "DialList", metadata: {} },
      {
        kind: "Table",
        apiVersion: "meta.k8s.io/v1",
        metadata: {},
        columnDefinitions: [],
        rows: [],
      },
      { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: null },
      "text",
    ]
  ) assert.equal(shownPage(encode(other)), undefined, JSON.stringify(other));
});

Deno.test("an object without a uid or a version is not known again", () => {
  const metadata = { name: "a", uid: "u", resourceVersion: "1" };
  const known = (
    given: object,
  ) => [...shownPage(encode(list([{ metadata: given }])))!.objects().keys()];
  assert.deepEqual(known(metadata), ["u 1"]);
  for (
    const other of [
      { ...metadata, uid: "" },
      { ...metadata, resourceVersion: "" },
      { name: "a", labels: { uid: "u", resourceVersion: "1" } },
      { labels: {}, ...metadata },
    ]
  ) assert.deepEqual(known(other), [], JSON.stringify(other));
});
