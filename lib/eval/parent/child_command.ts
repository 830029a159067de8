/** How a sandbox child is started: the program starts itself, in whatever form it runs. */
import { existsSync } from "node:fs";
import { ConfigError } from "../../errors.ts";

/** The hidden command under which the program runs as a sandbox child. */
export const SANDBOX_COMMAND = "sandbox-child";

/** Where Deno keeps modules; a child that runs from source needs it to find its own. */
const CACHE_VARIABLES = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA", "SystemRoot"];

/** The program, arguments and environment of a sandbox child. */
export function sandboxCommand() {
  if (Deno.build.standalone) {
    return { program: Deno.execPath(), args: [SANDBOX_COMMAND], env: {} };
  }
  const env: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of CACHE_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  const flags = ["--quiet", "--no-prompt", "--cached-only", "--no-check"];
  // One bundled module starts itself; from source the child loads nothing but its own part.
  const isSource = import.meta.url.endsWith(".ts");
  const entry = isSource
    ? [new URL("../child/child_main.ts", import.meta.url).href]
    : [import.meta.url, SANDBOX_COMMAND];
  if (isSource) requireGenerated(new URL("../child/sandbox.generated.ts", import.meta.url));
  return {
    program: Deno.execPath(),
    args: ["run", ...flags, "--unstable-worker-options", ...entry],
    env,
  };
}

/** @throws {ConfigError} the sandbox has not been built in this checkout */
function requireGenerated(file: URL): void {
  if (existsSync(file)) return;
  throw new ConfigError("Cannot start the sandbox: it is not built in this checkout", {
    hint: "Run deno task generate once, or start kubecode by deno task kubecode.",
  });
}
