/**
 * Variables that a server needs in a client that was not started from a shell. Such a client has
 * neither KUBECONFIG nor what the shell's profile adds to PATH, so that the exec plugins of a
 * kubeconfig are not found. Pure but for lookups.
 */
import { dirname, isAbsolute, resolve } from "node:path";
import type { Folders } from "./folders.ts";

/** PATH of programs that launchd starts: the Dock, the Finder. */
const LAUNCHD_PATH: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** PATH of a session on Linux, without what its distribution or its user adds. */
const SESSION_PATH: readonly string[] = ["/usr/local/sbin", "/usr/local/bin", ...LAUNCHD_PATH];

/** What is known of what the server will start. */
export interface Needs {
  /** Programs that it starts by name: exec plugins, `kubectl` for the tool set cli, `npx`. */
  readonly programs: readonly string[];
  /** The kubeconfig is named by a flag. */
  readonly kubeconfigGiven: boolean;
  /** The variables of its settings, with absolute paths. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where a program is. */
  onPath(program: string): string | undefined;
}

/**
 * The variables to write into an entry.
 *
 * @param keepsEnvironment the client gives its servers the environment of its shell
 */
export function environmentFor(
  keepsEnvironment: boolean,
  folders: Folders,
  { programs, kubeconfigGiven, settings, onPath }: Needs,
): Record<string, string> {
  if (keepsEnvironment) return {};
  const { env, windows } = folders;
  const variables: Record<string, string> = { ...settings };
  const kubeconfig = env("KUBECONFIG");
  if (kubeconfig && !kubeconfigGiven) {
    const separator = windows ? ";" : ":";
    variables.KUBECONFIG = kubeconfig.split(separator)
      .map((path) => path === "" || isAbsolute(path) ? path : resolve(path)).join(separator);
  }
  const path = windows ? undefined : pathFor(programs.map(onPath), folders);
  if (path !== undefined) variables.PATH = path;
  return variables;
}

/** PATH with the folders of these programs in front; undefined where they are found without it. */
function pathFor(
  programs: readonly (string | undefined)[],
  { env, home, mac }: Folders,
): string | undefined {
  const usual = mac ? LAUNCHD_PATH : SESSION_PATH;
  const found = programs.filter((path) => path !== undefined);
  const folders = new Set(found.map((path) => dirname(path)));
  for (const folder of usual) folders.delete(folder);
  if (folders.size === 0) return undefined;
  // Sessions on Linux often have these too, and what is written replaces theirs.
  const shell = (env("PATH") ?? "").split(":");
  const often = mac ? [] : [`${home}/.local/bin`, `${home}/bin`, "/snap/bin"];
  for (const folder of often) if (shell.includes(folder)) folders.add(folder);
  return [...folders, ...usual].join(":");
}
