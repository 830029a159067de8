/**
 * Which pod and which container are meant by a call for a log or a command that says it as people do:
 * `deployment/cart`, or no container. What has to be looked at is asked like any other call, under
 * the policy of the same caller.
 */
import { ApiError, InputError, KubecodeError } from "../errors.ts";
import {
  containersOf,
  containersText,
  defaultContainer,
  newestPod,
  type PodLike,
  podSelectorOf,
  type PodUse,
  readPodReference,
} from "../names/pods.ts";
import { PAGE_SIZE } from "../names/requests.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { BrokerAnswer, RequestCall } from "./types.ts";

/** A pod as a call names it. */
export interface NamedPod {
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The way to look at what the choice needs. */
export interface PodReader {
  /** The answer to a call, as JSON. */
  readonly ask: (call: RequestCall) => Promise<unknown>;
  /** Takes a word on what was chosen. */
  readonly note: (text: string) => void;
}

/**
 * The name of the pod that is meant; a plain name is one already.
 *
 * @throws {ResolveError} what stands before the slash is nothing that the cluster serves
 * @throws {InputError} what is named has no pods
 */
export async function podMeant(
  { context, namespace, name }: NamedPod,
  use: PodUse,
  { ask, note }: PodReader,
): Promise<string> {
  const reference = readPodReference(name);
  if (reference === undefined) return name;
  if (/^(?:po|pods?)$/i.test(reference.resource)) return reference.name;
  const where = { op: "request", context, namespace } as const;
  const owner = await ask({ ...where, verb: "get", ...reference });
  const labelSelector = podSelectorOf(owner);
  const options = { labelSelector: labelSelector ?? "", limit: PAGE_SIZE };
  const { items = [] } = labelSelector === undefined
    ? {}
    : await ask({ ...where, verb: "list", group: "", resource: "pods", options }) as {
      readonly items?: readonly PodLike[];
    };
  const pod = newestPod(items, use)?.metadata?.name;
  if (pod === undefined) {
    throw new InputError(`Cannot use "${name.slice(0, 200)}" as a pod: it has no pods`, {
      hint: "Name a pod, or a deployment, stateful set, daemon set, replica set, job or service " +
        "that has some.",
    });
  }
  const of = items.length === 1 ? "its only one" : `the newest of ${items.length}`;
  note(`${name}: this is pod ${pod}, ${of}.`);
  return pod;
}

/**
 * The container that is meant, looked up in the pod; as it was given where the pod cannot be looked
 * at: the API server then decides, as it does for a pod of one container.
 *
 * @throws {ApiError} the pod has no container of that name; the hint says which it has
 */
export async function containerMeant(
  { context, namespace, name }: NamedPod,
  given: string | undefined,
  { ask }: PodReader,
): Promise<string | undefined> {
  const pod = await lookAt();
  if (pod === undefined) return given;
  if (!given) return defaultContainer(pod);
  if (containersOf(pod).includes(given)) return given;
  throw new ApiError(
    `Cannot use container "${given.slice(0, 200)}" of pod "${name}": it has none of that name`,
    { status: 400, reason: "BadRequest", hint: containersText(pod) },
  );

  async function lookAt(): Promise<PodLike | undefined> {
    const call = { op: "request", verb: "get", group: "", resource: "pods" } as const;
    try {
      const pod = await ask({ ...call, context, namespace, name }) as PodLike;
      return containersOf(pod).length > 0 ? pod : undefined;
    } catch (error) {
      if (error instanceof KubecodeError) return undefined;
      throw error;
    }
  }
}

/**
 * The log of a pod's container. Which container is meant is looked up only where the API server cannot
 * tell, since most pods have one.
 */
export async function* withContainer(
  request: ResourceRequest & { readonly name: string },
  context: string | undefined,
  reader: PodReader,
  answer: (request: ResourceRequest) => AsyncGenerator<BrokerAnswer>,
): AsyncGenerator<BrokerAnswer> {
  try {
    yield* answer(request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    const { namespace, name, options } = request;
    const given = options?.container === undefined ? undefined : `${options.container}`;
    const container = await containerMeant({ context, namespace, name }, given, reader);
    if (container === given) throw error;
    yield* answer({ ...request, options: { ...options, container } });
  }
}
