/**
 * The road of every request: authorize → prepare → admit → send → show. Each stage hands a change to
 * the next; where an object has moved on meanwhile, the road is gone again from its beginning, and
 * that is the one place where a change is sent a second time.
 */
import { ApiError } from "../errors.ts";
import {
  type Admitted,
  again,
  type Authorized,
  type Change,
  type Hidden,
  type Prepared,
} from "./change.ts";
import { byDifference } from "./lists/kept_lists.ts";
import type { Scope } from "./scope.ts";
import { createAdmission } from "./stages/admit.ts";
import { authorize } from "./stages/authorize.ts";
import { hiddenOf, prepare, refuseExposure } from "./stages/prepare.ts";
import { show, withoutHidden } from "./stages/show.ts";
import type { Sent } from "./answers/log.ts";
import { mayHaveMovedOn } from "./stages/version_pin.ts";
import type { BrokerAnswer } from "./types.ts";

/** How often an object is looked at again that is changed meanwhile, as by its controller. */
const ATTEMPTS = 5;

/** Sends an admitted change, and gives the parts of its answer. */
export type Send = (change: Admitted, scope: Scope) => AsyncIterable<Sent>;

/**
 * Takes a change to the API server, and its answer back.
 *
 * @throws {PolicyError} the policy, the plan or redaction refuses it
 * @throws {ApiError} what the API server said, without what is hidden
 */
export async function* pass(
  change: Change,
  scope: Scope,
  send: Send,
): AsyncGenerator<BrokerAnswer> {
  const admit = createAdmission();
  let current = change;
  let reached: Change | Authorized | Prepared = change;
  try {
    for (let attempt = 1;; attempt++) {
      try {
        const authorized = reached = await authorize(current, scope);
        const prepared = reached = await prepare(authorized, scope);
        await refuseExposure(prepared, scope);
        const admitted = reached = await admit(prepared, scope);
        if (admitted.trial) {
          const answer = { form: "json", more: false, body: admitted.trial } as const;
          return yield await show(admitted, answer, scope, true);
        }
        return yield* byDifference(admitted, scope, {
          show: (answer) => show(admitted, answer, scope),
          async *fresh() {
            for await (const answer of send(admitted, scope)) {
              yield await show(admitted, answer, scope);
            }
          },
        });
      } catch (error) {
        current = again(change, scope);
        const isLast = attempt === ATTEMPTS;
        if (isLast || !mayHaveMovedOn(error) || !(await hasMovedOn(reached, current))) throw error;
      }
    }
  } catch (error) {
    const isRevealed = "decision" in reached && reached.decision.reveal;
    if (isRevealed || !(error instanceof ApiError)) throw error;
    throw withoutHidden(error, await hiddenFrom(reached, scope));
  }
}

/** Whether the object has left the version to which the failed attempt was tied. */
async function hasMovedOn(failed: Change, current: Change): Promise<boolean> {
  if (failed.pinned === undefined) return false;
  try {
    return (await current.live())?.value.metadata?.resourceVersion !== failed.pinned;
  } catch {
    return false;
  }
}

/** What an error could quote of the object of a change. */
async function hiddenFrom(change: Change | Prepared, scope: Scope): Promise<Hidden> {
  const known = "hidden" in change ? change.hidden : new Map();
  // An update sends the whole object: where nobody has looked at it yet, that is made up for.
  return known.size > 0 || change.request.verb !== "update" ? known : await hiddenOf(change, scope);
}
