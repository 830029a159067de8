/** The MCP server of one tenant, put together: its tools, resources, prompts and limits. */
import type { App } from "../app.ts";
import { describeError } from "../errors.ts";
import type { Prompts } from "../prompts/prompts.ts";
import type { ServerFactory, ServerOptions } from "../server/server.ts";
import type { Tool } from "../tools/types.ts";
import { VERSION } from "../version.ts";

/** A server, and what it has opened. */
export interface McpServer {
  readonly server: ServerFactory;
  /** Whether a call may have a question for a person. */
  readonly mayAsk: () => boolean;
  close(): Promise<void>;
}

/** What a transport wants of the server besides. */
export type TransportOptions = Pick<
  ServerOptions,
  "oneSession" | "cacheHints" | "plans" | "maxCalls" | "around"
>;

/** Makes the server of a tenant. Nothing is started before the first call. */
export async function openMcpServer(
  app: App,
  transport: TransportOptions = {},
): Promise<McpServer> {
  const [
    { createServer },
    { instructionsFor, toolsOf },
    { clusterResources },
    { mayAsk },
    { rateLimitsOf },
  ] = await Promise.all([
    import("../server/server.ts"),
    import("../tools/tool_sets.ts"),
    import("../tools/mcp_resources/cluster_resources.ts"),
    import("../policy/decide.ts"),
    import("../config/rate_limits.ts"),
  ]);
  const { toolsets } = app.settings;
  const cli = toolsets.includes("cli")
    ? await (await import("../cli_set.ts")).openCliSet(app)
    : undefined;
  const tools = toolsOf(toolsets, { ...app, ...(cli ? { cli: cli.tools } : {}) }, {
    readOnly: app.policy().mode === "read-only",
    contexts: app.allowedContexts.length > 0,
    version: VERSION,
    maxReplicas: app.settings.maxReplicas,
  });
  const policyAsks = () => mayAsk(app.policy());
  const server = createServer({
    name: "kubecode",
    version: VERSION,
    tools,
    // Only with the set `resources`: the gate of the set `guarded` does not check them.
    ...(toolsets.includes("resources")
      ? {
        resources: {
          resources: clusterResources({ advertise: app.settings.serveResources }),
          brokers: app.brokers,
        },
      }
      : {}),
    ...(app.settings.servePrompts
      ? { prompts: { load: promptsOf(app, tools), brokers: app.brokers } }
      : {}),
    instructions: instructionsFor(toolsets),
    approvals: policyAsks,
    rateLimits: rateLimitsOf(app.settings, app.config),
    audit: app.audit,
    place: app.auditPlace,
    notices: app.notices,
    logger: app.logger,
    ...transport,
  });
  return {
    server,
    mayAsk: () => policyAsks() || tools.some(({ asks }) => asks === true),
    close: async () => await cli?.close(),
  };
}

/** The prompts for some tools, made when they are first asked for: most sessions use none. */
function promptsOf(app: App, tools: readonly Tool[]): () => Promise<Prompts> {
  const { mode } = app.policy();
  const make = async () => {
    const { createPrompts } = await import("../prompts/prompts.ts");
    return createPrompts({
      tools: tools.filter(({ listed }) => listed !== false).map(({ name }) => name),
      mode,
      contexts: app.allowedContexts.length > 0,
      namespace: app.settings.namespace,
    });
  };
  let made: Promise<Prompts> | undefined;
  return () => made ??= make();
}

/** A cluster that was named and is not there: the server goes on, since it may come. */
export async function warnOfMissingCluster(
  { requireNamed, logger }: Pick<App, "requireNamed" | "logger">,
): Promise<void> {
  await requireNamed().catch((error) => logger.warn(describeError(error).replaceAll("\n", ". ")));
}

/** A rule that changes nothing is a mistake that nobody would notice. */
export async function warnOfIdleRules(
  { wholePolicy, contextNames, logger }: Pick<App, "wholePolicy" | "contextNames" | "logger">,
  hasCallers: boolean,
): Promise<void> {
  const [{ idleRules }, names] = await Promise.all([
    import("../policy/idle_rules.ts"),
    contextNames(),
  ]);
  for (const idle of idleRules(wholePolicy(), names, { hasCallers })) logger.warn(idle);
}
