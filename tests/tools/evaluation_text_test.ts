import assert from "node:assert/strict";
import type { Evaluation, ScriptFailure } from "../../lib/eval/types.ts";
import {
  formatConsole,
  formatEvaluation,
  formatFailure,
} from "../../lib/tools/support/evaluation_text.ts";

const MEASURES = { console: [], calls: 0, durationMs: 1 } as const;

function failure(part: Partial<ScriptFailure>): ScriptFailure {
  return { kind: "error", name: "Error", message: "broken", ...part };
}

Deno.test("formatEvaluation() gives the result's text exactly", () => {
  const evaluation: Evaluation = {
    ...MEASURES,
    ok: true,
    result: { type: "json", text: '{"a": 1}\n' },
  };
  assert.deepEqual(formatEvaluation(evaluation), { text: ['{"a": 1}\n'] });
});

Deno.test("formatEvaluation() says of no value that there is none", () => {
  const text = "(no value; the last expression is undefined)";
  const evaluation: Evaluation = { ...MEASURES, ok: true, result: { type: "empty", text } };
  assert.deepEqual(formatEvaluation(evaluation), { text: [text] });
});

Deno.test("formatEvaluation() puts the console in a second block", () => {
  const evaluation: Evaluation = {
    ...MEASURES,
    console: [{ level: "log", text: "one" }, { level: "error", text: "two\nthree" }],
    ok: true,
    result: { type: "string", text: "done" },
  };
  assert.deepEqual(formatEvaluation(evaluation).text, [
    "done",
    "console:\none\nerror: two\nthree",
  ]);
});

Deno.test("formatEvaluation() marks a failure as an error and keeps the console", () => {
  const evaluation: Evaluation = {
    ...MEASURES,
    console: [{ level: "warn", text: "careful" }],
    ok: false,
    failure: failure({}),
  };
  assert.deepEqual(formatEvaluation(evaluation), {
    text: ["script error: Error: broken", "console:\nwarn: careful"],
    isError: true,
  });
});

Deno.test("formatConsole() gives nothing for no lines", () => {
  assert.equal(formatConsole([]), "");
});

Deno.test("formatFailure() shows position, line, caret and hint", () => {
  const text = formatFailure(failure({
    kind: "syntax",
    name: "SyntaxError",
    message: "Unexpected token",
    line: 12,
    column: 9,
    source: "let a = ;",
    hint: "Give it a value.",
  }));
  assert.equal(
    text,
    [
      "script error: SyntaxError: Unexpected token (line 12, column 9)",
      "12 | let a = ;",
      "   |         ^",
      "Give it a value.",
    ].join("\n"),
  );
});

Deno.test("formatFailure() keeps the caret under its column after tabs", () => {
  const lines = formatFailure(failure({ line: 1, column: 3, source: "\t\tx()" })).split("\n");
  assert.deepEqual(lines.slice(1), ["1 |   x()", "  |   ^"]);
});

Deno.test("formatFailure() cuts a long line round the column", () => {
  const source = `${"a".repeat(5000)}!${"b".repeat(5000)}`;
  const lines = formatFailure(failure({ line: 1, column: 5001, source })).split("\n");
  const [, shown = "", caret = ""] = lines;
  assert.equal(shown.length, "1 | ".length + 122);
  assert.equal(shown[caret.indexOf("^")], "!");
});

Deno.test("formatFailure() survives a column outside the line", () => {
  const past = formatFailure(failure({ line: 1, column: 99, source: "ab" })).split("\n");
  assert.equal(past[2], "  |   ^");
  const before = formatFailure(failure({ line: 1, column: 0, source: "ab" })).split("\n");
  assert.equal(before[2], "  | ^");
});

Deno.test("formatFailure() names what ended the script by the words scripts know", () => {
  const cases: readonly [ScriptFailure["kind"], string, string][] = [
    ["timeout", "after 30 s", "execution timeout exceeded: after 30 s"],
    ["timeout", "Execution timeout exceeded (30 s)", "Execution timeout exceeded (30 s)"],
    ["memory", "512 MB", "memory limit exceeded: 512 MB"],
    ["limit", "500 calls", "script limit exceeded: 500 calls"],
    ["cancelled", "", "script cancelled"],
    ["internal", "the sandbox ended", "internal error: the sandbox ended"],
  ];
  for (const [kind, message, expected] of cases) {
    assert.equal(formatFailure(failure({ kind, message })), expected);
  }
});

Deno.test("formatFailure() says an error's name once", () => {
  assert.equal(
    formatFailure(failure({ name: "TypeError", message: "TypeError: no" })),
    "script error: TypeError: no",
  );
  assert.equal(formatFailure(failure({ name: "MyError", message: "" })), "script error: MyError");
});
