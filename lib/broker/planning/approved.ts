/** Whether an approved change still meets what its plan has seen, and does what its plan has said. */
import { PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import type { PlannedChange } from "../../policy/plan.ts";
import { again, asDryRun, type Change } from "../change.ts";
import type { Scope } from "../scope.ts";
import { withoutUid } from "./chain.ts";
import { describeChange } from "./description.ts";
import { stateOf, uidsOf } from "./state.ts";
import { parseExact } from "../../std/json/exact.ts";

/**
 * Looks at the object again, and tries the change out again: both must be as they were planned.
 *
 * @returns the object for which that was found; undefined for what makes one, or is about many
 * @throws {PolicyError} naming which of them is not
 */
export async function checkPlanned(
  change: Change,
  planned: PlannedChange,
  scope: Scope,
): Promise<KubeObject | undefined> {
  const { request } = change;
  const ofMany = request.verb === "deletecollection";
  // Looked at anew: time has passed since the first look.
  const live = ofMany ? undefined : (await again(change, scope).live())?.value;
  const seen = ofMany
    ? uidsOf(await trialOf(change, scope))
    : stateOf(request, known(live, planned));
  if (seen !== planned.seen) {
    throw changed(change, `${ofMany ? "what it deletes" : "the object"} has changed`, scope);
  }
  if (planned.outcome === undefined) return request.verb === "delete" ? live : undefined;
  const outcome = parseExact(decoder.decode(await trialOf(change, scope))) as KubeObject;
  if (stateOf(request, known(outcome, planned)) !== planned.outcome) {
    throw changed(change, "what it would do has changed", scope);
  }
  // A trial gives the version of the object that it met.
  return outcome;
}

/** What of an object could be known when the plan was made: of a new one not its identity. */
function known(object: KubeObject | undefined, { isNew }: PlannedChange): KubeObject | undefined {
  return isNew && object !== undefined ? withoutUid(object) : object;
}

const decoder = new TextDecoder();

async function trialOf(change: Change, { kube, signal }: Scope): Promise<Uint8Array> {
  return await kube.send(asDryRun(change), signal);
}

function changed(change: Change, what: string, { context }: Scope): PolicyError {
  return new PolicyError(
    `Cannot ${describeChange(change, context)}: ${what} since the plan was made`,
    { hint: "Call the tool again: the plan is made and asked about anew." },
  );
}
