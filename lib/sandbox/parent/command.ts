/** How a sandbox child is started: the program starts itself, in whatever form it runs. */
import { existsSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import type { ChildCommand } from "./child.ts";

/** One kind of child: its hidden command, and from source its own entry and what that needs. */
interface ChildKind {
  readonly command: string;
  readonly entry: URL;
  /** Made by `deno task generate`. */
  readonly generated: URL;
}

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

/** The kinds of children. */
export const CHILDREN = {
  /** Evaluates scripts. */
  script: {
    command: "sandbox-child",
    entry: at("eval/child/child_main.ts"),
    generated: at("eval/child/sandbox.generated.ts"),
  },
  /** Runs command lines. */
  shell: {
    command: "shell-child",
    entry: at("shell/child/child_main.ts"),
    generated: at("shell/child/shell.generated.ts"),
  },
} as const satisfies Record<string, ChildKind>;

/** Where Deno keeps modules; a child that runs from source needs it to find its own. */
const CACHE_VARIABLES = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"];
/** Without it Windows does not find libraries of its own, of its sockets above all. */
const SYSTEM_VARIABLES = Deno.build.os === "windows" ? ["SystemRoot"] : [];

/** The program, arguments and environment of a sandbox child. */
export function childCommand(kind: keyof typeof CHILDREN): ChildCommand {
  const { command, entry, generated } = CHILDREN[kind];
  if (Deno.build.standalone) {
    return { program: Deno.execPath(), args: [command], env: variables(SYSTEM_VARIABLES) };
  }
  const env = {
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    ...variables([...CACHE_VARIABLES, ...SYSTEM_VARIABLES]),
  };
  const flags = ["--quiet", "--no-prompt", "--cached-only", "--no-check"];
  // One bundled module starts itself; from source the child loads nothing but its own part.
  const isSource = import.meta.url.endsWith(".ts");
  if (isSource) requireGenerated(generated);
  const words = isSource ? [entry.href] : [import.meta.url, command];
  return {
    program: Deno.execPath(),
    args: ["run", ...flags, "--unstable-worker-options", ...words],
    env,
  };
}

/** Those of this process's variables that are set. */
function variables(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = Deno.env.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** @throws {ConfigError} the sandbox has not been built in this checkout */
function requireGenerated(file: URL): void {
  if (existsSync(file)) return;
  throw new ConfigError("Cannot start the sandbox: it is not built in this checkout", {
    hint: "Run deno task generate once, or start kubecode by deno task kubecode.",
  });
}
