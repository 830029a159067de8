/** Resources, their templates and completion over the protocol. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ClientInfo } from "../audit.ts";
import type { Brokers } from "../broker/types.ts";
import {
  ApiError,
  describeError,
  InputError,
  KubecodeError,
  PolicyError,
  ResolveError,
} from "../errors.ts";
import type { Logger } from "../log.ts";
import type { ClusterResources } from "../tools/mcp_resources/cluster_resources.ts";

/** What the handlers are made of. */
export interface ResourceOptions {
  readonly resources: ClusterResources;
  readonly brokers: Brokers;
}

/** What a server that has resources says of itself. */
export const RESOURCE_CAPABILITIES = { resources: {}, completions: {} } as const;

/** The most values of one completion, a limit of the protocol. */
const COMPLETIONS = 100;

/** Counts a request of the protocol against the limits of its session. */
type Take = (name: string) => void;

/** Sets the handlers of one connection's server. */
export function serveResources(
  server: Server,
  { resources, brokers }: ResourceOptions,
  connection: {
    readonly session: string;
    readonly client: (context: ServerContext) => ClientInfo | undefined;
    readonly signal: AbortSignal;
    readonly take: Take;
    readonly logger: Logger;
  },
): void {
  const { session, take, logger } = connection;
  const answer = async <Answer>(
    name: string,
    context: ServerContext,
    run: (broker: ReturnType<Brokers["as"]>, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      take(name);
      const broker = brokers.as({ tool: name, session, client: connection.client(context) });
      return await run(broker, AbortSignal.any([context.mcpReq.signal, connection.signal]));
    } catch (error) {
      throw protocolError(error, logger, name);
    }
  };
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: resources.templates.map((template) => ({ ...template })),
  }));
  server.setRequestHandler(
    "resources/list",
    ({ params }, context) =>
      answer("resources/list", context, async (broker, signal) => {
        const page = await resources.list(params?.cursor, broker, signal);
        return { ...page, resources: [...page.resources] };
      }),
  );
  server.setRequestHandler(
    "resources/read",
    ({ params: { uri } }, context) =>
      answer("resources/read", context, async (broker, signal) => {
        const text = await resources.read(uri, broker, signal);
        return { contents: [{ uri, mimeType: "application/json", text }] };
      }),
  );
  server.setRequestHandler("completion/complete", ({ params }, asked) => {
    const { ref, argument, context } = params;
    return answer("completion/complete", asked, async (broker, signal) => {
      if (ref.type !== "ref/resource") {
        throw new InputError("Cannot complete: there are no prompts");
      }
      const all = await resources.complete(
        {
          template: ref.uri,
          variable: argument.name,
          value: argument.value,
          chosen: context?.arguments ?? {},
        },
        broker,
        signal,
      );
      return {
        completion: {
          values: all.slice(0, COMPLETIONS),
          total: all.length,
          hasMore: all.length > COMPLETIONS,
        },
      };
    });
  });
}

/** An error as the protocol has it: a bad request, or an internal failure. */
function protocolError(error: unknown, logger: Logger, name: string): unknown {
  if (!(error instanceof KubecodeError)) {
    logger.error("resource failed unexpectedly", {
      name,
      error: error instanceof Error ? error.stack ?? String(error) : String(error),
    });
    return new ProtocolError(ProtocolErrorCode.InternalError, `Cannot do ${name}: internal error`);
  }
  const notFound = error instanceof ApiError && error.status === 404;
  const wrong = error instanceof InputError || error instanceof ResolveError ||
    error instanceof PolicyError || notFound;
  return new ProtocolError(
    wrong ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    describeError(error),
  );
}
