/**
 * The one way to a cluster. Every request of every tool, and every call of every script, passes
 * here. What the policy forbids is forbidden however it is asked for.
 */
import type { Audit } from "../audit.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { Logger } from "../log.ts";
import type { Policy } from "../policy/types.ts";
import { createRedactor, watchedRedactor } from "../redact/redactor.ts";
import { hideInText } from "./answers/program_text.ts";
import { audited } from "./audit_trail.ts";
import { type ContextsParts, createContexts, namingContext } from "./contexts.ts";
import { answerDocument } from "./documents.ts";
import { createPauses } from "./pauses.ts";
import { podMeant, type PodReader, withContainer } from "./pods.ts";
import type { KeptLists } from "./lists/types.ts";
import { answerExec, openTunnel } from "./sessions/sessions.ts";
import { isReadCall } from "./reads.ts";
import { refuseExec, resolve } from "./stages/resolve.ts";
import { send } from "./stages/send.ts";
import {
  type BrokerState,
  connect,
  countdown,
  type Shared,
  throughPipeline,
  type Trip,
} from "./trip.ts";
import type { BrokerAnswer, BrokerCall, ProgramBrokers, RequestCall } from "./types.ts";

/** What a broker is made of. */
export interface BrokerParts {
  /**
   * The client of a context, of the one that the server runs with when none is named; asked at each
   * call, so that a server starts and answers also where no cluster can be reached.
   */
  readonly connect: (context?: string) => Promise<KubeClient>;
  /** The contexts that calls may name; none but the current one where it is left out. */
  readonly contexts?: ContextsParts;
  /** The policy in force; asked once for each origin, which keeps it. */
  readonly policy: () => Policy;
  readonly logger: Logger;
  /** Where each request is written down. */
  readonly audit?: Audit;
  /** 32 bytes that the tokens of redacted values are made with; random if left out. */
  readonly redactionKey?: Uint8Array | undefined;
  /** Where large lists are kept after they were shown; none are where it is left out. */
  readonly lists?: KeptLists["store"] | undefined;
  /** Is told of each answer that something was hidden in. */
  readonly onRedacted?: (() => void) | undefined;
}

/** Makes the way to the clusters. */
export function createBrokers(
  { connect, contexts, policy, logger, audit, redactionKey, lists, onRedacted }: BrokerParts,
): ProgramBrokers {
  const shared: Shared = {
    contexts: createContexts(connect, contexts),
    redactor: onRedacted
      ? watchedRedactor(createRedactor(redactionKey), onRedacted)
      : createRedactor(redactionKey),
    pause: createPauses(),
    ...(lists ? { lists: { store: lists, owner: crypto.randomUUID() } } : {}),
    logger,
    audit,
  };
  const namespace = () => connect().then((kube) => kube.access.namespace, () => "default");
  return {
    hide: (text, known) => hideInText(text, known, shared.redactor),
    as(origin) {
      const state: BrokerState = { ...shared, origin, policy: policy() };
      return {
        namespace,
        knownNames: (signal) => knownNames(state, signal),
        isRead: isReadCall,
        call: (call, body, signal) => answerCall(state, call, { facts: {}, body, signal }),
        tunnel(call, signal) {
          const trip: Trip = { facts: {}, body: undefined, signal };
          return openTunnel(state, call, trip, podReader(state, trip));
        },
      };
    },
  };
}

async function* answerCall(
  state: BrokerState,
  call: BrokerCall,
  trip: Trip,
): AsyncGenerator<BrokerAnswer> {
  const { audit, redactor, origin } = state;
  const parts = call.op === "request"
    ? answerRequest(state, call, trip)
    : call.op === "exec"
    ? answerExec(state, call, trip, podReader(state, trip))
    : answerDocument(state, call, trip);
  try {
    yield* audited({ audit, hide: redactor.text }, origin, trip.facts, parts);
  } catch (error) {
    throw namingContext(error, call.context);
  }
}

async function knownNames(
  state: BrokerState,
  signal: AbortSignal,
): Promise<BrokerAnswer | undefined> {
  const kube = await state.contexts.client(undefined);
  if (!kube.isKnown()) return undefined;
  let names: BrokerAnswer | undefined;
  const trip: Trip = { facts: {}, body: undefined, signal, kube };
  for await (const part of answerCall(state, { op: "names", refresh: false }, trip)) names = part;
  return names;
}

async function* answerRequest(
  state: BrokerState,
  call: RequestCall,
  trip: Trip,
): AsyncGenerator<BrokerAnswer> {
  const { verb, subresource, namespace, name, managedFields = false } = call;
  const left = countdown(call.timeoutMs);
  Object.assign(trip.facts, { verb, resource: call.resource, subresource, namespace, name });
  const kube = await connect(state, call, trip);
  const reader = podReader(state, trip);
  const isLog = verb === "get" && subresource === "log" && name !== undefined;
  const pod = isLog ? await podMeant({ ...call, name }, "log", reader) : name;
  trip.facts.name = pod;
  const meant = { ...call, name: pod };
  const resolved = await resolve(meant, trip.body, { kube, signal: trip.signal });
  const answer = (request: ResourceRequest) =>
    throughPipeline(call.direct ? { ...state, lists: undefined } : state, {
      call,
      kube,
      request,
      managedFields,
      trip,
    }, (change, scope) => {
      refuseExec(change.request);
      const { context } = kube.access;
      const { resource } = request.resource;
      state.logger.debug("request", { context, verb, resource, namespace, name });
      return send(change, { ...call, timeoutMs: left() }, scope);
    });
  yield* isLog && pod !== undefined && isPods(resolved)
    ? withContainer({ ...resolved, name: pod }, call.context, reader, answer)
    : answer(resolved);
}

function isPods({ resource: { group, resource } }: ResourceRequest): boolean {
  return group === "" && resource === "pods";
}

/** Looks at pods and their owners for a call, under the same policy. */
function podReader(state: BrokerState, { signal }: Trip): PodReader {
  const decoder = new TextDecoder();
  return {
    note: (text) => state.origin.onNote?.(text),
    async ask(call) {
      let text = "";
      const parts = answerCall(state, call, { facts: {}, body: undefined, signal });
      for await (const { body } of parts) text += decoder.decode(body);
      return JSON.parse(text);
    },
  };
}
