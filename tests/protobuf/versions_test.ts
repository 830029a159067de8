/** What is read of a list of metadata, and what becomes of bytes that are none. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PROTOBUF_PREFIX } from "../../lib/protobuf/media_type.ts";
import { versionsFromProtobuf, type VersionsList } from "../../lib/protobuf/versions.ts";
import { WireError } from "../../lib/protobuf/wire.ts";

const encoder = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

const field = (number: number, value: readonly number[]) => [
  ...varint(number * 8 + 2),
  ...varint(value.length),
  ...value,
];
const text = (number: number, value: string) => field(number, [...encoder.encode(value)]);
const integer = (number: number, value: number) => [...varint(number * 8), ...varint(value)];

/** As Go writes it, with fields between those that are read. */
function encode({ metadata, objects }: VersionsList, kind = "PartialObjectMetadataList") {
  const { resourceVersion, continue: token = "", remainingItemCount } = metadata;
  const items = objects.map(({ name, namespace, uid, resourceVersion }) =>
    field(2, [
      ...field(1, [
        ...text(1, name),
        ...text(2, ""),
        ...text(3, namespace),
        ...text(4, ""),
        ...text(5, uid),
        ...text(6, resourceVersion),
        ...integer(7, 300),
        ...text(11, "labels and all that follows"),
      ]),
    ])
  );
  const remaining = remainingItemCount === undefined ? [] : integer(4, remainingItemCount);
  const meta = [...text(1, ""), ...text(2, resourceVersion), ...text(3, token), ...remaining];
  const raw = [...field(1, meta), ...items.flat()];
  const type = [...text(1, "meta.k8s.io/v1"), ...text(2, kind)];
  return Uint8Array.from([...PROTOBUF_PREFIX, ...field(1, type), ...field(2, raw)]);
}

const lists = fc.record({
  metadata: fc.record({
    resourceVersion: fc.nat().map(String),
    continue: fc.string({ minLength: 1, unit: "binary" }),
    remainingItemCount: fc.nat(),
  }, { requiredKeys: ["resourceVersion"], noNullPrototype: true }),
  objects: fc.array(fc.record({
    name: fc.string({ unit: "binary" }),
    namespace: fc.string(),
    uid: fc.uuid(),
    resourceVersion: fc.nat().map(String),
  }, { noNullPrototype: true })),
}, { noNullPrototype: true });

Deno.test("versions are read as they were written", () => {
  fc.assert(fc.property(lists, (list) => {
    assert.deepEqual(versionsFromProtobuf(encode(list)), list);
  }));
});

Deno.test("bytes that are no such list are refused, wherever they are broken", () => {
  const refused = (bytes: Uint8Array<ArrayBuffer>) =>
    assert.throws(() => versionsFromProtobuf(bytes), WireError);
  refused(Uint8Array.of());
  refused(encoder.encode('{"kind":"PodList"}'));
  refused(encode({ metadata: { resourceVersion: "1" }, objects: [] }, "PodList"));
  const list = encode({
    metadata: { resourceVersion: "1", continue: "next", remainingItemCount: 1 },
    objects: [{ name: "a", namespace: "b", uid: "c", resourceVersion: "2" }],
  });
  for (let length = 0; length < list.length; length++) refused(list.slice(0, length));
  fc.assert(fc.property(lists, fc.nat(), fc.nat(255), (list, at, byte) => {
    const whole = encode(list);
    refused(whole.slice(0, at % whole.length));
    const changed = whole.slice();
    changed[at % whole.length] = byte;
    try {
      versionsFromProtobuf(changed);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  }));
});
