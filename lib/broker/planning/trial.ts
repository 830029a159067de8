/**
 * Trying changes out: a request goes to the API server with dryRun=All, where admission and
 * validation see it and nothing is stored, and what it would change is written into a plan.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run}
 */
import { PolicyError } from "../../errors.ts";
import type { KubeMetadata, KubeObject } from "../../kube/types.ts";
import { PATCH_TYPES } from "../../names/requests.ts";
import { diffObjects, diffOwners } from "../../policy/diff.ts";
import type { ChangeToPlan, Plan } from "../../policy/plan.ts";
import { writtenByJsonPatch } from "../../redact/writes/json_patch_words.ts";
import { withWritten, writtenBy } from "../../redact/writes/own_words.ts";
import { withStringData } from "../../redact/writes/string_data.ts";
import { releaseIn } from "../answers/releases.ts";
import { shown } from "../../std/shown.ts";
import { asDryRun, bodyOf, type Prepared } from "../change.ts";
import type { Scope } from "../scope.ts";
import { FIELD_MANAGER } from "../stages/resolve.ts";
import { planRedactor, shownWarning } from "../stages/show.ts";
import { afterEarlier, earlierOf, remember, withoutUid } from "./chain.ts";
import { changeFingerprint, describeChange, objectOf, subjectOf } from "./description.ts";
import { stateOf, storesStatus, uidsOf } from "./state.ts";
import { parseExact, stringifyExact } from "../../std/json/exact.ts";

/** Warnings of one change that a plan shows. */
const WARNINGS = 10;

/**
 * Tries a change out and adds it to the plan. Where the run has changed the object before, it is tried
 * out on the outcome of that.
 *
 * @returns what the API server answered, as if it had been made
 * @throws {PolicyError} what cannot be tried out; the plan has it as its last change
 */
export async function tryChange(
  change: Prepared,
  plan: Plan,
  scope: Scope,
): Promise<Uint8Array<ArrayBuffer>> {
  const { request, effect, decision } = change;
  const { kube, context, signal } = scope;
  const object = objectOf(request, context);
  const earlier = earlierOf(plan, object);
  const before = earlier ? earlier.outcome : (await change.live())?.value;
  const creates = before === undefined && request.contentType === PATCH_TYPES.apply;
  const does = creates ? "create" : undefined;
  const planned: Omit<ChangeToPlan, "lines"> = {
    what: describeChange(change, context, does) + grantsOf(change),
    subject: subjectOf(change, scope, does),
    fingerprint: changeFingerprint(change, context),
    object,
    asks: decision.outcome === "approve",
    seen: stateOf(request, before),
    ...(earlier?.isNew ? { isNew: true } : {}),
  };
  if (effect === "at once") {
    const lines = [
      shown(stringifyExact(bodyOf(change) ?? null)),
      "(not tried out: it acts at once, and what comes after it is not known)",
    ];
    plan.add({ ...planned, lines, untried: true });
    throw new PolicyError(
      `Cannot try out ${request.resource.resource}/${request.subresource}: it acts at once`,
      { hint: "The plan ends here: what comes after it is not known." },
    );
  }
  const trial = earlier ? await afterEarlier(change, earlier, scope) : asDryRun(change);
  const warnings: string[] = [];
  const answer = await kube.send(
    trial,
    signal,
    (text) => warnings.push(`warning: ${shownWarning(text, change.hidden)}`),
  );
  const outcome = parse(answer) as KubeObject;
  const updates = request.verb === "update" || request.verb === "patch";
  plan.add({
    ...planned,
    seen: request.verb === "deletecollection" ? uidsOf(answer) : planned.seen,
    outcome: updates && before !== undefined
      ? stateOf(request, earlier?.isNew ? withoutUid(outcome) : outcome)
      : undefined,
    lines: [...warnings.slice(0, WARNINGS), ...linesOf(change, before, answer, scope)],
  });
  remember(plan, {
    ...{ change, earlier, outcome, context },
    creates: creates || request.verb === "create",
  });
  return answer;
}

/** The rights that a change gives, where that is more than an everyday change. */
function grantsOf({ action }: Prepared): string {
  return (action.implies ?? []).filter(({ verb }) => verb === "bind" || verb === "escalate")
    .map(({ verb, resource, name, because }) =>
      shown(
        ` (GIVES RIGHTS: ${verb} ${resource}${name === undefined ? "" : ` "${name}"`}${
          because === undefined ? "" : `: ${because}`
        })`,
      )
    ).join("");
}

/** What a plan shows of a change, below the line that names it. */
function linesOf(
  change: Prepared,
  before: KubeObject | undefined,
  answer: Uint8Array<ArrayBuffer>,
  scope: Scope,
): readonly string[] {
  const { request, given, look } = change;
  const { verb, subresource, resource } = request;
  if (verb === "delete" || (verb === "create" && subresource === "eviction")) return [];
  const readable = planRedactor(change, scope);
  const after = parse(readable(answer)) as KubeObject & { items?: KubeObject[] };
  if (verb === "deletecollection") {
    return (after.items ?? []).map(({ metadata }) =>
      shown([metadata?.namespace, metadata?.name].filter((part) => part).join("/"))
    );
  }
  const body = given?.value;
  const status = storesStatus(request);
  if (look.outcome !== "allow") {
    return diffObjects(undefined, body as KubeObject | undefined, { status });
  }
  // Who agrees is to see the very words that are written.
  const written = request.contentType === PATCH_TYPES.json
    ? writtenByJsonPatch(body, before)
    : writtenBy(body);
  const raw = parse(answer);
  const was = before && parse(readable(new TextEncoder().encode(stringifyExact(before))));
  const own = withoutGeneratedName(withWritten(raw, after, written) as KubeObject, body);
  const isSecret = resource.group === "" && resource.resource === "secrets";
  const release = isSecret ? releaseIn(raw) : undefined;
  if (release !== undefined) return [shown(describeRelease(release))];
  const sides = isSecret
    ? withStringData(was as KubeObject | undefined, own, { raw, body, written })
    : [was as KubeObject | undefined, own];
  const lines = [
    ...diffObjects(sides[0], sides[1], { status }),
    ...diffOwners(before, raw as KubeObject, FIELD_MANAGER, request.options?.fieldManager),
  ];
  return lines.length > 0 ? lines : ["(no difference)"];
}

/** A name that the API server has made up for the trial: the object will have another one. */
function withoutGeneratedName(object: KubeObject, body: unknown): KubeObject {
  const { generateName, name } = Object(Object(body).metadata) as KubeMetadata;
  if (!generateName || name) return object;
  const { name: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** What a person wants to know of a release; its objects are changes of their own. */
function describeRelease(
  { name, version, info, chart }: Readonly<Record<string, unknown>>,
): string {
  const { status } = Object(info) as { status?: unknown };
  const { metadata } = Object(chart) as { metadata?: { name?: unknown; version?: unknown } };
  return `(helm release ${name}, revision ${version}: ${status}, chart ${metadata?.name} ${metadata?.version})`;
}

function parse(bytes: Uint8Array): unknown {
  return parseExact(new TextDecoder().decode(bytes));
}
