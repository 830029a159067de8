import assert from "node:assert/strict";
import type { ServerContext } from "@modelcontextprotocol/server";
import { LimitError } from "../../lib/errors.ts";
import { createPlan, type Plan } from "../../lib/policy/plan.ts";
import { createUsedAnswers, sealedPlans } from "../../lib/server/sealed_plans.ts";
import { createSeal } from "../../lib/std/seal.ts";

const CONTEXT = {} as ServerContext;
const TEN_MINUTES = 600_000;

function planOf(
  changes: number,
  what = (index: number) => `update configmaps shop/${index}`,
): Plan {
  const plan = createPlan(1000);
  for (let index = 0; index < changes; index++) {
    plan.add({
      what: what(index),
      subject: {
        context: "test",
        cluster: "test",
        verb: "update",
        resource: "configmaps",
        gravity: 1,
      },
      lines: ["data.n: 1 → 2"],
      fingerprint: `${index}`.padStart(64, "0"),
      object: `configmaps/shop/${index}`,
      seen: "s".repeat(64),
      outcome: "o".repeat(64),
      asks: true,
    });
  }
  return plan;
}

function plansAt(clock: { time: number }) {
  const seal = createSeal([new Uint8Array(32).fill(1)]);
  const used = createUsedAnswers(() => clock.time);
  return sealedPlans(seal, used, "ann", () => clock.time);
}

Deno.test("sealedPlans() brings back all that makes a change the one that it is", async () => {
  const clock = { time: 5000 };
  const plan = planOf(100);
  const state = await plansAt(clock).keep(plan, "hash", CONTEXT);
  // Another process, with the same key.
  const other = plansAt(clock);
  const asked = other.take(await other.read(state, CONTEXT));
  assert.equal(asked?.call, "hash");
  assert.equal(asked?.plan.startedAt, 1000);
  const bare = plan.changes.map((change) => ({ ...change, lines: [] }));
  assert.deepEqual(asked?.plan.changes, bare);
});

Deno.test("sealedPlans() takes an answer once, and none after ten minutes", async () => {
  const clock = { time: 0 };
  const plans = plansAt(clock);
  const state = await plans.keep(planOf(1), "hash", CONTEXT);
  const read = await plans.read(state, CONTEXT);
  clock.time = TEN_MINUTES;
  assert.ok(plans.take(read));
  assert.equal(plans.take(await plans.read(state, CONTEXT)), undefined);
  clock.time = TEN_MINUTES + 1;
  await assert.rejects(plans.read(state, CONTEXT), /expired/);
  assert.equal(plans.take(read), undefined);
});

Deno.test("sealedPlans() refuses a plan that is too large to travel", async () => {
  const plans = plansAt({ time: 0 });
  // Names that cannot be compressed.
  const random = () => `update configmaps ${crypto.getRandomValues(new Uint8Array(1500)).toHex()}`;
  assert.throws(() => plans.keep(planOf(80, random), "hash", CONTEXT), LimitError);
  assert.ok(await plans.keep(planOf(100), "hash", CONTEXT));
});

Deno.test("createUsedAnswers() forgets an answer only once it no longer counts", () => {
  const clock = { time: 0 };
  const used = createUsedAnswers(() => clock.time);
  assert.equal(used.use("a", 100), true);
  assert.equal(used.use("b", 200), true);
  assert.equal(used.use("a", 100), false);
  clock.time = 150;
  assert.equal(used.use("b", 200), false);
  assert.equal(used.use("c", 300), true);
});
