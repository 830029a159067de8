import assert from "node:assert/strict";
import { ignoredReport, summarize, summaryLine } from "../../scripts/test_summary.ts";

const RUN = `\x1b[0m\x1b[38;5;245mrunning 3 tests from ./tests/a_test.ts\x1b[0m
one() is fine ... \x1b[0m\x1b[32mok\x1b[0m \x1b[0m\x1b[38;5;245m(546µs)\x1b[0m
two() moves (needs Windows) ... \x1b[0m\x1b[33mignored\x1b[0m \x1b[0m\x1b[38;5;245m(0ms)\x1b[0m
three() logs ...
------- output -------
ok | 99 passed | 0 failed (1ms)
----- output end -----
  a step ... ignored (0ms)
three() logs ... ok (2ms)
running 1 test from ./tests/b_test.ts
four() fails ... FAILED (1ms)

FAILED | 2 passed (1 step) | 1 failed | 1 ignored (1 step) (83ms)

error: Test failed
`;

Deno.test("summarize() reads the last totals, coloured or not", () => {
  const { passed, failed } = summarize(RUN, 1);
  assert.deepEqual({ passed, failed }, { passed: 2, failed: 1 });
});

Deno.test("summarize() names ignored tests and steps with their file", () => {
  assert.deepEqual(summarize(RUN, 1).ignored, [
    "tests/a_test.ts: two() moves (needs Windows)",
    "tests/a_test.ts: a step",
  ]);
});

Deno.test("summarize() names ignored tests of files that run side by side", () => {
  const run = `./tests/a_test.ts => one() moves ... ignored (0ms)
./tests/b_test.ts => two() is fine ... ok (1ms)

ok | 1 passed | 0 failed | 1 ignored (2ms)`;
  assert.deepEqual(summarize(run, 0).ignored, ["tests/a_test.ts: one() moves"]);
});

Deno.test("ignoredReport() counts by what was missing, and names the others", () => {
  assert.deepEqual(ignoredReport([]), []);
  assert.deepEqual(
    ignoredReport([
      "a_test.ts: lists (needs a control plane)",
      "b_test.ts: one() waits",
      "b_test.ts: starts (needs the binary)",
      "c_test.ts: watches (needs a control plane)",
    ]),
    [
      "Ignored, for want of a control plane: 2 tests",
      "Ignored, for want of the binary: 1 test",
      "Ignored:",
      "  b_test.ts: one() waits",
    ],
  );
});

Deno.test("summarize() reads failed steps", () => {
  const { passed, failed } = summarize("FAILED | 4 passed (2 steps) | 2 failed (1 step) (9ms)", 1);
  assert.deepEqual({ passed, failed }, { passed: 4, failed: 2 });
});

Deno.test("summarize() counts a failure that no test accounts for", () => {
  assert.equal(summarize("error: Type checking failed.", 1).failed, 1);
  assert.equal(summarize("ok | 3 passed | 0 failed (9ms)", 137).failed, 1);
  assert.equal(summarize("ok | 3 passed | 0 failed (9ms)", 0).failed, 0);
});

Deno.test("summaryLine() is what the gate's reader looks for", () => {
  assert.equal(summaryLine({ passed: 12, failed: 0 }), "12 passed, 0 failed");
});
