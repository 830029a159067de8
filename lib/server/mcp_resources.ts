/** Resources and their templates over the protocol. */
import type { Server } from "@modelcontextprotocol/server";
import type { Brokers } from "../broker/types.ts";
import type { ClusterResources } from "../tools/mcp_resources/cluster_resources.ts";
import type { Answer } from "./requests.ts";

/** What the handlers are made of. */
export interface ResourceOptions {
  readonly resources: ClusterResources;
  readonly brokers: Brokers;
}

/** Sets the handlers of one connection's server. */
export function serveResources(
  server: Server,
  { resources, brokers }: ResourceOptions,
  answer: Answer,
): void {
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: resources.templates.map((template) => ({ ...template })),
  }));
  server.setRequestHandler(
    "resources/list",
    ({ params }, context) =>
      answer("resources/list", context, brokers, async (broker, signal) => {
        const page = await resources.list(params?.cursor, broker, signal);
        return { ...page, resources: [...page.resources] };
      }),
  );
  server.setRequestHandler(
    "resources/read",
    ({ params: { uri } }, context) =>
      answer("resources/read", context, brokers, async (broker, signal) => {
        const text = await resources.read(uri, broker, signal);
        return { contents: [{ uri, mimeType: "application/json", text }] };
      }),
  );
}
