/** Sessions with pods: a command for a script, and what a program opens. */
import type { KubeClient } from "../../kube/client.ts";
import { decide } from "../../policy/decide.ts";
import type { Permission } from "../../policy/types.ts";
import { audited } from "../audit_trail.ts";
import { namingContext } from "../contexts.ts";
import { containerMeant, type NamedPod, podMeant, type PodReader } from "../pods.ts";
import {
  type BrokerState,
  connect,
  countdown,
  encoded,
  jsonAnswer,
  throughPipeline,
  type Trip,
} from "../trip.ts";
import type { BrokerAnswer, ExecCall } from "../types.ts";
import { type Hide, quietMs, shownMessages } from "./output.ts";
import {
  commandText,
  createTunnel,
  inContainer,
  readTunnel,
  type Tunnel,
  type TunnelCall,
} from "./tunnel.ts";

/** A command in a container: to the policy it creates `pods/exec`, whatever its method is. */
export async function* answerExec(
  state: BrokerState,
  call: ExecCall,
  trip: Trip,
  reader: PodReader,
): AsyncGenerator<BrokerAnswer> {
  const { context, namespace, command, tty } = call;
  const left = countdown(call.timeoutMs);
  const exec = { verb: "create", subresource: "exec", namespace } as const;
  Object.assign(trip.facts, { ...exec, resource: "pods", name: call.name });
  const kube = await connect(state, call, trip);
  const resource = await kube.resolve({ group: "", resource: "pods" }, trip.signal);
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
export function openTunnel(
  state: BrokerState,
  call: TunnelCall,
  trip: Trip,
  reader: PodReader,
): Promise<Tunnel> {
  const { audit, redactor, origin } = state;
  const opened = Promise.withResolvers<Tunnel>();
  const parts = answerTunnel(state, call, { ...trip, reader }, opened.resolve);
  const told = audited({ audit, hide: redactor.text }, origin, trip.facts, parts);
  told.next().catch((error) => opened.reject(namingContext(error, call.context)));
  return opened.promise;
}

/** To the policy it creates `pods/exec`, `pods/attach` or `pods/portforward`, whatever its method is. */
async function* answerTunnel(
  state: BrokerState,
  call: TunnelCall,
  { reader, ...trip }: Trip & { readonly reader: PodReader },
  opened: (tunnel: Tunnel) => void,
): AsyncGenerator<BrokerAnswer> {
  const { context, subresource, namespace, name } = call;
  const what = { verb: "create", subresource, namespace, name } as const;
  Object.assign(trip.facts, { ...what, resource: "pods" });
  const asked = readTunnel(call);
  const kube = await connect(state, call, trip);
  const resource = await kube.resolve({ group: "", resource: "pods" }, trip.signal);
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

/** Bytes in words that no others have. */
function wordsOf(bytes: Uint8Array<ArrayBuffer>): string | { readonly base64: string } {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { base64: bytes.toBase64() };
  }
}
