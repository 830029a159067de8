/** `kubecode` without a command: the MCP server on standard input and output. */
import type { App } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { calledAs } from "../installed/program.ts";
import { openMcpServer, warnOfIdleRules, warnOfMissingCluster } from "./mcp_server.ts";

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
  if (Deno.stdin.isTerminal()) tellPerson();
  const served = serveStdio({
    server: mcp.server,
    input: Deno.stdin.readable,
    output: standardOutput(),
    signal,
    logger: app.logger,
  });
  void warnOfMissingCluster(app);
  void warnOfIdleRules(app, false);
  await served;
  await mcp.close();
  return EXIT.ok;
}

/** A person who starts the server by hand would take it for hanging. */
function tellPerson(): void {
  const name = calledAs();
  console.error(
    `This is an MCP server: it waits for a client on standard input, and Ctrl-C ends it.\n` +
      `To add it to your assistants, run "${name} install"; for a look around, "${name} demo".`,
  );
}
