/**
 * Trying changes out: a request goes to the API server with dryRun=All, where admission and
 * validation see it and nothing is stored, and what it would change is written into a plan.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run}
 */
import { LimitError, PolicyError } from "../../errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../kube/wire/request.ts";
import { diffObjects, shown } from "../../policy/diff.ts";
import { type Plan, PLAN_CHANGES, type PlannedChange } from "../../policy/plan.ts";
import { withWritten, writtenBy, writtenByJsonPatch } from "../../redact/writes/own_words.ts";
import { withStringData } from "../../redact/writes/string_data.ts";
import { asDryRun, bodyOf, type LiveObject, type Prepared } from "../change.ts";
import type { Scope } from "../scope.ts";
import { planRedactor } from "../stages/show.ts";
import { changeFingerprint, describeChange } from "./description.ts";
import { stateOf, storesStatus, uidsOf } from "./seen.ts";

/**
 * Tries a change out and adds it to the plan.
 *
 * @returns what the API server answered, as if it had been made
 * @throws {PolicyError} what cannot be tried out; the plan has it as its last change
 */
export async function tryChange(
  change: Prepared,
  plan: Plan,
  { kube, context, signal }: Scope,
): Promise<Uint8Array<ArrayBuffer>> {
  if (plan.changes.length >= PLAN_CHANGES) {
    throw new LimitError(`Cannot plan more than ${PLAN_CHANGES} changes at once`, {
      hint: "Do it in several runs.",
    });
  }
  const { request } = change;
  const live = await change.live();
  const creates = live === undefined && request.contentType === PATCH_TYPES.apply;
  const planned: Omit<PlannedChange, "lines"> = {
    what: describeChange(change, context, creates ? "create" : undefined),
    fingerprint: changeFingerprint(change, context),
    asks: change.decision.outcome === "approve",
    seen: stateOf(request, live),
  };
  if (change.effect === "at once") {
    const lines = [
      shown(JSON.stringify(bodyOf(change) ?? null)),
      "(not tried out: it acts at once, and what comes after it is not known)",
    ];
    plan.add({ ...planned, lines, untried: true });
    throw new PolicyError(
      `Cannot try out ${request.resource.resource}/${request.subresource}: it acts at once`,
      { hint: "The plan ends here: what comes after it is not known." },
    );
  }
  const answer = await kube.send(asDryRun(change), signal);
  const seen = request.verb === "deletecollection" ? uidsOf(answer) : planned.seen;
  plan.add({ ...planned, seen, lines: linesOf(change, live, answer) });
  return answer;
}

/** What a plan shows of a change, below the line that names it. */
function linesOf(
  change: Prepared,
  live: LiveObject | undefined,
  answer: Uint8Array<ArrayBuffer>,
): readonly string[] {
  const { request, given, look } = change;
  const { verb, subresource, resource } = request;
  if (verb === "delete" || (verb === "create" && subresource === "eviction")) return [];
  const readable = planRedactor(change);
  const after = parse(readable(answer)) as KubeObject & { items?: KubeObject[] };
  if (verb === "deletecollection") {
    return (after.items ?? []).map(({ metadata }) =>
      shown([metadata?.namespace, metadata?.name].filter((part) => part).join("/"))
    );
  }
  const body = given?.value;
  if (look.outcome !== "allow") return diffObjects(undefined, body as KubeObject | undefined);
  const before = live && parse(readable(live.bytes)) as KubeObject;
  // Who agrees is to see the very words that are written.
  const written = request.contentType === PATCH_TYPES.json
    ? writtenByJsonPatch(body, live?.value)
    : writtenBy(body);
  const raw = parse(answer);
  const own = withWritten(raw, after, written) as KubeObject;
  const isSecret = resource.group === "" && resource.resource === "secrets";
  const sides = isSecret ? withStringData(before, own, { raw, body, written }) : [before, own];
  const lines = diffObjects(sides[0], sides[1], { status: storesStatus(request) });
  return lines.length > 0 ? lines : ["(no difference)"];
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
