/** Answers of API servers on their way through: looked at as bytes, against the plain way over values. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { dropManagedFields } from "../../lib/kube/wire/managed_fields.ts";
import { lineCutter } from "../../lib/kube/wire/watch_events.ts";
import { readListMetadata } from "../../lib/kube/wire/list_metadata.ts";
import { collectBytes } from "../../lib/std/bytes.ts";
import { parseStandard } from "../../lib/std/json/keys.ts";
import { runs } from "./runs.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const TEXTS = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    ',"managedFields":[{',
    '\\"managedFields\\":[',
    '"}],"',
    "]}]}",
    "\\",
    '"',
    "é☃",
    "managedFields",
    "continue",
  ),
);
const KEYS = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("metadata", "items", "object", "rows", "managedFields", "spec"),
  },
  { weight: 1, arbitrary: TEXTS },
);
const { document: DOCUMENT } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 6, depthSize: "max" },
    { weight: 2, arbitrary: fc.oneof(TEXTS, fc.integer(), fc.constantFrom(null, true, false)) },
    { weight: 3, arbitrary: fc.array(tie("document"), { maxLength: 3 }) },
    { weight: 5, arbitrary: fc.dictionary(KEYS, tie("document"), { maxKeys: 4 }) },
  ),
}));

/** The same by way of values: the field goes where it is a list, and not the first of its object. */
function without(value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.map((member) => without(member, `${place}/`));
  if (typeof value !== "object" || value === null) return value;
  const isPlace = /^(?:|\/"object"|\/"items"\/|\/"rows"\/\/"object")\/"metadata"$/.test(place);
  return Object.fromEntries(
    Object.entries(value).filter(([key, field], at) =>
      !(isPlace && key === "managedFields" && Array.isArray(field) && at > 0)
    ).map(([key, field]) => [key, without(field, `${place}/${JSON.stringify(key)}`)]),
  );
}

Deno.test("bytes: managed fields go from their places, and nothing else does", () => {
  fc.assert(
    fc.property(DOCUMENT, (document) => {
      const text = JSON.stringify(document);
      const dropped = decoder.decode(dropManagedFields(encoder.encode(text)));
      assert.deepEqual(
        parseStandard(dropped),
        parseStandard(JSON.stringify(without(parseStandard(text), ""))),
      );
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("bytes: the metadata of a list is that of the whole document", () => {
  const metadata = fc.dictionary(
    fc.constantFrom("continue", "resourceVersion", "remainingItemCount", "x"),
    fc.oneof(TEXTS, fc.nat(), fc.constant(null), fc.constant({ continue: "inner" })),
  );
  const fields = fc.tuple(
    fc.shuffledSubarray(["kind", "apiVersion", "metadata", "items"]),
    metadata,
    fc.oneof(DOCUMENT, fc.constant([{ kind: "A", apiVersion: "v1", metadata: { continue: "b" } }])),
  );
  fc.assert(
    fc.property(fields, ([keys, metadata, items]) => {
      const all: Record<string, unknown> = { kind: "PodList", apiVersion: "v1", metadata, items };
      const text = JSON.stringify(Object.fromEntries(keys.map((key) => [key, all[key]])));
      const told = Object(Object(parseStandard(text)).metadata) as Record<string, unknown>;
      const read = readListMetadata(encoder.encode(text));
      const token = typeof told.continue === "string" && told.continue ? told.continue : undefined;
      assert.equal(read.continue, token);
      const { resourceVersion: version } = told;
      assert.equal(read.resourceVersion, typeof version === "string" ? version : undefined);
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("bytes: what is no JSON at all is looked through as well, and does not grow", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(TEXTS, fc.constantFrom("{", "}", "[", "]", ",", ":"))),
      (parts) => {
        const bytes = encoder.encode(parts.join(""));
        assert.ok(dropManagedFields(bytes.slice()).length <= bytes.length);
      },
    ),
    { numRuns: runs(300) },
  );
});

Deno.test("bytes: lines and bodies are the same, however they are cut", () => {
  const chunks = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array([10, 10, 65, 10]))),
  );
  fc.assert(
    fc.property(chunks, (chunks) => {
      const cutter = lineCutter(1 << 20);
      const body = collectBytes();
      const lines: Uint8Array[] = [];
      for (const chunk of chunks) {
        // Its owner fills it again, as a connection does.
        const reused = chunk.slice();
        body.push(reused);
        lines.push(...cutter.push(reused));
        reused.fill(0);
      }
      const rest = cutter.rest();
      const whole = chunks.flatMap((chunk) => [...chunk]);
      assert.equal(body.length, whole.length);
      assert.deepEqual([...body.join()], whole);
      const wanted: number[][] = [[]];
      for (const byte of whole) byte === 10 ? wanted.push([]) : wanted.at(-1)!.push(byte);
      assert.deepEqual([...rest], wanted.pop());
      assert.deepEqual(lines.map((line) => [...line]), wanted.filter(({ length }) => length > 0));
    }),
    { numRuns: runs(300) },
  );
});
