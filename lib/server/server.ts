/** The MCP server: tools offered over the protocol, in every revision of it. */
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerOptions as SdkServerOptions,
  type Tool as ProtocolTool,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { type Audit, type AuditPlace, NO_AUDIT } from "../audit.ts";
import type { Logger } from "../log.ts";
import type { RateLimits } from "../policy/rate_limit.ts";
import { once } from "../std/async.ts";
import { createNotices, type Notices } from "../std/notices.ts";
import type { Tool } from "../tools/types.ts";
import { createApprovals } from "./approval.ts";
import { serveCompletion } from "./completion.ts";
import { type ResourceOptions, serveResources } from "./mcp_resources.ts";
import type { PendingPlans } from "./pending_plans.ts";
import { type PromptOptions, servePrompts } from "./prompts.ts";
import { createAnswer } from "./requests.ts";
import { type AroundCall, callHandler, createSession, traceparentOf } from "./tool_calls.ts";

/** What a server is made of. */
export interface ServerOptions {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly Tool[];
  /** The cluster's objects under URIs; left out there are none. */
  readonly resources?: ResourceOptions;
  /** Texts for common tasks; left out there are none. */
  readonly prompts?: PromptOptions;
  /** Whether the policy may want a person's yes to a change; never by default. */
  readonly approvals?: () => boolean;
  /** Where plans are that wait for a person; in memory if left out. */
  readonly plans?: PendingPlans | undefined;
  /** Calls of one session in a minute; without it there is no limit. */
  readonly rateLimits?: RateLimits | undefined;
  /**
   * All connections are one session, with its limits and its children: over HTTP each request is a
   * connection. Otherwise each is one of its own.
   */
  readonly oneSession?: boolean;
  /** How long clients may keep what does not change, and for whom (revision 2026-07-28). */
  readonly cacheHints?: SdkServerOptions["cacheHints"];
  /** Where each call is written down. */
  readonly audit?: Audit;
  /** The cluster that calls are for and as whom, as far as that is known; for the audit. */
  readonly place?: () => AuditPlace;
  /** What a person should see while a call runs; it is part of its progress, and of its failure. */
  readonly notices?: Pick<Notices, "follow">;
  /** For the model, at every start: two sentences at most. */
  readonly instructions: string;
  readonly logger: Logger;
  /** Calls of one session that may run at the same time; 64 by default. */
  readonly maxCalls?: number;
  /** Is put round each call of a tool that there is. */
  readonly around?: AroundCall;
  /** Least time between two progress notifications of one call, in milliseconds; 1000 by default. */
  readonly progressIntervalMs?: number;
}

/** The answers to questions about what the server does not have. */
const NOTHING: Readonly<Record<string, Readonly<Record<string, readonly never[]>>>> = {
  "prompts/list": { prompts: [] },
  "resources/list": { resources: [] },
  "resources/templates/list": { resourceTemplates: [] },
};

/** Makes the protocol side of one connection; tools are shared by all of them. */
export type ServerFactory = (context?: ConnectionContext) => Server;

/** What is known of a connection before it is made. */
export interface ConnectionContext {
  /** The request, where each is a connection of its own. */
  readonly requestInfo?: { readonly headers: Headers };
}

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
  const { name, version, instructions, logger, resources, prompts, rateLimits } = options;
  const newSession = () => createSession(rateLimits);
  const onlySession = options.oneSession ? newSession() : undefined;
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  const approvals = createApprovals({
    needed: options.approvals ?? (() => false),
    plans: options.plans,
  });
  const listing = once(() =>
    options.tools.filter(({ listed }) => listed !== false).map(describeTool)
  );

  return (context) => {
    // `Server` and not `McpServer`: what is wrong with arguments is said in our own words, and
    // only the capabilities that exist are advertised.
    const server = new Server({ name, version }, {
      capabilities: {
        tools: {},
        ...(resources ? { resources: {} } : {}),
        ...(prompts ? { prompts: {} } : {}),
        ...(resources || prompts ? { completions: {} } : {}),
      },
      instructions,
      requestState: { verify: approvals.verify },
      ...(options.cacheHints ? { cacheHints: options.cacheHints } : {}),
    });
    const closed = new AbortController();
    const session = onlySession ?? newSession();

    server.onclose = () => closed.abort();
    server.onerror = (error) => logger.warn("protocol error", { error: error.message });
    const answer = createAnswer(server, {
      session: session.id,
      signal: closed.signal,
      take: (method) => session.limiter?.take(method, "read"),
      logger,
    });
    if (resources) serveResources(server, resources, answer);
    if (prompts) servePrompts(server, prompts, answer);
    serveCompletion(server, { resources, prompts }, answer);
    // Hosts that ask for prompts and resources without looking whether there are any get none, and
    // no error to show to a person; what is advertised stays what there is.
    // Over HTTP a method that nobody knows has to be found out before it is handled: 404.
    const asked = context?.requestInfo?.headers.get("mcp-method") ?? undefined;
    if (asked === undefined || Object.hasOwn(NOTHING, asked)) {
      server.fallbackRequestHandler = ({ method }) => {
        const nothing = Object.hasOwn(NOTHING, method) ? NOTHING[method] : undefined;
        if (nothing) return Promise.resolve(nothing);
        return Promise.reject(
          new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found"),
        );
      };
    }
    server.setRequestHandler("tools/list", () => ({ tools: listing() }));
    const answerCall = callHandler({
      tools,
      approvals,
      server,
      session,
      signal: closed.signal,
      logger,
      audit: options.audit ?? NO_AUDIT,
      place: options.place ?? (() => ({})),
      notices: options.notices ?? createNotices(),
      maxCalls: options.maxCalls ?? 64,
      progressIntervalMs: options.progressIntervalMs ?? 1000,
    });
    const { around = (_, run) => run() } = options;
    server.setRequestHandler("tools/call", ({ params }, context) => {
      const run = () => answerCall(params, context);
      if (!tools.has(params.name)) return run();
      return around({ tool: params.name, traceparent: traceparentOf(context) }, run);
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
