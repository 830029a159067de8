/** Bodies of protobuf, broken: read or refused, and nothing that was sent is left out. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../lib/errors.ts";
import { objectFromProtobuf } from "../../lib/protobuf/protobuf.ts";
import { stringifyExact } from "../../lib/std/json/exact.ts";
import { body, field } from "../protobuf/messages.ts";
import { readVectors } from "../protobuf/vectors.ts";
import { runs } from "./runs.ts";

/** Without those that take long: what is broken is broken in small ones too. */
const BODIES = readVectors().map(({ protobuf }) => protobuf).filter(({ length }) => length < 4_000);

/** Bytes put in place of others. */
const EDITS = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    removed: fc.nat(4),
    added: fc.uint8Array({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);

function edited(bytes: Uint8Array, edits: typeof EDITS extends fc.Arbitrary<infer T> ? T : never) {
  const all = [...bytes];
  for (const { at, removed, added } of edits) {
    all.splice(Math.floor(at * all.length), removed, ...added);
  }
  return new Uint8Array(all);
}

Deno.test("protobuf: broken bodies are read or refused, and what is read is JSON", () => {
  fc.assert(
    fc.property(fc.constantFrom(...BODIES), EDITS, (bytes, edits) => {
      let object;
      try {
        object = objectFromProtobuf(edited(bytes, edits));
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
        return;
      }
      JSON.parse(stringifyExact(object));
    }),
    { numRuns: runs(3_000) },
  );
});

Deno.test("protobuf: what stands in an object that was read stands in its JSON", () => {
  const KEYS = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", ""));
  fc.assert(
    fc.property(fc.array(fc.tuple(KEYS, fc.string({ unit: "grapheme" }))), (entries) => {
      const data = entries.map(([key, value]) => field(2, [field(1, key), field(2, value)]));
      const object = objectFromProtobuf(body("v1", "ConfigMap", ...data));
      assert.deepEqual(
        new Map(Object.entries((object.data ?? {}) as object)),
        new Map(entries),
      );
    }),
    { numRuns: runs(300) },
  );
});
