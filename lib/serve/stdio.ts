/** `kubecode` without a command: the MCP server on standard input and output. */
import type { App } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { openMcpServer, warnOfIdleRules } from "./mcp_server.ts";

/** Serves one MCP client until it goes. @returns the exit code */
export async function serve(app: App, signal: AbortSignal): Promise<number> {
  const { clusterIdentity = "own" } = app.settings;
  if (clusterIdentity !== "own") {
    throw new ConfigError(
      `Cannot use --cluster-identity ${clusterIdentity} on standard input: nobody proves who they are`,
      { hint: "Serve over HTTP (--transport streamable-http), or leave it out." },
    );
  }
  const [{ serveStdio }, { standardOutput }, mcp] = await Promise.all([
    import("../transport/stdio.ts"),
    import("../transport/standard_output.ts"),
    openMcpServer(app),
  ]);
  if (Deno.stdin.isTerminal()) {
    console.error("kubecode waits for an MCP client on standard input; see kubecode --help.");
  }
  const served = serveStdio({
    server: mcp.server,
    input: Deno.stdin.readable,
    output: standardOutput(),
    signal,
    logger: app.logger,
  });
  void warnOfIdleRules(app, false);
  await served;
  await mcp.close();
  return EXIT.ok;
}
