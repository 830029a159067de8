/**
 * The one way to a cluster. Every request of every tool, and every call of every script, passes
 * here. What the policy forbids is forbidden however it is asked for.
 */
import type { Audit } from "../audit.ts";
import { InputError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import type { Logger } from "../log.ts";
import { isRead } from "../policy/classify.ts";
import { decide, enforce } from "../policy/decide.ts";
import { policyText } from "../policy/policy_text.ts";
import type { Permission, Policy } from "../policy/types.ts";
import { createRedactor, type Redactor } from "../redact/redactor.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { audited, placeOf, type RequestFacts } from "./audit_trail.ts";
import { changeOf } from "./change.ts";
import { type Contexts, type ContextsParts, createContexts, namingContext } from "./contexts.ts";
import { documentOf, pathOf } from "./documents.ts";
import { createPauses, type Pause } from "./pauses.ts";
import { pass, type Send } from "./pipeline.ts";
import { containerMeant, type NamedPod, podMeant, type PodReader, withContainer } from "./pods.ts";
import { type Hide, quietMs, shownMessages } from "./sessions/output.ts";
import {
  commandText,
  createTunnel,
  inContainer,
  readTunnel,
  type Tunnel,
  type TunnelCall,
} from "./sessions/tunnel.ts";
import { refuseExec, resolve, withPropagation } from "./stages/resolve.ts";
import { hideInText } from "./answers/program_text.ts";
import { send } from "./stages/send.ts";
import { withoutHidden } from "./stages/show.ts";
import type {
  BrokerAnswer,
  BrokerCall,
  DocumentCall,
  ExecCall,
  Origin,
  ProgramBrokers,
  RequestCall,
} from "./types.ts";
import { stringifyExact } from "../std/exact_json.ts";

/** The longest YAML that a script may have read. */
const YAML_LIMIT_BYTES = 1024 * 1024;

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
}

/** What the brokers of one server share. */
interface Shared extends Omit<BrokerParts, "connect" | "contexts" | "policy"> {
  readonly contexts: Contexts;
  readonly redactor: Redactor;
  readonly pause: Pause;
}

/** What one broker works with. */
interface BrokerState extends Shared {
  readonly origin: Origin;
  readonly policy: Policy;
}

/** One call on its way: what the audit tells of it, and when it ends. */
interface Trip {
  readonly facts: RequestFacts;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
}

/** Makes the way to the clusters. */
export function createBrokers(
  { connect, contexts, policy, logger, audit }: BrokerParts,
): ProgramBrokers {
  const shared: Shared = {
    contexts: createContexts(connect, contexts),
    redactor: createRedactor(),
    pause: createPauses(),
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
        isRead: isReadCall,
        call: (call, body, signal) => answerCall(state, call, { facts: {}, body, signal }),
        tunnel: (call, signal) => openTunnel(state, call, { facts: {}, body: undefined, signal }),
      };
    },
  };
}

function isReadCall(call: BrokerCall): boolean {
  return call.op === "request"
    ? isRead({ ...call, group: call.group ?? "", resource: call.resource.toLowerCase() })
    : call.op !== "exec";
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
    ? answerExec(state, call, trip)
    : answerDocument(state, call, trip);
  try {
    yield* audited({ audit, hide: redactor.text }, origin, trip.facts, parts);
  } catch (error) {
    throw namingContext(error, call.context);
  }
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
    throughPipeline(state, { call, kube, request, managedFields, trip }, (change, scope) => {
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

/** A command in a container: to the policy it creates `pods/exec`, whatever its method is. */
async function* answerExec(
  state: BrokerState,
  call: ExecCall,
  trip: Trip,
): AsyncGenerator<BrokerAnswer> {
  const { context, namespace, command, tty } = call;
  const left = countdown(call.timeoutMs);
  const exec = { verb: "create", subresource: "exec", namespace } as const;
  Object.assign(trip.facts, { ...exec, resource: "pods", name: call.name });
  const kube = await connect(state, call, trip);
  const resource = await kube.resolve({ group: "", resource: "pods" }, trip.signal);
  const reader = podReader(state, trip);
  const name = await podMeant(call, "exec", reader);
  const what = { ...exec, name };
  trip.facts.name = name;
  const container = await containerFor(state, kube, { ...what, context }, call.container, reader);
  const stdin = call.stdin ? trip.body ?? new Uint8Array(0) : undefined;
  const words = { container, command, tty, stdin: stdin && wordsOf(stdin) };
  const request = { ...what, resource, body: encoded(words) };
  // What looks like managed fields in a command's output is none.
  const parts = { call, kube, request, managedFields: true, trip };
  yield* throughPipeline(state, parts, async function* () {
    const program = command[0];
    state.logger.debug("exec", { context: kube.access.context, namespace, name, program });
    const result = await kube.exec(
      { resource, namespace, name, command, container, stdin, tty, timeoutMs: left() },
      trip.signal,
    );
    yield jsonAnswer(result);
  });
}

/** The container of a session. Who is asked for a yes sees it; what is refused anyway needs no look. */
async function containerFor(
  { origin, policy }: BrokerState,
  kube: KubeClient,
  { context, ...what }: Pick<Permission, "verb" | "subresource" | "namespace"> & NamedPod,
  given: string | undefined,
  reader: PodReader,
): Promise<string | undefined> {
  const asker = { tool: origin.tool, context: kube.access.context };
  const action = { ...what, ...asker, group: "", resource: "pods", namespaced: true };
  if (decide(action, policy).outcome === "refuse") return given;
  return await containerMeant({ ...what, context }, given, reader);
}

/** A session for a program. Its call, which the audit tells of, lasts as long as the session. */
function openTunnel(state: BrokerState, call: TunnelCall, trip: Trip): Promise<Tunnel> {
  const { audit, redactor, origin } = state;
  const opened = Promise.withResolvers<Tunnel>();
  const parts = answerTunnel(state, call, trip, opened.resolve);
  const told = audited({ audit, hide: redactor.text }, origin, trip.facts, parts);
  told.next().catch((error) => opened.reject(namingContext(error, call.context)));
  return opened.promise;
}

/** To the policy it creates `pods/exec`, `pods/attach` or `pods/portforward`, whatever its method is. */
async function* answerTunnel(
  state: BrokerState,
  call: TunnelCall,
  trip: Trip,
  opened: (tunnel: Tunnel) => void,
): AsyncGenerator<BrokerAnswer> {
  const { context, subresource, namespace, name } = call;
  const what = { verb: "create", subresource, namespace, name } as const;
  Object.assign(trip.facts, { ...what, resource: "pods" });
  const asked = readTunnel(call);
  const kube = await connect(state, call, trip);
  const resource = await kube.resolve({ group: "", resource: "pods" }, trip.signal);
  const reader = podReader(state, trip);
  const { words, query, protocols } = subresource === "portforward" ? asked : inContainer(
    asked,
    await containerFor(state, kube, { ...what, context }, asked.words.container, reader),
  );
  const commands = words.command && [commandText(words.command)];
  Object.assign(trip.facts, { container: words.container, commands });
  const request = { ...what, resource, body: encoded(words) };
  const parts = { call, kube, request, managedFields: true, trip };
  yield* throughPipeline(state, parts, async function* ({ decision }, { redactor, pause }) {
    state.logger.debug(subresource, { context: kube.access.context, namespace, name });
    const session = { resource, subresource, namespace, name, query, protocols };
    const socket = await kube.openSession(session, trip.signal);
    const hide: Hide = async (text, part) => {
      await pause(text.length);
      return await redactor.patiently(text, { form: "bytes", options: { part } });
    };
    const isPlain = decision.reveal || subresource === "portforward";
    const { tunnel, ended } = createTunnel(
      socket,
      (messages) => isPlain ? messages : shownMessages(messages, hide, quietMs(words)),
    );
    opened(tunnel);
    await ended;
  });
}

async function* answerDocument(
  state: BrokerState,
  call: DocumentCall,
  trip: Trip,
): AsyncGenerator<BrokerAnswer> {
  const { facts, body, signal } = trip;
  if (call.op === "contexts") {
    Object.assign(facts, { verb: "get", resource: "contexts", decision: "allow" });
    return yield jsonAnswer(await state.contexts.visible(call.context));
  }
  if (call.op === "policy") {
    Object.assign(facts, { verb: "get", resource: "policy", decision: "allow" });
    return yield jsonAnswer(policyText(state.policy));
  }
  if (call.op === "yaml") {
    Object.assign(facts, { verb: "get", resource: "yaml", decision: "allow" });
    return yield jsonAnswer(readYaml(body));
  }
  const path = pathOf(call);
  Object.assign(facts, { verb: "get", resource: path });
  const kube = await connect(state, call, trip);
  const action = { path, tool: state.origin.tool, context: kube.access.context };
  const { outcome, by } = enforce(action, state.policy);
  Object.assign(facts, { decision: outcome, rule: by });
  try {
    if (call.op === "document") {
      const document = await kube.getDocument(call.path, { accept: call.accept, signal });
      return yield { form: "bytes", more: false, ...document };
    }
    yield jsonAnswer(await documentOf(kube, call, signal));
  } catch (error) {
    throw withoutHidden(error);
  }
}

/**
 * A document as a script wrote it.
 *
 * @throws {InputError} it is no YAML, or so long that reading it would hold others up
 */
function readYaml(body: Uint8Array = new Uint8Array(0)): unknown {
  if (body.length <= YAML_LIMIT_BYTES) return parseYaml(new TextDecoder().decode(body), "the YAML");
  throw new InputError(
    `Cannot read the YAML: it has ${body.length} bytes, at most ${YAML_LIMIT_BYTES} are read`,
    { hint: "Give an object, or JSON." },
  );
}

async function connect(
  { contexts }: BrokerState,
  { context }: Pick<BrokerCall, "context">,
  { facts }: Trip,
): Promise<KubeClient> {
  const kube = await contexts.client(context);
  Object.assign(facts, placeOf(kube.access));
  return kube;
}

/** Takes a request through policy, plan and redaction. @param send sends it, where it may be sent */
function throughPipeline(
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
  const { origin, policy, redactor, pause } = state;
  const { group, resource } = request.resource;
  Object.assign(facts, { group, resource });
  const scope = {
    ...{ origin, policy, redactor, pause, kube, managedFields, facts, signal },
    context: call.context,
  };
  return pass(withPropagation(changeOf(request, scope)), scope, send);
}

/** What is left of a call's time, which runs before its resource is known and the policy has decided. */
function countdown(timeoutMs: number | undefined): () => number | undefined {
  const began = performance.now();
  return () =>
    timeoutMs === undefined
      ? undefined
      : Math.max(0, Math.ceil(timeoutMs + began - performance.now()));
}

/** Bytes in words that no others have. */
function wordsOf(bytes: Uint8Array<ArrayBuffer>): string | { readonly base64: string } {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: bytes.toBase64() };
  }
}

function jsonAnswer(value: unknown): BrokerAnswer {
  return { form: "json", more: false, body: encoded(value) };
}

function encoded(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(stringifyExact(value));
}
