/** `kubecode` without a command: the MCP server on standard input and output. */
import type { App } from "./app.ts";
import { EXIT } from "./exit.ts";
import type { Prompts } from "./prompts/prompts.ts";
import type { Tool } from "./tools/types.ts";
import { VERSION } from "./version.ts";

/** Serves one MCP client until it goes. @returns the exit code */
export async function serve(app: App, signal: AbortSignal): Promise<number> {
  const [
    { createServer },
    { serveStdio },
    { standardOutput },
    { instructionsFor, toolsOf },
    { clusterResources },
    { mayAsk },
    { rateLimitsOf },
  ] = await Promise.all([
    import("./server/server.ts"),
    import("./transport/stdio.ts"),
    import("./transport/standard_output.ts"),
    import("./tools/tool_sets.ts"),
    import("./tools/mcp_resources/cluster_resources.ts"),
    import("./policy/decide.ts"),
    import("./config/rate_limits.ts"),
  ]);
  if (Deno.stdin.isTerminal()) {
    console.error("kubecode waits for an MCP client on standard input; see kubecode --help.");
  }
  const { toolsets } = app.settings;
  const cli = toolsets.includes("cli")
    ? await (await import("./cli_set.ts")).openCliSet(app)
    : undefined;
  const tools = toolsOf(toolsets, { ...app, ...(cli ? { cli: cli.tools } : {}) }, {
    readOnly: app.policy().mode === "read-only",
    contexts: app.allowedContexts.length > 0,
    version: VERSION,
    maxReplicas: app.settings.maxReplicas,
  });
  const served = serveStdio({
    server: createServer({
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
      approvals: () => mayAsk(app.policy()),
      rateLimits: rateLimitsOf(app.settings, app.config),
      audit: app.audit,
      place: app.auditPlace,
      notices: app.notices,
      logger: app.logger,
    }),
    input: Deno.stdin.readable,
    output: standardOutput(),
    signal,
    logger: app.logger,
  });
  void warnOfIdleRules(app);
  await served;
  await cli?.close();
  return EXIT.ok;
}

/** The prompts for some tools, made when they are first asked for: most sessions use none. */
function promptsOf(app: App, tools: readonly Tool[]): () => Promise<Prompts> {
  const { mode } = app.policy();
  const make = async () => {
    const { createPrompts } = await import("./prompts/prompts.ts");
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

/** A rule that changes nothing is a mistake that nobody would notice. */
async function warnOfIdleRules({ policy, contextNames, logger }: App): Promise<void> {
  const [{ idleRules }, names] = await Promise.all([
    import("./policy/idle_rules.ts"),
    contextNames(),
  ]);
  for (const idle of idleRules(policy(), names)) logger.warn(idle);
}
