/** Turns that several owners share. */
import assert from "node:assert/strict";
import { createSharedTurns, type TurnLimits } from "../../lib/sandbox/parent/turns.ts";

const NEVER = new AbortController().signal;

/** Takes turns for owners, and writes down whose came. */
function takers(limits: TurnLimits) {
  const turns = createSharedTurns(limits, "call");
  const came: string[] = [];
  return {
    came,
    turns,
    async take(owner: string, session = "") {
      turns.of(owner).take(session, NEVER).then(() => came.push(owner + session));
      await new Promise((resolve) => setTimeout(resolve));
    },
    async leave(owner: string, session = "") {
      turns.of(owner).leave(session);
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

Deno.test("createSharedTurns() gives the next turn to whoever has none, however many sessions others have", async () => {
  const { came, take, leave } = takers({ atOnce: 2, waiting: 99 });
  for (let n = 1; n <= 10; n++) await take("ann", `${n}`);
  await take("bob");
  await leave("ann", "1");
  assert.deepEqual(came, ["ann1", "ann2", "bob"]);
});

Deno.test("createSharedTurns() keeps turns for others that an owner may not have", async () => {
  const { came, turns, take, leave } = takers({ atOnce: 4, perOwner: 2, waiting: 99 });
  for (let n = 0; n < 5; n++) await take("ann");
  assert.deepEqual(came, ["ann", "ann"]);
  await take("bob");
  assert.deepEqual(came, ["ann", "ann", "bob"]);
  await leave("bob");
  assert.deepEqual(turns.counts(), { running: 2, waiting: 3 });
  await leave("ann");
  assert.deepEqual(turns.counts(), { running: 2, waiting: 2 });
});
