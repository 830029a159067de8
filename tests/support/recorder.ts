/** An API server inside the process that answers everything and keeps what was asked of it. */
import { type Audit, NO_AUDIT } from "../../lib/audit.ts";
import { createBrokers } from "../../lib/broker/broker.ts";
import type { ProgramBrokers } from "../../lib/broker/types.ts";
import { createClient } from "../../lib/kube/client.ts";
import { VERBS } from "../../lib/names/requests.ts";
import type { HttpRequest, SocketRequest, Transport } from "../../lib/kube/types.ts";
import type { Policy } from "../../lib/policy/types.ts";
import { accessAt } from "./access.ts";
import { LOGGER } from "./clusters.ts";

/** One resource that the recorder serves. */
export interface ServedResource {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources?: readonly string[];
}

/** What was asked, and the way to ask. */
export interface Recorder {
  /** All requests but those of discovery; a session's too. */
  readonly sent: HttpRequest[];
  /** The sessions alone. */
  readonly opened: SocketRequest[];
  brokers(policy: () => Policy): ProgramBrokers;
}

/**
 * Makes a recorder.
 *
 * @param served all with version v1 and every verb
 * @param objects bodies of answers by path without query; an empty list for any other
 * @param answer what is answered instead; undefined for what stands in `objects`
 * @param audit takes the lines of the audit
 */
export function createRecorder(
  served: readonly ServedResource[],
  objects: Readonly<Record<string, unknown>> = {},
  answer: (request: HttpRequest, signal: AbortSignal) => Response | undefined = () => undefined,
  audit: Pick<Audit, "record"> = NO_AUDIT,
): Recorder {
  const sent: HttpRequest[] = [];
  const opened: SocketRequest[] = [];
  const transport: Transport = {
    login: () => undefined,
    send(request, signal) {
      const [path = ""] = request.path.split("?");
      if (path === "/api" || path === "/apis") {
        return Promise.resolve(Response.json(discovery(served, path === "/api")));
      }
      sent.push(request);
      const own = answer(request, signal);
      if (own) return Promise.resolve(own);
      const body = objects[path] ?? { kind: "List", apiVersion: "v1", metadata: {}, items: [] };
      return Promise.resolve(Response.json(body));
    },
    openSocket(request) {
      opened.push(request);
      sent.push({ method: "GET", path: request.path, headers: {} });
      return Promise.resolve(new Response(null, { status: 404 }));
    },
    close() {},
  };
  const client = createClient(accessAt("http://test"), transport, { discoveryTimeoutMs: 30_000 });
  return {
    sent,
    opened,
    brokers: (policy) =>
      createBrokers({
        connect: () => Promise.resolve(client),
        policy,
        logger: LOGGER,
        audit: { ...NO_AUDIT, ...audit },
      }),
  };
}

function discovery(served: readonly ServedResource[], core: boolean) {
  const groups = [...new Set(served.map(({ group }) => group))]
    .filter((group) => (group === "") === core);
  return {
    kind: "APIGroupDiscoveryList",
    items: groups.map((group) => ({
      metadata: group === "" ? {} : { name: group },
      versions: [{
        version: "v1",
        resources: served.filter((resource) => resource.group === group).map((
          { resource, kind, namespaced, subresources = [] },
        ) => ({
          resource,
          responseKind: { kind },
          scope: namespaced ? "Namespaced" : "Cluster",
          singularResource: kind.toLowerCase(),
          verbs: VERBS,
          subresources: subresources.map((subresource) => ({
            subresource,
            responseKind: { kind: "Any" },
            verbs: VERBS,
          })),
        })),
      }],
    })),
  };
}
