/**
 * How another program starts this one, in words that stay right when it is upgraded: no path of a
 * single version. Pure but for what it is handed.
 */
import { type InstalledAs, installedAs, type RunningProgram } from "./kind.ts";

/** A command and its first arguments. */
export interface StartCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Programs that must be on PATH for it. */
  readonly needs: readonly string[];
}

/** What is looked up on the machine. */
export interface Machine {
  readonly windows: boolean;
  /** Absolute path of a program on PATH, as it is named there: symbolic links are kept. */
  onPath(program: string): string | undefined;
  /** A path without symbolic links; undefined where there is no such file. */
  realPath(path: string): string | undefined;
  /** The version of the runtime. */
  readonly deno: string;
}

/**
 * The command that starts this program.
 *
 * @param options `permissions`: flags of `deno run` for a module that is no binary
 */
export function startCommand(
  program: RunningProgram,
  machine: Machine,
  { permissions }: { readonly permissions: readonly string[] },
): StartCommand {
  const kind = installedAs(program);
  if (kind === "npm") return installedByNpm(program, machine) ?? npx(["-y", "kubecode"], machine);
  if (program.standalone) {
    return { command: stablePath(program, kind, machine), args: [], needs: [] };
  }
  const { mainModule } = program;
  const main = mainModule.startsWith("file:") ? pathOf(mainModule, machine.windows) : mainModule;
  const args = ["run", ...permissions, main];
  // Where `npx deno` runs it, the runtime lies in npm's cache, which comes and goes.
  if (/[\\/]node_modules[\\/]/.test(program.execPath)) {
    return npx(["-y", `deno@${machine.deno}`, ...args], machine);
  }
  return { command: sameOnPath(["deno"], program, machine) ?? program.execPath, args, needs: [] };
}

/**
 * The launcher of a global installation. Assistants start servers in the folder of a project, where
 * npx runs a package of the project's own that has the name.
 */
function installedByNpm(
  { execPath }: RunningProgram,
  { windows, onPath, realPath }: Machine,
): StartCommand | undefined {
  const path = windows ? undefined : onPath("kubecode");
  // npx puts its cache onto PATH, managers of node versions a folder for each.
  if (path === undefined || /\/node_modules\/|\/v?\d+\.\d+\.\d+\//.test(path)) return undefined;
  const [modules] = /^.*?\/node_modules\//.exec(execPath) ?? [];
  const leadsThere = modules !== undefined && realPath(path)?.startsWith(`${modules}kubecode/`);
  return leadsThere ? { command: path, args: [], needs: ["node"] } : undefined;
}

/** By its name: the shell of the client finds it, and on Windows a shell must start it. */
function npx(args: readonly string[], { windows }: Machine): StartCommand {
  return windows
    ? { command: "cmd", args: ["/c", "npx", ...args], needs: ["npx"] }
    : { command: "npx", args, needs: ["npx"] };
}

function stablePath(program: RunningProgram, kind: InstalledAs, machine: Machine): string {
  const { execPath } = program;
  const named = sameOnPath(["kubecode", "kubectl-code"], program, machine);
  if (named !== undefined) return named;
  if (kind === "Homebrew") return execPath.replace(/\/Cellar\/([^/]+)\/[^/]+\//, "/opt/$1/");
  if (kind === "krew") {
    return execPath.replace(
      /([\\/])store[\\/]code[\\/]v[^\\/]+[\\/].*?(\.exe)?$/,
      "$1bin$1kubectl-code$2",
    );
  }
  return execPath;
}

/** A name on PATH that leads to the running executable; it still does after an upgrade. */
function sameOnPath(
  names: readonly string[],
  { execPath }: RunningProgram,
  { onPath, realPath }: Machine,
): string | undefined {
  const own = realPath(execPath) ?? execPath;
  return names.map(onPath).find((path) => path !== undefined && realPath(path) === own);
}

function pathOf(url: string, windows: boolean): string {
  const path = decodeURIComponent(new URL(url).pathname);
  return windows ? path.replace(/^\/(?=[A-Za-z]:)/, "").replaceAll("/", "\\") : path;
}
