/** Children that nobody uses: they are ended, and the next script gets another one. */
import assert from "node:assert/strict";
import { childCommand } from "../../lib/sandbox/parent/command.ts";
import { type Sandbox, startSandbox } from "../../lib/sandbox/parent/child.ts";
import { createChildBounds } from "../../lib/sandbox/parent/child_bounds.ts";
import { createPool } from "../../lib/sandbox/parent/pool.ts";
import { createTurns } from "../../lib/sandbox/parent/turns.ts";
import { CONFIG_MAPS } from "../support/config_maps.ts";
import { testEvaluator } from "../support/evaluator.ts";
import { createTestClock } from "../support/clock.ts";

const NEVER = new AbortController().signal;
const MINUTE_MS = 60_000;

/** A pool of real children, with a clock in the test's hands. */
function watchedPool() {
  const started: Sandbox[] = [];
  const clock = createTestClock();
  const start = () => {
    const sandbox = startSandbox(childCommand("script"), 1024 * 1024);
    started.push(sandbox);
    return sandbox;
  };
  const turns = createTurns({ atOnce: 4, waiting: 9 }, "script");
  const pool = createPool(start, turns, "script", { clock });
  return { pool, started, clock, [Symbol.asyncDispose]: () => pool.close() };
}

/** Fails unless a child still runs a moment later. */
async function stays({ exited }: Sandbox): Promise<void> {
  const moment = new Promise<string>((resolve) => setTimeout(() => resolve("runs"), 200));
  assert.equal(await Promise.race([exited.then(() => "has ended"), moment]), "runs");
}

Deno.test("a warm child that no script takes is ended, and none is started in its place", async () => {
  await using watched = watchedPool();
  watched.pool.warm();
  const [spare] = watched.started;
  await spare!.ready;
  watched.clock.advance(MINUTE_MS - 1);
  await stays(spare!);
  watched.clock.advance(1);
  await spare!.exited;
  assert.equal(watched.started.length, 1);
  const next = await watched.pool.take("one", false, NEVER);
  assert.equal(next, watched.started[1]);
  watched.pool.release("one", next, false);
});

Deno.test("a child in use has all the time it needs, whether it was warm before or not", async () => {
  await using watched = watchedPool();
  const child = await watched.pool.take("one", false, NEVER);
  watched.clock.advance(10 * MINUTE_MS);
  await stays(child);
  watched.pool.release("one", child, false);
  await child.exited;
  // Its successor waits from now on.
  while (watched.started.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  watched.clock.advance(MINUTE_MS - 1);
  const successor = await watched.pool.take("one", false, NEVER);
  assert.equal(successor, watched.started[1]);
  watched.clock.advance(10 * MINUTE_MS);
  await stays(successor);
  watched.pool.release("one", successor, false);
});

/** Counts the children that run, and all that have been started. */
function childCount() {
  const count = { running: 0, started: 0 };
  const onStart = (exited: Promise<unknown>) => {
    count.started += 1;
    count.running += 1;
    exited.finally(() => count.running -= 1);
  };
  return { count, onStart };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`still not so after 10 s: ${isSo}`);
}

Deno.test("evaluators that share a bound keep no more children than it says, however many end at once", async () => {
  const { count, onStart } = childCount();
  const bounds = createChildBounds({ limit: 2 });
  const evaluators = Array.from(
    { length: 6 },
    () => testEvaluator(CONFIG_MAPS, {}, { bounds, onStart }),
  );
  try {
    assert.deepEqual(
      await Promise.all(evaluators.map((evaluator) => evaluator.value("1 + 1"))),
      [2, 2, 2, 2, 2, 2],
    );
    await until(() => count.running === 2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(count.running, 2);
  } finally {
    await Promise.all(evaluators.map((evaluator) => evaluator[Symbol.asyncDispose]()));
  }
});

Deno.test("while a child runs its last script its successor starts", async () => {
  const { count, onStart } = childCount();
  await using evaluator = testEvaluator(CONFIG_MAPS, {}, { onStart });
  await evaluator.value("1");
  // A machine that stalls may have a child replaced before, between two scripts.
  for (let n = 0; n < 150; n++) {
    const before = count.started;
    await evaluator.value("1");
    if (count.started > before) return;
    // What is replaced only once a script has ended is so by then.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("each successor was started after the last script, and waited for");
});
