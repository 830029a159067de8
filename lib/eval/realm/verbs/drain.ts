/**
 * `drain` on nodes, as kubectl does it: cordon, choose the pods, evict each one as its disruption
 * budget allows, wait until they are gone.
 */
import { PATCH_TYPES } from "../../../names/requests.ts";
import { readOptions, withoutContext } from "../input/arguments.ts";
import { jsonDecoder, listDecoder, nullDecoder } from "../calls/decoders.ts";
import { usageError } from "../base/errors.ts";
import type { Waited } from "../calls/multi_call.ts";
import type { VerbTools } from "./sdk_types.ts";

/** Between two tries of an eviction that a disruption budget refuses; kubectl waits 5 s. */
const RETRY_MS = 2_000;

/** Pods of a trial that are named. */
const TOLD = 20;

/** Steps that end with a value. */
type Flow<Value> = Generator<Waited, Value, unknown>;

/** What may be lost, in kubectl's words. */
interface Allowed {
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  readonly force: boolean;
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
  };
  readonly spec?: { readonly volumes?: readonly object[] };
  readonly status?: { readonly phase?: string };
}

/** What becomes of a pod when its node is drained. Pure. */
export function choose(
  pod: Pod,
  allowed: Allowed,
): "evict" | "stay" | { readonly refusal: string } {
  const { annotations = {}, ownerReferences = [] } = pod.metadata;
  if (Object.hasOwn(annotations, "kubernetes.io/config.mirror")) return "stay";
  const phase = pod.status?.phase;
  if (phase === "Succeeded" || phase === "Failed") return "evict";
  const owner = ownerReferences.find(({ controller }) => controller)?.kind;
  if (owner === "DaemonSet") {
    return allowed.ignoreDaemonSets ? "stay" : { refusal: "a DaemonSet's pod (ignoreDaemonSets)" };
  }
  if (owner === undefined && !allowed.force) {
    return { refusal: "a pod without a controller (force)" };
  }
  const keepsData = pod.spec?.volumes?.some((volume) => Object.hasOwn(volume, "emptyDir"));
  if (keepsData && !allowed.deleteEmptyDirData) {
    return { refusal: "a pod with local data in an emptyDir (deleteEmptyDirData)" };
  }
  return "evict";
}

/** One drain, as its steps need it. */
interface Drain {
  readonly tools: VerbTools;
  readonly node: string;
  readonly gracePeriodSeconds: unknown;
  readonly timeoutMs: number;
  /** When it must have ended, in milliseconds since the epoch. */
  readonly end: number;
}

/** Reads the options of a drain. @throws for those that it has not */
function readDrain(tools: VerbTools, node: string, options: unknown, timeoutMs: number) {
  const { ignoreDaemonSets, deleteEmptyDirData, force, gracePeriodSeconds, ...rest } =
    readOptions(options).query;
  const { timeoutMs: _timeoutMs, timeoutSeconds: _timeoutSeconds, ...wrong } = rest;
  const [unknown] = Object.keys(wrong);
  if (unknown !== undefined) {
    throw usageError(
      "InputError",
      `Cannot drain with option "${unknown}": there is no such option`,
      "Options: timeoutMs, ignoreDaemonSets, deleteEmptyDirData, force, gracePeriodSeconds.",
    );
  }
  const allowed: Allowed = {
    ignoreDaemonSets: ignoreDaemonSets === true,
    deleteEmptyDirData: deleteEmptyDirData === true,
    force: force === true,
  };
  const drain: Drain = { tools, node, gracePeriodSeconds, timeoutMs, end: Date.now() + timeoutMs };
  return { allowed, drain };
}

/** The steps of a drain; gives the names of the pods that went, as `namespace/name`. */
function* drainSteps(
  tools: VerbTools,
  node: string,
  options: unknown,
  timeoutMs: number,
): Flow<string[]> {
  const { allowed, drain } = readDrain(tools, node, options, timeoutMs);
  yield {
    call: tools.spec(
      { verb: "patch", name: node, contentType: PATCH_TYPES.merge },
      jsonDecoder(),
      JSON.stringify({ spec: { unschedulable: true } }),
    ),
  };
  const leaving = yield* podsToEvict(drain, allowed);
  const evicted: Pod[] = [];
  const kept: Pod[] = [];
  for (const pod of leaving) {
    const fate = yield* evict(drain, pod);
    if (fate === "evicted") evicted.push(pod);
    if (fate === "kept") kept.push(pod);
  }
  if (tools.parts.trial) {
    // An eviction that is tried out ends no pod.
    tools.parts.warn(wouldText(node, leaving, kept));
    return leaving.map(fullName);
  }
  for (const pod of evicted) yield* untilGone(drain, pod);
  return leaving.map(fullName);
}

/** The node's pods that are to go. @throws where one of them may not be lost */
function* podsToEvict({ tools, node }: Drain, allowed: Allowed): Flow<Pod[]> {
  const { items } = (yield {
    call: {
      header: pods({ verb: "list", options: { fieldSelector: `spec.nodeName=${node}` } }),
      decoder: listDecoder(),
    },
  }) as { items: Pod[] };
  const chosen = items.map((pod) => ({ pod, fate: choose(pod, allowed) }));
  const refusals = chosen.flatMap(({ pod, fate }) =>
    typeof fate === "object" ? [`${fullName(pod)} is ${fate.refusal}`] : []
  );
  if (refusals.length > 0) {
    throw usageError(
      "DrainError",
      `Cannot drain node "${node}"${tools.parts.where}: ${refusals.join("; ")}`,
      `${
        tools.parts.trial ? "" : "Nothing was evicted; the node is cordoned. "
      }The option in brackets allows it.`,
    );
  }
  return chosen.filter(({ fate }) => fate === "evict").map(({ pod }) => pod);
}

/**
 * Evicts a pod as soon as its disruption budget lets it go, unless it is gone already. In a trial, where
 * no budget changes, one that is kept is kept.
 */
function* evict(drain: Drain, pod: Pod): Flow<"evicted" | "gone" | "kept"> {
  const { namespace, name, uid } = pod.metadata;
  for (;;) {
    try {
      yield {
        call: {
          header: pods({ verb: "create", namespace, name, subresource: "eviction" }),
          decoder: nullDecoder(),
          body: JSON.stringify({
            apiVersion: "policy/v1",
            kind: "Eviction",
            metadata: { name, namespace },
            deleteOptions: {
              gracePeriodSeconds: drain.gracePeriodSeconds,
              preconditions: { uid },
            },
          }),
        },
      };
      return "evicted";
    } catch (error) {
      const { code, causes } = error as {
        code?: unknown;
        causes?: readonly { message: string }[];
      };
      // Gone, or another has its name: either way this one has left.
      if (code === 404 || code === 409) return "gone";
      if (code !== 429) throw error;
      if (drain.tools.parts.trial) return "kept";
      const why = causes?.[0]
        ? `is kept: ${causes[0].message}`
        : "is kept by its disruption budget";
      const leftMs = drain.end - Date.now();
      if (leftMs <= 0) throw late(drain, pod, why);
      if (yield* isGone(drain, pod, Math.min(leftMs, RETRY_MS))) return "gone";
    }
  }
}

/** Waits until an evicted pod is gone. */
function* untilGone(drain: Drain, { metadata: { namespace, name, uid } }: Pod): Flow<void> {
  let current: Pod | undefined;
  try {
    current = (yield {
      call: { header: pods({ verb: "get", namespace, name }), decoder: jsonDecoder() },
    }) as Pod;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
  }
  if (current === undefined || current.metadata.uid !== uid) return;
  const leftMs = Math.max(0, drain.end - Date.now());
  if (!(yield* isGone(drain, current, leftMs, current.metadata.resourceVersion))) {
    throw late(drain, current, "was evicted and is still ending");
  }
}

/** Watches a pod for so long; true as soon as it is gone or another has its name. */
function* isGone(
  { tools }: Drain,
  { metadata: { namespace, name, uid } }: Pod,
  forMs: number,
  resourceVersion?: string,
): Flow<boolean> {
  const stream = tools.parts.caller.stream({
    header: pods({
      verb: "watch",
      namespace,
      options: { fieldSelector: `metadata.name=${name}`, resourceVersion },
      timeoutMs: Math.trunc(forMs),
    }),
    decoder: nullDecoder(),
  });
  try {
    for (;;) {
      const event = (yield { event: stream }) as { type: string; object: Pod } | undefined;
      if (event === undefined) return false;
      if (event.type === "DELETED" || event.object.metadata.uid !== uid) return true;
    }
  } finally {
    stream.cancel();
  }
}

function pods(header: object) {
  return { op: "request", version: "v1", resource: "pods", ...header };
}

function wouldText(node: string, leaving: readonly Pod[], kept: readonly Pod[]): string {
  const evicted = leaving.length === 0 ? "no pods" : `${leaving.length} pods: ${named(leaving)}`;
  const waits = kept.length === 0
    ? ""
    : `; a disruption budget keeps ${named(kept)}, and drain would wait for it`;
  return `drain would cordon node "${node}" and evict ${evicted}${waits}`;
}

function named(pods: readonly Pod[]): string {
  const names = pods.map(fullName);
  const more = names.length > TOLD ? ` and ${names.length - TOLD} more` : "";
  return `${names.slice(0, TOLD).join(", ")}${more}`;
}

function fullName({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`;
}

function late({ tools, node, timeoutMs }: Drain, pod: Pod, why: string): Error {
  return usageError(
    "TimeoutError",
    `Cannot drain node "${node}"${tools.parts.where} within ${timeoutMs} ms: pod ${
      fullName(pod)
    } ${why}`,
    "The node stays cordoned; drain it again to go on, uncordon(name) to give it back.",
  );
}

/** `drain(name, options)`. */
export function drainVerb(
  tools: VerbTools,
  timeoutOf: (options: unknown) => number,
): (...args: unknown[]) => unknown {
  return (...args) =>
    tools.parts.caller.flow(function* () {
      const [name, options] = withoutContext(args, tools.parts.ctx, 1);
      return yield* drainSteps(tools, tools.nameOf(name, "drain"), options, timeoutOf(options));
    });
}
