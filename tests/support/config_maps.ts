/** A broker for scripts that are not about the cluster. */
import type { Broker } from "../../lib/broker/types.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** A cluster with one resource and two objects of it; a request comes back as its own answer. */
export const CONFIG_MAPS: Broker = {
  namespace: () => Promise.resolve("shop"),
  isRead: () => true,
  async *call(call, body) {
    await Promise.resolve();
    if (call.op === "names") {
      const resource = {
        resource: "configmaps",
        singular: "configmap",
        kind: "ConfigMap",
        namespaced: true,
        shortNames: ["cm"],
        verbs: ["get", "list", "create", "update", "patch", "delete"],
        subresources: [],
      };
      const version = { group: "", version: "v1", preferred: true, resources: [resource] };
      yield { form: "json", more: false, body: encode({ versions: [version] }) };
      return;
    }
    const { verb, name } = call as { verb?: string; name?: string };
    if (verb === "list") {
      const items = [{ metadata: { name: "a" } }, { metadata: { name: "b" } }];
      yield { form: "json", more: false, body: encode({ metadata: {}, items }) };
      return;
    }
    const sent = body === undefined ? undefined : JSON.parse(new TextDecoder().decode(body));
    yield { form: "json", more: false, body: encode({ metadata: { name }, sent }) };
  },
};
