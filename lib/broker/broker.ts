/**
 * The one way to a cluster. Every request of every tool, and every call of every script, passes
 * here: resolve → policy → tokens become values → plan or approval → send → redact → audit. What the
 * policy forbids is forbidden however it is asked for.
 */
import { ApiError, InputError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { KubeClient } from "../kube/client.ts";
import { dropManagedFields } from "../kube/wire/managed_fields.ts";
import { type ResourceRequest, servedVerbs } from "../kube/wire/request.ts";
import type { KubeObject } from "../kube/types.ts";
import { isRead } from "../policy/classify.ts";
import { decide, enforce } from "../policy/decide.ts";
import type { Policy } from "../policy/types.ts";
import type { Audit } from "../audit.ts";
import { admit, refuseUnasked } from "./admit.ts";
import { audited, type RequestFacts } from "./audited.ts";
import { authorize } from "./authorize.ts";
import { type Breath, createBreath } from "./breath.ts";
import { type Contexts, type ContextsParts, createContexts, namingContext } from "./contexts.ts";
import { documentOf, pathOf } from "./documents.ts";
import { exchange } from "./exchange.ts";
import { hasMovedOn, PINNED_TRIES } from "./pinned.ts";
import { actsAtOnce } from "./planning.ts";
import { createRedaction, type Redaction } from "./redaction.ts";
import { resolvedRequest } from "./resolved.ts";
import type {
  Broker,
  BrokerAnswer,
  BrokerCall,
  Brokers,
  DocumentCall,
  ExecCall,
  Origin,
  RequestCall,
} from "./types.ts";

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

/** A request that may be sent. */
interface Admitted {
  readonly request: ResourceRequest;
  readonly isRead: boolean;
}

/** Makes the way to the clusters. */
export function createBrokers(parts: BrokerParts): Brokers {
  const contexts = createContexts(parts.connect, parts.contexts);
  const redaction = createRedaction();
  const breath = createBreath();
  return {
    as: (origin) => createBroker({ ...parts, contexts, redaction, breath }, origin, parts.policy()),
  };
}

function createBroker(
  { connect, contexts, redaction, breath, logger, audit }: Omit<BrokerParts, "contexts"> & {
    readonly contexts: Contexts;
    readonly redaction: Redaction;
    readonly breath: Breath;
  },
  origin: Origin,
  policy: Policy,
): Broker {
  const { tool } = origin;

  /**
   * Takes a request through policy, plan and redaction.
   *
   * @param send sends it, where it may be sent, and gives the parts of its answer
   */
  async function* through(
    request: ResourceRequest,
    { kube, context, managedFields, facts, signal }: {
      readonly kube: KubeClient;
      readonly context: string | undefined;
      /** Objects of the answer keep their managed fields. */
      readonly managedFields: boolean;
      readonly facts: RequestFacts;
      readonly signal: AbortSignal;
    },
    send: (admitted: Admitted) => AsyncIterable<BrokerAnswer>,
  ): AsyncGenerator<BrokerAnswer> {
    const { group, resource } = request.resource;
    Object.assign(facts, { context: kube.access.context, group, resource });
    const authorized = await authorize(request, { kube, tool, policy, signal });
    const { outcome, rule, reveal } = authorized.decision;
    Object.assign(facts, {
      decision: outcome === "approve" && origin.approval ? "approved" : outcome,
      rule,
    });
    refuseUnasked(authorized, origin);
    const prepare = () => redaction.prepare(kube, authorized.request, { reveal, signal });
    let prepared = await prepare();
    const reads = isRead(authorized.action);
    // Who may not read an object is not shown it as the answer to a change.
    const mayRead = reads || actsAtOnce(request) ||
      decide({ ...authorized.action, verb: "get", implies: [] }, policy).outcome === "allow";
    const shown = async (given: BrokerAnswer, tried = false) => {
      const whole = mayRead ? given : identityOf(given);
      await breath(whole.body.length);
      const answer = managedFields || whole.form !== "json"
        ? whole
        : { ...whole, body: dropManagedFields(whole.body) };
      return reveal ? answer : redaction.answer(request, answer, tried);
    };
    try {
      const tried = await admit({
        authorized: { ...authorized, request: prepared.request },
        origin,
        policy,
        kube,
        context,
        given: authorized.request,
        readable: redaction.apart(request),
        signal,
      });
      if (tried) return yield await shown(jsonAnswer(tried), true);
      for (let tries = 1;; tries++) {
        try {
          const admitted = { request: prepared.request, isRead: reads };
          for await (const answer of send(admitted)) yield await shown(answer);
          return;
        } catch (error) {
          if (!prepared.pinned || tries === PINNED_TRIES || !hasMovedOn(error)) throw error;
          prepared = await prepare();
        }
      }
    } catch (error) {
      if (reveal) throw error;
      const unread = error instanceof ApiError && request.verb === "update" &&
        prepared.hidden.size === 0;
      const hidden = unread ? await redaction.hiddenOf(kube, request, signal) : prepared.hidden;
      throw redaction.error(error, hidden);
    }
  }

  async function* request(
    call: RequestCall,
    body: Uint8Array<ArrayBuffer> | undefined,
    facts: RequestFacts,
    signal: AbortSignal,
  ): AsyncGenerator<BrokerAnswer> {
    const { verb, resource: asked, subresource, namespace, name, managedFields = false } = call;
    const left = countdown(call.timeoutMs);
    Object.assign(facts, { verb, resource: asked, subresource, namespace, name });
    const kube = await contexts.client(call.context);
    facts.context = kube.access.context;
    const resource = await kube.resolve(call, signal);
    const resolved = resolvedRequest(call, resource, body);
    // What is not there needs no rule that allows it.
    servedVerbs(resolved);
    const parts = { kube, context: call.context, managedFields, facts, signal };
    yield* through(resolved, parts, ({ request, isRead }) => {
      if (subresource === "exec") {
        throw new InputError(`Cannot ${verb} ${resource.resource}/exec: it is no object`, {
          hint: 'Write pods(ns).exec("<name>", ["<program>", "<argument>"]).',
        });
      }
      const { context } = kube.access;
      logger.debug("request", { context, verb, resource: resource.resource, namespace, name });
      const timed = { ...call, timeoutMs: left() };
      return exchange({ kube, request, call: timed, changes: !isRead, signal });
    });
  }

  /** A command in a container: to the policy it creates `pods/exec`, whatever its method is. */
  async function* exec(
    call: ExecCall,
    body: Uint8Array<ArrayBuffer> | undefined,
    facts: RequestFacts,
    signal: AbortSignal,
  ): AsyncGenerator<BrokerAnswer> {
    const { name, namespace, command, container, stdin, tty } = call;
    const left = countdown(call.timeoutMs);
    const what = { verb: "create", subresource: "exec", namespace, name } as const;
    Object.assign(facts, { ...what, resource: "pods" });
    const kube = await contexts.client(call.context);
    facts.context = kube.access.context;
    const resource = await kube.resolve({ group: "", resource: "pods" }, signal);
    const input = stdin ? body ?? new Uint8Array(0) : undefined;
    const words = { container, command, tty, stdin: input && new TextDecoder().decode(input) };
    // What looks like managed fields in a command's output is none.
    const parts = { kube, context: call.context, managedFields: true, facts, signal };
    yield* through({ ...what, resource, body: encoded(words) }, parts, async function* () {
      logger.debug("exec", { context: kube.access.context, namespace, name, program: command[0] });
      const result = await kube.exec(
        { resource, namespace, name, command, container, stdin: input, tty, timeoutMs: left() },
        signal,
      );
      yield jsonAnswer(encoded(result));
    });
  }

  async function* document(
    call: DocumentCall,
    facts: RequestFacts,
    signal: AbortSignal,
  ): AsyncGenerator<BrokerAnswer> {
    if (call.op === "contexts") {
      Object.assign(facts, { verb: "get", resource: "contexts", decision: "allow" });
      return yield jsonAnswer(encoded(await contexts.visible(call.context)));
    }
    const path = pathOf(call);
    Object.assign(facts, { verb: "get", resource: path });
    const kube = await contexts.client(call.context);
    facts.context = kube.access.context;
    const { outcome, rule } = enforce({ path, tool, context: facts.context }, policy);
    Object.assign(facts, { decision: outcome, rule });
    const found = await documentOf(kube, call, signal).catch((error) => {
      throw redaction.error(error);
    });
    yield jsonAnswer(encoded(found));
  }

  return {
    namespace: () => connect().then((kube) => kube.access.namespace, () => "default"),
    isRead: (call) =>
      call.op === "request"
        ? isRead({ ...call, group: call.group ?? "", resource: call.resource.toLowerCase() })
        : call.op !== "exec",
    async *call(call: BrokerCall, body, signal) {
      const facts: RequestFacts = {};
      const parts = call.op === "request"
        ? request(call, body, facts, signal)
        : call.op === "exec"
        ? exec(call, body, facts, signal)
        : document(call, facts, signal);
      try {
        yield* audited({ audit, hide: redaction.text }, origin, facts, parts);
      } catch (error) {
        throw namingContext(error, call.context);
      }
    },
  };
}

/** What is left of a call's time, which runs before its resource is known and the policy has decided. */
function countdown(timeoutMs: number | undefined): () => number | undefined {
  const began = performance.now();
  return () =>
    timeoutMs === undefined
      ? undefined
      : Math.max(0, Math.ceil(timeoutMs + began - performance.now()));
}

/** Of an object what names it; a status as it is. */
function identityOf(answer: BrokerAnswer): BrokerAnswer {
  if (answer.form !== "json" || answer.body.length === 0) return answer;
  const { kind, apiVersion, metadata } = JSON.parse(
    new TextDecoder().decode(answer.body),
  ) as KubeObject;
  if (kind === "Status") return answer;
  const { name, namespace, uid } = metadata ?? {};
  const body = encoded({ kind, apiVersion, metadata: { name, namespace, uid } });
  return { ...answer, body };
}

function jsonAnswer(body: Uint8Array<ArrayBuffer>): BrokerAnswer {
  return { form: "json", more: false, body };
}

function encoded(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
