/**
 * A run whose changes need a person's yes: it is tried out first, its plan is shown, and only then is
 * it run, for exactly those changes. Who asks the person, and how, is the caller's.
 */
import type { Origin } from "../broker/types.ts";
import { approvalOf, createPlan, endsUntried, type Plan } from "../policy/plan.ts";
import { planText } from "../policy/plan_text.ts";

/** What a run's origin has besides its tool and session. */
export type RunMode = Pick<Origin, "plan" | "approval">;

/** Something that can be run as a trial, and again with an approval. */
export interface Runnable<Result> {
  run(mode: RunMode): Promise<Result>;
  /** The result with a paragraph for its reader below it. */
  withNote(result: Result, note: string): Result;
}

/** Such a run, and whether and how a person is asked about it. */
export interface PlannedRun<Result, Answer = Result> extends Runnable<Result> {
  /** Its changes are tried out and told, never made. */
  readonly dryRun: boolean;
  /** `policy`: about changes for which the policy wants a yes; `all`: about any change. */
  readonly asks: "nothing" | "policy" | "all";
  isFailure(result: Result): boolean;
  /** True for a yes; anything else is the answer in place of the run. */
  ask(plan: Plan, trial: Result): Promise<Answer | true>;
}

/** Runs as a plan first where that is wanted, or where a person may have to be asked. */
export async function planAndRun<Result, Answer = Result>(
  planned: PlannedRun<Result, Answer>,
): Promise<Result | Answer> {
  const { dryRun, asks, run, withNote } = planned;
  if (!dryRun && asks === "nothing") return await run({});
  const plan = createPlan(Date.now());
  const trial = await run({ plan });
  plan.trial.clear();
  if (dryRun) return withNote(trial, `Nothing was changed. Plan: ${planText(plan)}`);
  if (plan.changes.length === 0) return trial;
  if (planned.isFailure(trial) && !endsUntried(plan)) {
    const why = "a plan is approved only when all of it works. So far";
    return withNote(trial, `Nothing was changed: ${why}: ${planText(plan)}`);
  }
  if (asks !== "all" && !plan.changes.some((change) => change.asks)) return await run({});
  const answer = await planned.ask(plan, trial);
  return answer === true ? await runApproved(planned, plan) : answer;
}

/** Runs what a person has said yes to; tells which of its changes were not made. */
export async function runApproved<Result>(
  { run, withNote }: Runnable<Result>,
  plan: Plan,
): Promise<Result> {
  const approval = approvalOf(plan);
  const result = await run({ approval });
  const left = approval.left();
  if (left.length === 0) return result;
  const list = left.map(({ what }) => `- ${what}`).join("\n");
  return withNote(
    result,
    `Of ${plan.changes.length} approved changes ${left.length} were not made:\n${list}`,
  );
}
