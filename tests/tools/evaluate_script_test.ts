import assert from "node:assert/strict";
import type { EvaluateRequest, Evaluation, EvaluationProgress } from "../../lib/eval/types.ts";
import { evaluateScriptTool, normalizeTimeout } from "../../lib/tools/code/evaluate_script.ts";

const ORIGIN = { tool: "test", session: "test" };

const DONE: Evaluation = {
  console: [],
  calls: 0,
  durationMs: 1,
  ok: true,
  result: { type: "string", text: "done" },
};

function recordingTool(progress?: EvaluationProgress) {
  const requests: EvaluateRequest[] = [];
  const tool = evaluateScriptTool({
    evaluate(request, { onProgress }) {
      requests.push(request);
      if (progress) onProgress?.(progress);
      return Promise.resolve(DONE);
    },
    close: () => Promise.resolve(),
  });
  return { tool, requests };
}

function faults(input: unknown): string[] {
  const parsed = recordingTool().tool.input.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

Deno.test("evaluateScriptTool() hands script and timeout to the evaluator", async () => {
  const { tool, requests } = recordingTool();
  const input = tool.input.parse({ script: "1 + 1", timeout: 50 });
  const result = await tool.run(input, { origin: ORIGIN, signal: new AbortController().signal });
  assert.deepEqual(requests, [{ script: "1 + 1", timeoutMs: 50 }]);
  assert.deepEqual(result, { text: ["done"] });
});

Deno.test("evaluateScriptTool() hands on the signal", async () => {
  const { signal } = new AbortController();
  let seen: AbortSignal | undefined;
  const tool = evaluateScriptTool({
    evaluate: (_, options) => {
      seen = options.signal;
      return Promise.resolve(DONE);
    },
    close: () => Promise.resolve(),
  });
  await tool.run({ script: "1", timeout: 1 }, { origin: ORIGIN, signal });
  assert.equal(seen, signal);
});

Deno.test("evaluateScriptTool() reports progress in seconds", async () => {
  const updates: unknown[] = [];
  const { tool } = recordingTool({ waitedMs: 0, elapsedMs: 2500, timeoutMs: 30_000, calls: 3 });
  await tool.run({ script: "1", timeout: 30_000 }, {
    origin: ORIGIN,
    signal: new AbortController().signal,
    onProgress: (update) => updates.push(update),
  });
  assert.deepEqual(updates, [
    { progress: 2.5, total: 30, message: "2 of at most 30 s, 3 requests" },
  ]);
});

Deno.test("evaluateScriptTool() refuses a script that is missing, empty or no text", () => {
  assert.deepEqual(faults({}), ["script parameter required"]);
  assert.deepEqual(faults({ script: null }), ["script parameter required"]);
  assert.deepEqual(faults({ script: "" }), ["script cannot be empty"]);
  assert.deepEqual(faults({ script: " \n\t" }), ["script cannot be empty"]);
  assert.deepEqual(faults({ script: 5 }), ["script must be a string, not a number"]);
  assert.deepEqual(faults({ script: ["a"] }), ["script must be a string, not an array"]);
  assert.deepEqual(faults({ script: {} }), ["script must be a string, not an object"]);
});

Deno.test("evaluateScriptTool() refuses a timeout that is no number", () => {
  assert.deepEqual(faults({ script: "1", timeout: "soon" }), [
    'timeout must be a whole number of milliseconds, not "soon"',
  ]);
  assert.deepEqual(faults({ script: "1", timeout: true }), [
    "timeout must be a whole number of milliseconds, not a boolean",
  ]);
});

Deno.test("evaluateScriptTool() runs without a timeout under the default", () => {
  const input = recordingTool().tool.input.parse({ script: "1" });
  assert.deepEqual(input, { script: "1", timeout: 30_000 });
});

Deno.test("evaluateScriptTool() says when the cluster is read-only", () => {
  const evaluator = { evaluate: () => Promise.resolve(DONE), close: () => Promise.resolve() };
  const guarded = evaluateScriptTool(evaluator, { readOnly: true });
  assert.equal(guarded.annotations.readOnlyHint, true);
  assert.equal(guarded.annotations.destructiveHint, false);
  assert.match(guarded.description, /writes are refused/);
  const open = evaluateScriptTool(evaluator);
  assert.equal(open.annotations.readOnlyHint, false);
  assert.equal(open.annotations.destructiveHint, true);
});

Deno.test("normalizeTimeout() clamps, and takes 0 and less as the default", () => {
  const cases: readonly [unknown, number | undefined][] = [
    [undefined, 30_000],
    [null, 30_000],
    [0, 30_000],
    [-1, 30_000],
    [-Infinity, 30_000],
    [1, 1],
    [1.2, 2],
    [300_000, 300_000],
    [300_001, 300_000],
    [Infinity, 300_000],
    ["5000", 5000],
    [" 12.5 ", 13],
    ["-3", 30_000],
    [NaN, undefined],
    ["", undefined],
    ["5s", undefined],
    ["0x10", undefined],
    [[5], undefined],
    [true, undefined],
  ];
  for (const [value, expected] of cases) assert.equal(normalizeTimeout(value), expected);
});
