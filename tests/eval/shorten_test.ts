/** What is left of values that are too long. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { shortenedJson, shortenedText } from "../../lib/eval/realm/values/shorten.ts";
import { parseStandard } from "../../lib/std/json/keys.ts";

Deno.test("shortenedJson() is JSON that fits, whatever the value", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.integer({ min: 200, max: 2_000 }), (value, limit) => {
    const text = shortenedJson(value, limit);
    assert.ok(text.length <= limit, `${text.length} > ${limit}`);
    parseStandard(text);
    if (JSON.stringify(value).length <= limit / 20) {
      assert.deepEqual(parseStandard(text), parseStandard(JSON.stringify(value)));
    }
  }));
});

Deno.test("shortenedJson() says what it left out of lists, objects and strings", () => {
  const list = Array.from({ length: 5_000 }, (_, at) => ({ name: `pod-${at}` }));
  const shortened = JSON.parse(shortenedJson(list, 2_000)) as unknown[];
  assert.deepEqual(shortened[0], { name: "pod-0" });
  assert.equal(shortened.at(-1), `…[${5_000 - shortened.length + 1} of 5000 left out]`);

  const keys = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`key-${at}`, at]));
  const kept = JSON.parse(shortenedJson(keys, 2_000)) as Record<string, unknown>;
  assert.equal(kept["…"], `[${900 - Object.keys(kept).length + 1} of 900 keys left out]`);

  const { log } = JSON.parse(shortenedJson({ log: "x".repeat(9_000) }, 1_000)) as { log: string };
  assert.match(log, /^x+ …\[\d+ characters left out\]… x+$/);
});

Deno.test("shortenedText() cuts between lines where there are any", () => {
  assert.equal(shortenedText("abc", 3), "abc");
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`).join("\n");
  const text = shortenedText(lines, 200);
  assert.match(text, /^line 0\n(?:line \d+\n)*…\[\d+ lines left out\]…\n(?:line \d+\n)*line 99$/);
});
