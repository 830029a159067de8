import assert from "node:assert/strict";
import { planAndRun, type PlannedRun, type RunMode } from "../../lib/approval/planned_run.ts";
import type { Plan } from "../../lib/policy/plan.ts";

const subject = { context: "", cluster: "", verb: "x", resource: "y", gravity: 1 } as const;
const change = (what: string, asks = true) => ({
  what,
  subject,
  lines: [],
  fingerprint: what,
  asks,
});

/** A run that makes the given changes: what it answers, and the modes that it was run in. */
async function planned(
  changes: readonly ReturnType<typeof change>[],
  options: Partial<PlannedRun<string>> & { readonly made?: number } = {},
) {
  const modes: string[] = [];
  const result = await planAndRun<string>({
    dryRun: false,
    asks: "policy",
    isFailure: (result) => result === "failed",
    withNote: (result, note) => `${result}; ${note}`,
    ask: () => Promise.resolve(true as const),
    run({ plan, approval }: RunMode) {
      modes.push(plan ? "plan" : approval ? "approved" : "free");
      for (const one of changes.slice(0, approval ? options.made : undefined)) {
        plan?.add(one);
        approval?.take(one);
      }
      return Promise.resolve("done");
    },
    ...options,
  });
  return { result, modes };
}

Deno.test("planAndRun() tries out, asks, and runs what was approved", async () => {
  let asked: Plan | undefined;
  const ask = (plan: Plan) => {
    asked = plan;
    return Promise.resolve(true as const);
  };
  const { result, modes } = await planned([change("delete pods a")], { ask });
  assert.deepEqual([result, modes], ["done", ["plan", "approved"]]);
  assert.deepEqual(asked?.changes.map(({ what }) => what), ["delete pods a"]);
});

Deno.test("planAndRun() tells which approved changes were not made", async () => {
  const { result } = await planned([change("delete pods a"), change("delete pods b")], { made: 1 });
  assert.equal(result, "done; Of 2 approved changes 1 were not made:\n- delete pods b");
});

Deno.test("planAndRun() gives another answer than yes in place of the run", async () => {
  const { result, modes } = await planned([change("delete pods a")], {
    ask: () => Promise.resolve("declined"),
  });
  assert.deepEqual([result, modes], ["declined", ["plan"]]);
});

Deno.test("planAndRun() asks about changes for which it has to, and makes none in a dry run", async () => {
  const ask = () => Promise.reject(new Error("was asked"));
  const free = [change("patch pods a", false)];
  assert.deepEqual((await planned(free, { ask })).modes, ["plan", "free"]);
  assert.deepEqual((await planned(free, { asks: "all" })).modes, ["plan", "approved"]);
  assert.deepEqual((await planned(free, { ask, asks: "nothing" })).modes, ["free"]);
  const dry = await planned([change("delete pods a")], { ask, dryRun: true });
  assert.match(dry.result, /^done; Nothing was changed\. Plan: 1 change:/);
  assert.deepEqual(dry.modes, ["plan"]);
});
