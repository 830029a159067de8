/** Stage: between the policy's decision and the API server stand plans, and what a person has approved. */
import type { KubeObject } from "../../kube/types.ts";
import type { Approval, PlannedChange } from "../../policy/plan.ts";
import type { Admitted, Prepared } from "../change.ts";
import { changeFingerprint, describeChange, objectOf } from "../planning/description.ts";
import { checkPlanned } from "../planning/approved.ts";
import { tryChange } from "../planning/trial.ts";
import type { Scope } from "../scope.ts";
import { atVersion, onlyOf } from "./version_pin.ts";

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
      const found = await checkPlanned(change, taken, scope);
      // What was checked is what is changed: nobody comes in between.
      return found === undefined || change.pinned !== undefined ? change : tiedTo(found, change);
    } catch (error) {
      approval.putBack(taken);
      throw error;
    }
  };
}

function tiedTo(found: KubeObject, change: Prepared): Prepared {
  return change.request.verb === "delete"
    ? onlyOf(change, found)
    : atVersion(change, found.metadata?.resourceVersion);
}

/** @throws {PolicyError} the person's yes was not to this very change */
function take(change: Prepared, approval: Approval, { context }: Scope): PlannedChange {
  return approval.take({
    fingerprint: changeFingerprint(change, context),
    what: describeChange(change, context),
    object: objectOf(change.request, context),
  });
}
