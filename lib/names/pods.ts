/**
 * From what people say to a pod and to one of its containers: `deployment/cart` means a pod of it, no
 * container the one that is most likely meant, both as kubectl takes them. Pure.
 */
import { isRecord } from "../std/json/unknown.ts";
import { execOf } from "../std/regexp.ts";

/** A pod, as far as it is chosen by. */
export interface PodLike {
  readonly metadata?: {
    readonly name?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
  };
  readonly status?: { readonly phase?: string };
}

interface Container {
  readonly name: string;
}

/** By which a pod says which of its containers is meant where none is named. */
const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

/** The names of all containers of a pod: its own first, then those for the start and for debugging. */
export function containersOf({ spec }: PodLike): readonly string[] {
  return [spec?.containers, spec?.initContainers, spec?.ephemeralContainers]
    .flatMap((containers) => containers ?? []).map(({ name }) => name);
}

/** The container that is meant where none is named: the one that the pod itself names, else its first. */
export function defaultContainer(pod: PodLike): string | undefined {
  const names = containersOf(pod);
  const chosen = pod.metadata?.annotations?.[DEFAULT_CONTAINER];
  return names.find((name) => name === chosen) ?? names[0];
}

/** `It has app, sidecar; init containers: setup.` */
export function containersText({ spec }: PodLike): string {
  const names = (containers: readonly Container[] = []) => containers.map(({ name }) => name);
  const parts = [
    names(spec?.containers).join(", "),
    ...([["init", spec?.initContainers], ["ephemeral", spec?.ephemeralContainers]] as const)
      .filter(([, containers]) => containers !== undefined && containers.length > 0)
      .map(([kind, containers]) => `${kind} containers: ${names(containers).join(", ")}`),
  ];
  return `It has ${parts.join("; ")}.`;
}

/** What a name such as `deployment/cart` or `pod/web-0` says; undefined for a plain name. */
export function readPodReference(
  name: string,
): { readonly resource: string; readonly name: string } | undefined {
  const [, resource, own] = execOf(/^([\w.-]+)\/([\w.-]+)$/, name) ?? [];
  return resource && own ? { resource, name: own } : undefined;
}

/**
 * The label selector of the pods that a workload or service has, as the API takes it; undefined for
 * what selects none.
 */
export function podSelectorOf(workload: unknown): string | undefined {
  const spec = isRecord(workload) ? workload.spec : undefined;
  const selector = isRecord(spec) ? spec.selector : undefined;
  if (!isRecord(selector)) return undefined;
  const { matchLabels, matchExpressions } = selector;
  // Services and ReplicationControllers have the labels themselves.
  const isPlain = !isRecord(matchLabels) && !Array.isArray(matchExpressions);
  const labels = Object.entries(isPlain ? selector : Object(matchLabels));
  const parts = [
    ...labels.map(([key, value]) => `${key}=${value}`),
    ...(Array.isArray(matchExpressions) ? matchExpressions.map(requirementOf) : []),
  ];
  return parts.length === 0 ? undefined : parts.join(",");
}

/** A requirement of a LabelSelector. */
function requirementOf(requirement: unknown): string {
  const { key, operator, values = [] } = Object(requirement) as {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  };
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
}

/** What a pod is chosen for. */
export type PodUse = "exec" | "log";

/**
 * The newest of the pods that can serve: a command needs one that runs, a log one that has begun.
 * Undefined where there is none at all.
 */
export function newestPod<Pod extends PodLike>(
  pods: readonly Pod[],
  use: PodUse,
): Pod | undefined {
  return [...pods].sort((a, b) =>
    rankOf(a, use) - rankOf(b, use) || compare(createdAt(b), createdAt(a)) ||
    compare(a.metadata?.name ?? "", b.metadata?.name ?? "")
  )[0];
}

function rankOf({ metadata, status }: PodLike, use: PodUse): number {
  const phase = status?.phase;
  const serves = use === "exec" ? phase === "Running" : phase !== "Pending" && phase !== "Unknown";
  return (serves ? 0 : 2) + (metadata?.deletionTimestamp === undefined ? 0 : 1);
}

function createdAt({ metadata }: PodLike): string {
  return metadata?.creationTimestamp ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
