/** The MCP server: tools offered over the protocol, in every revision of it. */
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type Tool as ProtocolTool,
} from "npm:@modelcontextprotocol/server@2.4.0";
import { z } from "npm:zod@4.6.7";
import { describeError, LimitError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Tool, ToolResult } from "../tools/types.ts";
import { callTool } from "./call.ts";
import { createProgressReporter } from "./progress.ts";

/** What a server is made of. */
export interface ServerOptions {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly Tool[];
  /** For the model, at every start: two sentences at most. */
  readonly instructions: string;
  readonly logger: Logger;
  /** Calls of one connection that may run at the same time; 64 by default. */
  readonly maxCalls?: number;
  /** Least time between two progress notifications of one call, in milliseconds; 1000 by default. */
  readonly progressIntervalMs?: number;
}

/** Makes the protocol side of one connection; tools are shared by all of them. */
export type ServerFactory = () => Server;

/**
 * A factory of MCP servers over the given tools: one for each connection, since a connection is
 * bound to the revision that its client opened it with.
 *
 * Arguments that do not fit and tools that fail are answered as tool errors, which the model sees;
 * a tool that does not exist, as a protocol error. When a request is cancelled or its connection
 * closes, the call's signal aborts and nothing more is sent for it.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/server/tools}
 */
export function createServer(options: ServerOptions): ServerFactory {
  const { name, version, instructions, logger, maxCalls = 64, progressIntervalMs = 1000 } = options;
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  const listing = once(() => options.tools.map(describeTool));

  return () => {
    // `Server` and not `McpServer`: what is wrong with arguments is said in our own words, and
    // only the capabilities that exist are advertised.
    const server = new Server({ name, version }, {
      capabilities: { tools: {} },
      instructions,
    });
    const connection = new AbortController();
    let running = 0;

    server.onclose = () => connection.abort();
    server.onerror = (error) => logger.warn("protocol error", { error: error.message });
    server.setRequestHandler("tools/list", () => ({ tools: listing() }));
    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const tool = tools.get(params.name);
      if (!tool) throw unknownTool(params.name, [...tools.keys()]);
      if (running >= maxCalls) return content(tooManyCalls(tool.name, maxCalls));

      const progressToken = mcpReq._meta?.progressToken;
      const progress = createProgressReporter(
        (update) =>
          mcpReq.notify({
            method: "notifications/progress",
            params: { progressToken: progressToken ?? mcpReq.id, ...update },
          }),
        progressIntervalMs,
      );
      running++;
      try {
        const result = await callTool(tool, params.arguments, {
          // The SDK forgets a request whose id is used again; the connection's own signal does not.
          signal: AbortSignal.any([mcpReq.signal, connection.signal]),
          ...(progressToken !== undefined && { onProgress: progress.report }),
        }, logger);
        return content(result);
      } finally {
        running--;
        progress.stop();
      }
    });
    return server;
  };
}

/** A tool as `tools/list` shows it. */
export function describeTool(tool: Tool): ProtocolTool {
  // `$schema` is left out: 2020-12 is what the protocol assumes, and each byte is paid for.
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: "input" });
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: { ...schema, type: "object" } as ProtocolTool["inputSchema"],
    annotations: tool.annotations,
  };
}

function content({ text, isError }: ToolResult) {
  return {
    content: text.map((text) => ({ type: "text" as const, text })),
    ...(isError && { isError }),
  };
}

function unknownTool(name: string, known: readonly string[]): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Cannot call tool "${name.slice(0, 100)}": there is no such tool; there ${
      known.length === 1 ? "is" : "are"
    } ${known.join(", ") || "none"}`,
  );
}

function tooManyCalls(tool: string, limit: number): ToolResult {
  const error = new LimitError(
    `Cannot run "${tool}": ${limit} calls of this client are running already`,
    { hint: "Wait for some of them to end, or cancel them." },
  );
  return { text: [describeError(error)], isError: true };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
