/** Turns, and what scripts that wait for theirs tell and cost. */
import assert from "node:assert/strict";
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import type { Broker } from "../../lib/broker/types.ts";
import { createEvaluator } from "../../lib/eval/parent/evaluator.ts";
import { createTurns, type TurnLimits } from "../../lib/sandbox/parent/turns.ts";
import type { EvaluationProgress } from "../../lib/eval/types.ts";
import { evaluateScriptTool } from "../../lib/tools/code/evaluate_script.ts";
import type { Clock } from "../../lib/std/async.ts";
import { createTestClock } from "../support/clock.ts";
import { LOGGER } from "../support/clusters.ts";

const NEVER = new AbortController().signal;

/** Takes turns, and writes down whose came. */
function takers(limits: TurnLimits, clock?: Clock) {
  const turns = createTurns(limits, "script", clock);
  const came: string[] = [];
  const take = (who: string, signal = NEVER) =>
    turns.take(who[0]!, signal).then(() => void came.push(who));
  // Two rounds: one that settles what was asked for, one that hands it on.
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { turns, came, take, settled };
}

Deno.test("createTurns() lets so many in at a time, the rest in their order", async () => {
  const { turns, came, take, settled } = takers({ atOnce: 2, waiting: 9 });
  const all = ["a1", "a2", "a3", "a4"].map((who) => take(who));
  await settled();
  assert.deepEqual(came, ["a1", "a2"]);
  assert.deepEqual(turns.counts(), { running: 2, waiting: 2 });
  turns.leave("a");
  await settled();
  assert.deepEqual(came, ["a1", "a2", "a3"]);
  turns.leave("a");
  await Promise.all(all);
  for (const _ of "12") turns.leave("a");
  assert.deepEqual(turns.counts(), { running: 0, waiting: 0 });
});

Deno.test("createTurns() lets a session that asks for many not hold up another", async () => {
  const { turns, came, take, settled } = takers({ atOnce: 2, waiting: 9 });
  for (const who of ["a1", "a2", "a3", "a4", "b1", "b2"]) take(who);
  for (const leaving of ["a", "a", "b"]) {
    await settled();
    turns.leave(leaving);
  }
  await settled();
  assert.deepEqual(came, ["a1", "a2", "b1", "a3", "b2"]);
});

Deno.test("createTurns() lets fewer in for a minute after one that took much memory", async () => {
  const clock = createTestClock();
  const { turns, came, take, settled } = takers({ atOnce: 4, waiting: 9, whenLarge: 2 }, clock);
  await take("a1");
  turns.leave("a", true);
  for (const who of ["a2", "a3", "a4", "a5"]) take(who);
  await settled();
  assert.deepEqual(came, ["a1", "a2", "a3"]);
  turns.leave("a", true);
  await settled();
  assert.deepEqual(came, ["a1", "a2", "a3", "a4"]);
  for (const _ of "12") turns.leave("a");
  await settled();
  clock.advance(60_000);
  for (const who of ["a6", "a7", "a8"]) take(who);
  await settled();
  assert.deepEqual(came.slice(4), ["a5", "a6", "a7", "a8"]);
  for (const _ of "1234") turns.leave("a");
});

Deno.test("createTurns() lets one more in where those that run only wait", async () => {
  const clock = createTestClock();
  const { turns, came, take, settled } = takers({ atOnce: 4, waiting: 9, whenLarge: 2 }, clock);
  await take("a1");
  turns.leave("a", true);
  const gone = new AbortController();
  for (const who of ["a2", "a3", "a4", "a5", "a6"]) take(who);
  const left = take("a7", gone.signal).catch(() => {});
  clock.advance(3_999);
  await settled();
  assert.deepEqual(came, ["a1", "a2", "a3"]);
  clock.advance(1);
  await settled();
  assert.deepEqual(came.slice(3), ["a4"]);
  gone.abort();
  await left;
  // No more than there may be at any time.
  for (const _ of "123") clock.advance(4_000);
  await settled();
  assert.deepEqual(came.slice(3), ["a4", "a5"]);
  for (const _ of "12345") turns.leave("a");
  await settled();
  assert.deepEqual(turns.counts(), { running: 0, waiting: 0 });
});

Deno.test("createTurns() forgets who has gone, and refuses whom there is no room for", async () => {
  const { turns, came, take, settled } = takers({ atOnce: 1, waiting: 1 });
  await take("a1");
  const gone = new AbortController();
  const waits = take("a2", gone.signal);
  await assert.rejects(take("a3"), {
    name: "LimitError",
    message: "Cannot run the script: too many wait for their turn (1)",
  });
  gone.abort(new Error("gone"));
  await assert.rejects(waits, { message: "gone" });
  await assert.rejects(take("a4", gone.signal), { message: "gone" });
  const last = take("a5");
  turns.leave("a");
  await last;
  turns.leave("a");
  await settled();
  assert.deepEqual(came, ["a1", "a5"]);
  assert.deepEqual(turns.counts(), { running: 0, waiting: 0 });
});

Deno.test("a script that waits says so, and loses none of its time", async () => {
  const broker: Broker = {
    namespace: () => Promise.resolve("default"),
    isRead: () => true,
    async *call() {},
  };
  const evaluator = createEvaluator({
    brokers: { as: () => broker },
    parseCall: () => assert.fail("no script here makes a call"),
    command: childCommand("script"),
    logger: LOGGER,
    limits: { concurrentScripts: 1 },
  });
  try {
    const origin = { tool: "test", session: "test" };
    const told: EvaluationProgress[] = [];
    const messages: string[] = [];
    const ending = new AbortController();
    const first = evaluator.evaluate(
      { script: "for (;;);", timeoutMs: 60_000 },
      { origin, signal: ending.signal },
    ).then(({ ok }) => ok, () => false);
    const tool = evaluateScriptTool({
      ...evaluator,
      evaluate: (request, options) =>
        evaluator.evaluate(request, {
          ...options,
          onProgress(progress) {
            told.push(progress);
            options.onProgress?.(progress);
            if (told.length === 2) ending.abort();
          },
        }),
    });
    const second = await tool.run(
      { script: "6 * 7", timeout: 10_000 },
      {
        origin,
        signal: NEVER,
        onProgress: ({ progress, total, message }) =>
          messages.push(`${progress < total!} ${message}`),
      } as Parameters<typeof tool.run>[1],
    );
    assert.deepEqual(second.text, ["42"]);
    assert.equal(await first, false);
    const [one, two] = told;
    assert.deepEqual(one?.queue, { running: 1, waiting: 1 });
    // MCP drops progress that does not grow.
    assert.ok(two!.waitedMs > one!.waitedMs);
    assert.equal(two!.elapsedMs, 0);
    assert.equal(messages[0], "true waits for its turn: 1 running, 1 waiting");
  } finally {
    await evaluator.close();
  }
});

Deno.test("a sandbox that does not start is an error of the family, and holds nobody up", async () => {
  const evaluator = createEvaluator({
    brokers: { as: () => assert.fail("no script runs") },
    parseCall: () => assert.fail("no script runs"),
    command: { program: Deno.execPath(), args: ["--version"], env: {} },
    logger: LOGGER,
    limits: { concurrentScripts: 1 },
  });
  const run = () =>
    evaluator.evaluate({ script: "1" }, { origin: { tool: "test", session: "test" } });
  const error = {
    name: "LimitError",
    message: "Cannot run the script: its sandbox ended before it was ready",
  };
  await Promise.all([assert.rejects(run(), error), assert.rejects(run(), error)]);
  await evaluator.close();
});

Deno.test("a script is cancelled before it runs too: in the queue, and while its sandbox starts", async () => {
  const evaluator = createEvaluator({
    brokers: { as: () => assert.fail("no script runs") },
    parseCall: () => assert.fail("no script runs"),
    command: { program: Deno.execPath(), args: ["eval", "setInterval(() => {}, 1e6)"], env: {} },
    logger: LOGGER,
    limits: { concurrentScripts: 1 },
  });
  const ending = new AbortController();
  const run = () =>
    evaluator.evaluate(
      { script: "1" },
      { origin: { tool: "test", session: "test" }, signal: ending.signal },
    );
  const both = Promise.all([run(), run()]);
  setTimeout(() => ending.abort(), 50);
  for (const evaluation of await both) {
    assert.equal(evaluation.ok ? "ok" : evaluation.failure.kind, "cancelled");
  }
  await evaluator.close();
});
