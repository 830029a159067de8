/**
 * The one way to a cluster. Every request of every tool, and every call of every script, passes
 * here: resolve → policy → send. What the policy forbids is forbidden however it is asked for.
 */
import type { Logger } from "../log.ts";
import { type ApiIndex } from "../kube/discovery.ts";
import { FRESH_MS, type KubeClient } from "../kube/client.ts";
import { explain } from "../kube/explain.ts";
import type { ResourceRequest } from "../kube/request.ts";
import type { ApiResource } from "../kube/types.ts";
import { enforce, isRead, type PolicyMode } from "../policy/decide.ts";
import type { Broker, BrokerAnswer, BrokerCall, NamesIndex, RequestCall } from "./types.ts";
import { waitUntilServed } from "./served.ts";

/** What a broker is made of. */
export interface BrokerParts {
  /** Connects on first use: a server starts and answers also where no cluster can be reached. */
  readonly connect: () => Promise<KubeClient>;
  readonly mode: PolicyMode;
  readonly logger: Logger;
}

/** Our own name as the manager of the fields that we set (KEP-555, server-side apply). */
const FIELD_MANAGER = "kubecode";

const NOTHING = new Uint8Array(0);

/** Makes the broker of one cluster. */
export function createBroker({ connect, mode, logger }: BrokerParts): Broker {
  let connection: Promise<KubeClient> | undefined;
  const client = () => {
    connection ??= connect().catch((error) => {
      connection = undefined;
      throw error;
    });
    return connection;
  };

  async function* request(
    call: RequestCall,
    body: Uint8Array<ArrayBuffer> | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<BrokerAnswer> {
    const kube = await client();
    const resource = await kube.resolve(call, signal);
    const resolved = resolvedRequest(call, resource, body);
    enforce(actionOf(resolved), mode);
    logger.debug("request", {
      verb: call.verb,
      resource: resource.resource,
      namespace: call.namespace,
      name: call.name,
    });
    if (call.verb === "list") {
      for await (const page of kube.pages(resolved, signal)) {
        const more = call.options?.limit === undefined && page.metadata.continue !== undefined &&
          page.metadata.continue !== "";
        yield { form: "json", more, body: page.body };
      }
      return;
    }
    if (call.verb === "watch") {
      for await (
        const watched of kube.watch(resolved, { timeoutMs: call.timeoutMs, signal })
      ) {
        yield { form: "json", more: true, body: watched.kind === "open" ? NOTHING : watched.line };
      }
      yield { form: "json", more: false, body: NOTHING };
      return;
    }
    const answer = await kube.send(resolved, signal);
    if (!isRead(actionOf(resolved))) await waitUntilServed(kube, resolved, signal);
    yield { form: call.subresource === "log" ? "bytes" : "json", more: false, body: answer };
  }

  return {
    namespace: () => client().then((kube) => kube.access.namespace, () => "default"),
    isRead: (call) =>
      call.op !== "request" ||
      isRead({ ...call, group: call.group ?? "", resource: call.resource.toLowerCase() }),
    async *call(call: BrokerCall, body, signal) {
      if (call.op === "request") return yield* request(call, body, signal);
      const document = await documentOf(await client(), call, signal);
      yield { form: "json", more: false, body: new TextEncoder().encode(JSON.stringify(document)) };
    },
  };
}

async function documentOf(
  kube: KubeClient,
  call: Exclude<BrokerCall, RequestCall>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (call.op) {
    case "explain":
      return await explain(kube, call, signal);
    case "path":
      return await kube.getJson(call.path, { signal });
    case "names":
      return namesOf(
        await kube.index({ signal, ...(call.refresh ? { maxAgeMs: FRESH_MS } : {}) }),
      );
  }
}

function resolvedRequest(
  call: RequestCall,
  resource: ApiResource,
  body: Uint8Array<ArrayBuffer> | undefined,
): ResourceRequest {
  const { verb, subresource, namespace, name, contentType, form } = call;
  const writes = verb === "create" || verb === "update" || verb === "patch";
  return {
    verb,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
    ...(contentType ? { contentType } : {}),
    ...(form ? { form } : {}),
    ...(body?.length ? { body } : {}),
    options: {
      ...(writes ? { fieldManager: FIELD_MANAGER, fieldValidation: "Strict" } : {}),
      ...call.options,
    },
  };
}

function actionOf({ verb, resource, subresource, namespace, name }: ResourceRequest) {
  return {
    verb,
    group: resource.group,
    resource: resource.resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function namesOf(index: ApiIndex): NamesIndex {
  return {
    versions: index.versions.map(({ group, version, preferred, resources }) => ({
      group,
      version,
      preferred,
      resources: resources.map((entry) => ({
        resource: entry.resource,
        singular: entry.singular,
        kind: entry.kind,
        shortNames: entry.shortNames,
        namespaced: entry.namespaced,
        verbs: entry.verbs,
        subresources: entry.subresources.map(({ name }) => name),
      })),
    })),
  };
}
