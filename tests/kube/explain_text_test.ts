import assert from "node:assert/strict";
import { explainText, firstSentence } from "../../lib/kube/explain/text.ts";

const explained = (schema: unknown, limitCharacters = 2_000, required = false) =>
  explainText({}, {
    what: "things.example.io/v1 Thing",
    name: "things",
    field: { path: ["spec"], schema, required },
    limitCharacters,
  });

Deno.test("explainText() writes head and fields, what is required first", () => {
  const schema = {
    type: "object",
    description: "What is wanted. And more about it.",
    required: ["name"],
    properties: {
      count: { type: "integer", default: 1, description: "How many." },
      mode: { type: "string", enum: ["Fast", "Slow"] },
      name: { type: "string", default: "" },
    },
  };
  assert.equal(
    explained(schema, 2_000, true),
    [
      "things.example.io/v1 Thing: spec <object> [required]",
      "What is wanted.",
      "name <string> [required]",
      "count <integer> default 1 — How many.",
      'mode <"Fast"|"Slow">',
    ].join("\n"),
  );
});

Deno.test("explainText() tells values and default of a plain field", () => {
  assert.equal(
    explained({ type: "string", enum: ["A", "B"], default: "A", description: "One letter" }),
    'things.example.io/v1 Thing: spec <string> default "A"\none of "A", "B"\nOne letter',
  );
});

Deno.test("explainText() leaves out defaults that say nothing", () => {
  const text = explained({
    type: "object",
    required: ["ready"],
    properties: {
      ready: { type: "boolean", default: false },
      empty: { type: "object", default: {} },
      off: { type: "boolean", default: false },
    },
  });
  assert.match(text, /ready <boolean> \[required\]\n/);
  assert.match(text, /empty <object>\n/);
  assert.match(text, /off <boolean> default false$/);
});

/** A structure of so many fields, each with a long description. */
const wide = (count: number) => ({
  type: "object",
  properties: Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`field${at}`, {
      type: "string",
      description: `Number ${at} of many fields, ${"with many words about it, ".repeat(10)}end.`,
    }]),
  ),
});

Deno.test("explainText() shortens descriptions before it leaves fields out", () => {
  for (const [count, described] of [[5, true], [20, true], [60, false]] as const) {
    const text = explained(wide(count));
    assert.ok(text.length <= 2_000, `${count}: ${text.length}`);
    assert.equal(text.match(/^field\d+ /gm)?.length, count);
    assert.equal(text.includes(" — Number 0"), described);
  }
  assert.match(explained(wide(60)), /explain\("things\.spec\.field0"\)$/);
});

Deno.test("explainText() counts the fields it leaves out", () => {
  const text = explained(wide(300));
  assert.ok(text.length <= 2_000);
  const shown = text.match(/^field\d+ /gm)?.length ?? 0;
  assert.ok(shown > 50);
  assert.match(text, new RegExp(`… ${300 - shown} more fields`));
  assert.equal(explained(wide(300), 20_000).match(/^field\d+ /gm)?.length, 300);
});

Deno.test("firstSentence() ends with the sentence, not with an abbreviation", () => {
  assert.equal(firstSentence("One thing. Another.", 160), "One thing.");
  assert.equal(
    firstSentence("For example, e.g. this one. Two.", 160),
    "For example, e.g. this one.",
  );
  assert.equal(firstSentence("Needs v1.2 at least. Two.", 160), "Needs v1.2 at least.");
  assert.equal(firstSentence("A line\n  broken in two", 160), "A line broken in two");
  assert.equal(firstSentence("", 160), "");
});

Deno.test("firstSentence() cuts between words", () => {
  assert.equal(firstSentence("one two three four", 12), "one two…");
  assert.equal(firstSentence("x".repeat(20), 10), `${"x".repeat(9)}…`);
});
