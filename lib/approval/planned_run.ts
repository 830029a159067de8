/**
 * A run whose changes a person has to approve: a trial makes the plan, the person sees it, and after
 * a yes the run may make exactly the changes of the plan. The caller decides how the person is asked.
 */
import type { Origin } from "../broker/types.ts";
import { approvalOf, createPlan, endsUntried, type Plan } from "../policy/plan.ts";
import { planText } from "../policy/plan_text.ts";

/** Whether a run is a trial, or bound to an approved plan. */
export type RunMode = Pick<Origin, "plan" | "approval">;

/** Something that can be run as a trial, and again with an approval. */
export interface Runnable<Result> {
  run(mode: RunMode): Promise<Result>;
  /** Adds a paragraph below the result. */
  withNote(result: Result, note: string): Result;
}

/** Such a run, and whether and how a person is asked about it. */
export interface PlannedRun<Result, Answer = Result> extends Runnable<Result> {
  /** Changes are tried out and listed, never made. */
  readonly dryRun: boolean;
  /** Which changes a person is asked about: those for which the policy demands it, or all. */
  readonly asks: "nothing" | "policy" | "all";
  isFailure(result: Result): boolean;
  /** Returns true for a yes; anything else is returned in place of the result. */
  ask(plan: Plan, trial: Result): Promise<Answer | true>;
}

/** Runs at once where nothing has to be planned or asked, otherwise as a trial first. */
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

/** Runs an approved plan, and notes which of its changes were not made. */
export async function runApproved<Result>(
  { run, withNote }: Runnable<Result>,
  plan: Pick<Plan, "startedAt" | "changes">,
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
