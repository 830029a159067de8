/** Sends an admitted request: the parts of its answer, as they come from the API server. */
import type { KubeClient } from "../kube/client.ts";
import type { ResourceRequest } from "../kube/wire/request.ts";
import { waitUntilServed } from "./served.ts";
import type { BrokerAnswer, RequestCall } from "./types.ts";

const NOTHING = new Uint8Array(0);

/** @param changes whether the request may change something, which is then waited for to be served */
export async function* exchange(
  { kube, request, call, changes, signal }: {
    readonly kube: KubeClient;
    readonly request: ResourceRequest;
    readonly call: RequestCall;
    readonly changes: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<BrokerAnswer> {
  if (call.verb === "list") {
    for await (const page of kube.pages(request, signal)) {
      const more = call.options?.limit === undefined && page.metadata.continue !== undefined &&
        page.metadata.continue !== "";
      yield { form: "json", more, body: page.body };
    }
    return;
  }
  if (call.verb === "watch") {
    for await (const watched of kube.watch(request, { timeoutMs: call.timeoutMs, signal })) {
      yield { form: "json", more: true, body: watched.kind === "open" ? NOTHING : watched.line };
    }
    yield { form: "json", more: false, body: NOTHING };
    return;
  }
  const answer = await kube.send(request, signal);
  if (changes) await waitUntilServed(kube, request, signal);
  yield { form: call.subresource === "log" ? "bytes" : "json", more: false, body: answer };
}
