/** Stage: between the policy's decision and the API server stand plans, and what a person has approved. */
import type { Approval, PlannedChange } from "../../policy/plan.ts";
import type { Admitted, Prepared } from "../change.ts";
import { changeFingerprint, describeChange, objectOf } from "../planning/description.ts";
import { checkSeen } from "../planning/seen.ts";
import { tryChange } from "../planning/trial.ts";
import type { Scope } from "../scope.ts";

/** Admits the attempts of one call. */
export type Admission = (change: Prepared, scope: Scope) => Promise<Admitted>;

/**
 * Makes the admission of one call: in a plan its change is tried out, in an approved run it must be
 * one that a person has said yes to, which is used up once, however many attempts it takes.
 */
export function createAdmission(): Admission {
  let taken: Taken | undefined;
  return async (change, scope) => {
    const { plan, approval } = scope.origin;
    if (change.effect === "read" || change.effect === "dry run") return change;
    if (plan) return { ...change, trial: await tryChange(change, plan, scope) };
    if (!approval) return change;
    taken ??= take(change, approval, scope);
    try {
      // What this run has itself changed since the plan is as it was planned.
      if (!taken.wasTouched) await checkSeen(change, taken.planned.seen, scope);
    } catch (error) {
      approval.putBack(taken.planned);
      throw error;
    }
    if (taken.object !== undefined) approval.touched.add(taken.object);
    return change;
  };
}

/** The planned change that a call makes. */
interface Taken {
  readonly planned: PlannedChange;
  readonly object: string | undefined;
  /** An earlier call of the run has changed the same object. */
  readonly wasTouched: boolean;
}

/** @throws {PolicyError} the person's yes was not to this very change */
function take(change: Prepared, approval: Approval, { context }: Scope): Taken {
  const planned = approval.take({
    fingerprint: changeFingerprint(change, context),
    what: describeChange(change, context),
  });
  const object = objectOf(change.request, context);
  return { planned, object, wasTouched: object !== undefined && approval.touched.has(object) };
}
