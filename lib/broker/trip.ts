/** One call on its way through a broker: what it works with, and how it gets to the pipeline. */
import type { Audit } from "../audit.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { Logger } from "../log.ts";
import type { Policy } from "../policy/types.ts";
import type { Redactor } from "../redact/redactor.ts";
import { stringifyExact } from "../std/json/exact.ts";
import { placeOf, type RequestFacts } from "./audit_trail.ts";
import { changeOf } from "./change.ts";
import type { Contexts } from "./contexts.ts";
import type { KeptLists } from "./lists/types.ts";
import type { Pause } from "./pauses.ts";
import { pass, type Send } from "./pipeline.ts";
import { withPropagation } from "./stages/resolve.ts";
import type { BrokerAnswer, BrokerCall, Origin } from "./types.ts";

/** What the brokers of one server share. */
export interface Shared {
  readonly contexts: Contexts;
  readonly redactor: Redactor;
  readonly pause: Pause;
  readonly lists?: KeptLists;
  readonly logger: Logger;
  readonly audit: Audit | undefined;
}

/** What one broker works with. */
export interface BrokerState extends Shared {
  readonly origin: Origin;
  readonly policy: Policy;
}

/** One call on its way: what the audit tells of it, and when it ends. */
export interface Trip {
  readonly facts: RequestFacts;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
  /** The client of the context that the call means, where somebody has it already. */
  readonly kube?: KubeClient;
}

/** The client of the context that a call means. */
export async function connect(
  { contexts }: BrokerState,
  { context }: Pick<BrokerCall, "context">,
  { facts, kube: known }: Trip,
): Promise<KubeClient> {
  const kube = known ?? await contexts.client(context);
  Object.assign(facts, placeOf(kube.access));
  return kube;
}

/** Takes a request through policy, plan and redaction. @param send sends it, where it may be sent */
export function throughPipeline(
  state: BrokerState,
  { call, kube, request, managedFields, trip: { facts, signal } }: {
    readonly call: Pick<BrokerCall, "context">;
    readonly kube: KubeClient;
    readonly request: ResourceRequest;
    readonly managedFields: boolean;
    readonly trip: Trip;
  },
  send: Send,
): AsyncGenerator<BrokerAnswer> {
  const { origin, policy, redactor, pause, lists } = state;
  const { group, resource } = request.resource;
  Object.assign(facts, { group, resource });
  const scope = {
    ...{ origin, policy, redactor, pause, lists, kube, managedFields, facts, signal },
    context: call.context,
  };
  return pass(withPropagation(changeOf(request, scope)), scope, send);
}

/** What is left of a call's time, which runs before its resource is known and the policy has decided. */
export function countdown(timeoutMs: number | undefined): () => number | undefined {
  const began = performance.now();
  return () =>
    timeoutMs === undefined
      ? undefined
      : Math.max(0, Math.ceil(timeoutMs + began - performance.now()));
}

/** An answer of one part. */
export function jsonAnswer(value: unknown): BrokerAnswer {
  return { form: "json", more: false, body: encoded(value) };
}

/** JSON in UTF-8, digits kept. */
export function encoded(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(stringifyExact(value));
}
