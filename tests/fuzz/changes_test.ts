/** Changes of objects: what a plan shows of them, and what becomes of tokens in them. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { PolicyError } from "../../lib/errors.ts";
import { diffObjects } from "../../lib/policy/diff.ts";
import { createRedactor } from "../../lib/redact/redactor.ts";
import { TOKEN_MARK } from "../../lib/redact/tokens.ts";
import { exposedPath } from "../../lib/redact/writes/exposure.ts";
import { writtenByJsonPatch } from "../../lib/redact/writes/json_patch_words.ts";
import { hiddenStrings } from "../../lib/redact/writes/live.ts";
import { restore, restoreJsonPatch } from "../../lib/redact/writes/restore.ts";
import { parseStandard } from "../../lib/std/json/keys.ts";
import { applyJsonPatch, PatchError } from "../../lib/std/json/patch.ts";
import { runs } from "./runs.ts";

const LONG = "k".repeat(300);
const KEYS = fc.constantFrom(
  ...["name", "value", "key", "env", "data", "password", "args", "spec", "a.b", 'a"b', "a[0]", "0"],
  ...[`${LONG}1`, `${LONG}2`, `x${LONG}`, "\u3164", "a\u00a0b", "__proto__", "DB_PASSWORD"],
);
const TEXTS = fc.oneof(
  fc.constantFrom(
    "hunter2-Sesame",
    "--password",
    "DB_PASSWORD",
    "info",
    "",
    "a",
    "\u2800",
    "a\u034f",
  ),
  fc.constantFrom(`${LONG}a`, `${LONG}b`, `${LONG}a${LONG}`, "https://u:hunter2-Sesame@h/"),
  fc.string({ maxLength: 5 }),
);
const { value: VALUE } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "max" },
    { weight: 3, arbitrary: fc.oneof(TEXTS, fc.nat(3), fc.constantFrom(null, true, "1")) },
    { weight: 3, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 5, arbitrary: fc.dictionary(KEYS, tie("value"), { maxKeys: 4 }) },
  ),
}));
const OBJECT = fc.record({
  kind: fc.constantFrom("ConfigMap", "Pod", "Secret"),
  metadata: fc.constant({ name: "x" }),
  data: VALUE,
  spec: VALUE,
});

/** As JSON carries it: without what has no form there. */
const plain = <Value>(value: Value): Value => parseStandard(JSON.stringify(value)) as Value;

Deno.test("changes: a plan of two objects that differ says so", () => {
  fc.assert(
    fc.property(OBJECT, OBJECT, (one, other) => {
      const [before, after] = [plain(one), plain({ ...other, kind: one.kind })];
      assert.equal(diffObjects(before, after).length > 0, !isDeepStrictEqual(before, after));
    }),
    { numRuns: runs(300) },
  );
  // One leaf of an object is changed.
  fc.assert(
    fc.property(OBJECT, fc.nat(), TEXTS, (one, which, text) => {
      const before = plain(one);
      const after = plain(one);
      const leaves = leavesOf(after);
      const [holder, key] = leaves[which % leaves.length]!;
      if (holder[key] === text) return;
      holder[key] = text;
      assert.ok(diffObjects(before, after).length > 0, JSON.stringify([before, after]));
    }),
    { numRuns: runs(500) },
  );
});

function leavesOf(value: unknown, found: [Record<string, unknown>, string][] = []) {
  for (const [key, member] of Object.entries(value as object)) {
    if (typeof member === "object" && member !== null) leavesOf(member, found);
    else if (key !== "kind") found.push([value as Record<string, unknown>, key]);
  }
  return found;
}

const redactor = createRedactor(new Uint8Array(32));
const objects = { of: "test", form: "one" } as const;

Deno.test("changes: what is read and written back is what was there", () => {
  fc.assert(
    fc.property(OBJECT, (object) => {
      const raw = plain(object);
      const shown = redactor.value(raw, { secrets: false, objects });
      assert.deepEqual(restore(plain(shown), { raw, shown }), raw);
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("changes: a token that is not in its place is refused, never taken for another value", () => {
  fc.assert(
    fc.property(OBJECT, fc.nat(), fc.nat(), (object, from, to) => {
      const raw = plain(object);
      const shown = redactor.value(raw, { secrets: false, objects }) as object;
      const live = { raw, shown };
      const body = plain(shown);
      const leaves = leavesOf(body);
      const tokens = leaves.filter(([holder, key]) => String(holder[key]).includes(TOKEN_MARK));
      if (tokens.length === 0) return;
      const [source, sourceKey] = tokens[from % tokens.length]!;
      const [target, targetKey] = leaves[to % leaves.length]!;
      const wanted = target[targetKey];
      target[targetKey] = source[sourceKey];
      if (wanted === source[sourceKey]) return;
      assert.throws(() => restore(body, live), PolicyError);
    }),
    { numRuns: runs(500) },
  );
});

Deno.test("changes: a JSON patch brings no hidden value to light", () => {
  const pointer = fc.array(fc.oneof(KEYS, fc.constantFrom("0", "1", "-", "-1", "00", "~1")), {
    maxLength: 4,
  })
    .map((steps) => steps.map((step) => `/${step}`).join(""));
  const operation = fc.record({
    op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "Move", ""),
    path: fc.oneof(
      pointer,
      fc.constantFrom("/data", "/spec", "/spec/0", "/spec/-1", "/metadata/name"),
    ),
    from: fc.oneof(
      pointer,
      fc.constantFrom("/data", "/spec", "/spec/0", "/spec/1", "/data/password"),
    ),
    value: VALUE,
  }, { requiredKeys: ["op", "path"] });
  fc.assert(
    fc.property(OBJECT, fc.array(operation, { maxLength: 4 }), (object, patch) => {
      const raw = plain(object);
      const shown = redactor.value(raw, { secrets: false, objects });
      const live = { raw, shown };
      const isPlain = (text: string, where: unknown) =>
        JSON.stringify(where).includes(JSON.stringify(text));
      // A text that shows in another place, or that is the patch's own, is no secret.
      const hidden = [...hiddenStrings(live).keys()]
        .filter((text) => !isPlain(text, shown) && !isPlain(text, patch));
      try {
        const outcome = applyJsonPatch(raw, restoreJsonPatch(plain(patch), live) as unknown[]);
        const after = redactor.value(outcome, { secrets: false, objects });
        if (exposedPath(live, after, writtenByJsonPatch(patch, raw)) !== undefined) return;
        for (const text of hidden) assert.ok(!isPlain(text, after), `${text} shows`);
      } catch (error) {
        if (!(error instanceof PolicyError || error instanceof PatchError)) throw error;
      }
    }),
    { numRuns: runs(500) },
  );
});
