import assert from "node:assert/strict";
import { createByteBudget } from "../../lib/kube/calls/byte_budget.ts";

/** Whether it has come to an end by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return done;
}

Deno.test("createByteBudget() lets the oldest on, and the others once there is room", async () => {
  const budget = createByteBudget(100);
  const [first, second, third] = [budget.lease(), budget.lease(), budget.lease()];
  await first.take(60);
  await second.take(40);
  const waits = second.take(10);
  const too = third.take(1);
  assert.deepEqual([await isDone(waits), await isDone(too)], [false, false]);
  // However much it is: it has to come to its end.
  await first.take(500);
  assert.equal(await isDone(waits), false);
  first.release();
  assert.deepEqual([await isDone(waits), await isDone(too)], [true, true]);
});

Deno.test("createByteBudget() keeps nothing of what was given back", async () => {
  const budget = createByteBudget(10);
  for (let round = 0; round < 3; round++) {
    const [first, second] = [budget.lease(), budget.lease()];
    await first.take(10);
    const waits = second.take(10);
    // Given up while it waits.
    second.release();
    await waits;
    first.release();
    first.release();
  }
});
