/**
 * `drain` on nodes, as kubectl does it: cordon, choose the pods, evict each one as its disruption
 * budget allows, wait until they are gone.
 */
import { PATCH_TYPES } from "../../../names/requests.ts";
import { readOptions, withoutContext } from "../input/arguments.ts";
import { jsonDecoder, listDecoder, nullDecoder } from "../calls/decoders.ts";
import { usageError } from "../base/errors.ts";
import type { Steps } from "../calls/multi_call.ts";
import { append, hasOwn, isArray, now, stringify } from "../base/primordials.ts";
import type { Stream } from "../calls/streams.ts";
import type { VerbTools } from "./sdk_types.ts";

/** Between two tries of an eviction that a disruption budget refuses; kubectl waits 5 s. */
const RETRY_MS = 2_000;

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
  const { annotations, ownerReferences } = pod.metadata;
  if (annotations && hasOwn(annotations, "kubernetes.io/config.mirror")) return "stay";
  const phase = pod.status?.phase;
  if (phase === "Succeeded" || phase === "Failed") return "evict";
  let owner: string | undefined;
  const owners = ownerReferences ?? [];
  for (let at = 0; at < owners.length; at++) if (owners[at]!.controller) owner = owners[at]!.kind;
  if (owner === "DaemonSet") {
    return allowed.ignoreDaemonSets ? "stay" : { refusal: "a DaemonSet's pod (ignoreDaemonSets)" };
  }
  if (owner === undefined && !allowed.force) {
    return { refusal: "a pod without a controller (force)" };
  }
  const volumes = pod.spec?.volumes ?? [];
  for (let at = 0; at < volumes.length; at++) {
    if (hasOwn(volumes[at]!, "emptyDir") && !allowed.deleteEmptyDirData) {
      return { refusal: "a pod with local data in an emptyDir (deleteEmptyDirData)" };
    }
  }
  return "evict";
}

/** Reads the options of a drain. */
export function readAllowed(query: Readonly<Record<string, unknown>>): {
  readonly allowed: Allowed;
  readonly rest: Record<string, string | number | boolean>;
} {
  const { ignoreDaemonSets, deleteEmptyDirData, force, ...rest } = query;
  return {
    allowed: {
      ignoreDaemonSets: ignoreDaemonSets === true,
      deleteEmptyDirData: deleteEmptyDirData === true,
      force: force === true,
    },
    rest: rest as Record<string, string | number | boolean>,
  };
}

/** The steps of a drain; gives the names of the pods that went, as `namespace/name`. */
export function* drainSteps(
  tools: VerbTools,
  name: string,
  args: unknown,
  timeoutMs: number,
): Steps {
  const { allowed, rest } = readAllowed(readOptions(args).query);
  const { where } = tools.parts;
  const end = now() + timeoutMs;
  const { timeoutMs: _timeoutMs, timeoutSeconds: _timeoutSeconds, ...unknown } = rest;
  const { gracePeriodSeconds, ...wrong } = unknown;
  for (const option in wrong) {
    throw usageError(
      "InputError",
      `Cannot drain with option "${option}": there is no such option`,
      "Options: timeoutMs, ignoreDaemonSets, deleteEmptyDirData, force, gracePeriodSeconds.",
    );
  }
  yield {
    call: tools.spec(
      { verb: "patch", name, contentType: PATCH_TYPES.merge },
      jsonDecoder(),
      stringify({ spec: { unschedulable: true } }),
    ),
  };
  const pods = (header: object) => ({ op: "request", version: "v1", resource: "pods", ...header });
  const { items } = (yield {
    call: {
      header: pods({ verb: "list", options: { fieldSelector: `spec.nodeName=${name}` } }),
      decoder: listDecoder(),
    },
  }) as { items: Pod[] };
  const leaving: Pod[] = [];
  let refusals = "";
  for (let at = 0; at < items.length; at++) {
    const pod = items[at]!;
    const chosen = choose(pod, allowed);
    if (chosen === "evict") append(leaving, pod);
    else if (chosen !== "stay") {
      refusals += `${
        refusals && "; "
      }${pod.metadata.namespace}/${pod.metadata.name} is ${chosen.refusal}`;
    }
  }
  if (refusals) {
    throw usageError(
      "DrainError",
      `Cannot drain node "${name}"${where}: ${refusals}`,
      "Nothing was evicted; the node is cordoned. The option in brackets allows it.",
    );
  }

  const left = () => end > now() ? end - now() : 0;
  const watch = (pod: Pod, forMs: number, resourceVersion?: string): Stream =>
    tools.parts.caller.stream({
      header: pods({
        verb: "watch",
        namespace: pod.metadata.namespace,
        options: { fieldSelector: `metadata.name=${pod.metadata.name}`, resourceVersion },
        timeoutMs: ~~forMs,
      }),
      decoder: nullDecoder(),
    });
  /** Watches a pod for so long; true as soon as it is gone or another has its name. */
  function* gone(pod: Pod, forMs: number, resourceVersion?: string): Steps {
    const stream = watch(pod, forMs, resourceVersion);
    try {
      for (;;) {
        const event = (yield { event: stream }) as { type: string; object: Pod } | undefined;
        if (event === undefined) return false;
        if (event.type === "DELETED" || event.object.metadata.uid !== pod.metadata.uid) return true;
      }
    } finally {
      stream.cancel();
    }
  }
  const late = (pod: Pod, why: string) =>
    usageError(
      "TimeoutError",
      `Cannot drain node "${name}"${where} within ${timeoutMs} ms: pod ${pod.metadata.namespace}/${pod.metadata.name} ${why}`,
      "The node stays cordoned; drain it again to go on, uncordon(name) to give it back.",
    );

  const names: string[] = [];
  const evicted: Pod[] = [];
  for (let at = 0; at < leaving.length; at++) {
    const pod = leaving[at]!;
    const { namespace, name: podName, uid } = pod.metadata;
    append(names, `${namespace}/${podName}`);
    for (;;) {
      try {
        yield {
          call: {
            header: pods({
              verb: "create",
              namespace,
              name: podName,
              subresource: "eviction",
            }),
            decoder: nullDecoder(),
            body: stringify({
              apiVersion: "policy/v1",
              kind: "Eviction",
              metadata: { name: podName, namespace },
              deleteOptions: { gracePeriodSeconds, preconditions: { uid } },
            }),
          },
        };
        append(evicted, pod);
        break;
      } catch (error) {
        const { code, causes } = error as {
          code?: unknown;
          causes?: readonly { message: string }[];
        };
        // Gone, or another has its name: either way this one has left.
        if (code === 404 || code === 409) break;
        if (code !== 429) throw error;
        const why = isArray(causes) && causes.length > 0
          ? `is kept: ${causes[0]!.message}`
          : "is kept by its disruption budget";
        const rest = left();
        if (rest <= 0) throw late(pod, why);
        if (yield* gone(pod, rest < RETRY_MS ? rest : RETRY_MS)) break;
      }
    }
  }
  for (let at = 0; at < evicted.length; at++) {
    const pod = evicted[at]!;
    const { namespace, name: podName, uid } = pod.metadata;
    let current: Pod | undefined;
    try {
      current = (yield {
        call: { header: pods({ verb: "get", namespace, name: podName }), decoder: jsonDecoder() },
      }) as Pod;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 404) throw error;
    }
    if (current === undefined || current.metadata.uid !== uid) continue;
    const { resourceVersion } = current.metadata;
    if (!(yield* gone(pod, left(), resourceVersion))) {
      throw late(pod, "was evicted and is still ending");
    }
  }
  return names;
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
