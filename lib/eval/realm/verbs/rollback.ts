/** `rolloutUndo` on deployments, as kubectl does it: the pod template of an earlier ReplicaSet is put back. */
import { PATCH_TYPES } from "../../../names/requests.ts";
import { LAST_APPLIED, REVISION } from "../../../names/well_known.ts";
import { bodyText } from "../base/exact_numbers.ts";
import { fillError, shown, usageError } from "../base/errors.ts";
import { jsonDecoder, listDecoder } from "../calls/decoders.ts";
import type { Waited } from "../calls/multi_call.ts";
import { selector } from "../input/selectors.ts";
import type { VerbTools } from "./sdk_types.ts";

/** Set by the controller in the templates of ReplicaSets alone. */
const HASH = "pod-template-hash";

/** Annotations that belong to the one object, and are not taken over from the other. */
const OWN_ANNOTATIONS: readonly string[] = [
  LAST_APPLIED,
  REVISION,
  "deployment.kubernetes.io/revision-history",
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
];

type Texts = Readonly<Record<string, string>>;

interface Template {
  readonly metadata?: { readonly labels?: Texts };
}

/** A deployment or one of its ReplicaSets, as far as a rollback is concerned. */
export interface Owner {
  readonly metadata: {
    readonly uid: string;
    readonly annotations?: Texts;
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[];
  };
  readonly spec: {
    readonly paused?: boolean;
    readonly selector: object;
    readonly template: Template;
  };
}

/**
 * The steps of `rolloutUndo(name, {toRevision})`; gives the deployment.
 *
 * @param deployment as it is once its controller has made the ReplicaSet of its last change
 */
export function* undoSteps(
  tools: VerbTools,
  name: string,
  deployment: Owner,
  { toRevision, ...options }: Readonly<Record<string, unknown>>,
): Generator<Waited, unknown, unknown> {
  const { home, parts, spec } = tools;
  if (deployment.spec.paused) {
    throw refusal(name, "it is paused", `Write patch("${name}", {spec: {paused: false}}) first.`);
  }
  const namespace = home();
  const labelSelector = selector(deployment.spec.selector);
  const sets = (yield {
    call: {
      header: { ...REPLICA_SETS, verb: "list", namespace, options: { labelSelector } },
      decoder: listDecoder(),
    },
  }) as { items: Owner[] };
  const own = sets.items.filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.some(({ uid, controller }) => controller && uid === deployment.metadata.uid)
  );
  const set = choose(own, name, toRevision);
  const revision = revisionOf(set);
  if (revision === revisionOf(deployment)) {
    parts.warn(`rolloutUndo changes nothing: "${name}" is at revision ${revision}`);
    return deployment;
  }
  if (parts.trial) parts.warn(`rolloutUndo would take "${name}" back to revision ${revision}`);
  const header = { verb: "patch", namespace, name, contentType: PATCH_TYPES.json, options };
  const change = [
    { op: "replace", path: "/spec/template", value: withoutHash(set.spec.template) },
    // It may have none yet.
    { op: "add", path: "/metadata/annotations", value: annotationsOf(deployment, set) },
  ];
  try {
    return yield { call: spec(header, jsonDecoder(), bodyText(change)) };
  } catch (error) {
    throw withReason(error, revision);
  }
}

/** What scripts are not shown they can put back only into the field in which it stands now. */
function withReason(error: unknown, revision: number): unknown {
  const { name, message } = error as Error;
  if (name !== "PolicyError" || !message.includes("redacted value")) return error;
  const hint =
    `Revision ${revision} has values that scripts are not shown: patch what differs, or undo it by kubectl elsewhere.`;
  return fillError(error as Error, { name, message, hint });
}

const REPLICA_SETS = { op: "request", group: "apps", version: "v1", resource: "replicasets" };

/** The ReplicaSet of a revision; of the one before the last, where none is given. @throws where there is none */
function choose(sets: readonly Owner[], name: string, toRevision: unknown): Owner {
  const known = sets.filter((set) => revisionOf(set) > 0)
    .sort((one, other) => revisionOf(other) - revisionOf(one));
  // kubectl's 0 is the one before the last too.
  const found = toRevision ? known.find((set) => revisionOf(set) === Number(toRevision)) : known[1];
  if (found) return found;
  throw refusal(
    name,
    toRevision ? `it has no revision ${shown(toRevision)}` : "it has no earlier revision",
    `Revisions: ${known.map(revisionOf).reverse().join(", ") || "none"}.`,
  );
}

function refusal(name: string, why: string, hint: string): Error {
  return usageError("RolloutError", `Cannot undo the rollout of "${name}": ${why}`, hint);
}

function revisionOf({ metadata: { annotations } }: Owner): number {
  return Number(annotations?.[REVISION] ?? 0);
}

function withoutHash(template: Template): Template {
  const labels: Record<string, string> = { ...template.metadata?.labels };
  delete labels[HASH];
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The deployment's own, and the others of the ReplicaSet: among them why the revision was made. */
function annotationsOf(deployment: Owner, set: Owner): Texts {
  const taken = (from: Owner, own: boolean) =>
    Object.entries(from.metadata.annotations ?? {})
      .filter(([key]) => OWN_ANNOTATIONS.includes(key) === own);
  return Object.fromEntries([...taken(deployment, true), ...taken(set, false)]);
}
