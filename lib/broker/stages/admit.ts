/** Stage: between the policy's decision and the API server stand plans, and what a person has approved. */
import type { Approval, PlannedChange } from "../../policy/plan.ts";
import type { Admitted, Prepared } from "../change.ts";
import { changeFingerprint, describeChange, objectOf } from "../planning/description.ts";
import { checkPlanned } from "../planning/approved.ts";
import { tryChange } from "../planning/trial.ts";
import type { Scope } from "../scope.ts";
import { atVersion } from "./version_pin.ts";

/** Admits the attempts of one call. */
export type Admission = (change: Prepared, scope: Scope) => Promise<Admitted>;

/**
 * Makes the admission of one call: in a plan its change is tried out, in an approved run it must be
 * one that a person has said yes to, which is used up once, however many attempts it takes.
 */
export function createAdmission(): Admission {
  let taken: PlannedChange | undefined;
  return async (change, scope) => {
    const { plan, approval } = scope.origin;
    if (change.effect === "read" || change.effect === "dry run") return change;
    if (plan) return { ...change, trial: await tryChange(change, plan, scope) };
    if (!approval) return change;
    taken ??= take(change, approval, scope);
    try {
      const version = await checkPlanned(change, taken, scope);
      // What was checked is what is changed: nobody comes in between.
      return change.pinned === undefined ? atVersion(change, version) : change;
    } catch (error) {
      approval.putBack(taken);
      throw error;
    }
  };
}

/** @throws {PolicyError} the person's yes was not to this very change */
function take(change: Prepared, approval: Approval, { context }: Scope): PlannedChange {
  return approval.take({
    fingerprint: changeFingerprint(change, context),
    what: describeChange(change, context),
    object: objectOf(change.request, context),
  });
}
