/** What a cluster says of itself: its versions, its resources, its schemas; and what is said without one. */
import { InputError } from "../errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { FRESH_MS } from "../kube/discovery/kept_index.ts";
import type { ApiIndex } from "../kube/discovery/discovery.ts";
import { withBroken } from "../kube/discovery/resolve.ts";
import { explain } from "../kube/explain/explain.ts";
import { enforce } from "../policy/decide.ts";
import { policyText } from "../policy/policy_text.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { withoutHidden } from "./stages/show.ts";
import { type BrokerState, connect, encoded, jsonAnswer, type Trip } from "./trip.ts";
import type { BrokerAnswer, ClusterDocumentCall, DocumentCall, NamesIndex } from "./types.ts";

/** The longest YAML that a script may have read. */
const YAML_LIMIT_BYTES = 1024 * 1024;

/** Answers what is asked for that is no resource. */
export async function* answerDocument(
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
    if (call.op === "names") {
      const index = await kube.index({ signal, ...(call.refresh ? { maxAgeMs: FRESH_MS } : {}) });
      return yield { form: "json", more: false, body: namesText(index) };
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

/** What of discovery is looked at, by its path at the API server. */
function pathOf(call: ClusterDocumentCall): string {
  if (call.op === "path" || call.op === "document") return call.path;
  return call.op === "explain" ? "/openapi/v3" : "/apis";
}

/** Such a document, from the cluster. */
async function documentOf(
  kube: KubeClient,
  call: Exclude<ClusterDocumentCall, { readonly op: "document" | "names" }>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (call.op) {
    case "explain":
      return await explain(kube, call, signal);
    case "path":
      return await kube.getJson(call.path, { signal });
  }
}

/** Almost every script asks for the names: they are written out once for each index. */
const namesTexts = new WeakMap<ApiIndex, Uint8Array<ArrayBuffer>>();

function namesText(index: ApiIndex): Uint8Array<ArrayBuffer> {
  const text = namesTexts.get(index) ?? encoded(namesOf(index));
  namesTexts.set(index, text);
  return text;
}

function namesOf(index: ApiIndex): NamesIndex {
  const versions = withBroken(index).map(({ group, version, preferred, broken, resources }) => ({
    group,
    version,
    preferred,
    ...(broken === undefined ? {} : { broken }),
    resources: resources.map((entry) => ({
      resource: entry.resource,
      singular: entry.singular,
      kind: entry.kind,
      shortNames: entry.shortNames,
      namespaced: entry.namespaced,
      verbs: entry.verbs,
      subresources: entry.subresources.map(({ name }) => name),
    })),
  }));
  return { versions };
}
