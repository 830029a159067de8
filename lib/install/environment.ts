/**
 * Variables that a server needs in a client that was not started from a shell. Such a client has
 * neither KUBECONFIG nor, on macOS, the PATH of the shell (launchd gives it `/usr/bin:/bin:
 * /usr/sbin:/sbin`), so that the exec plugins of a kubeconfig are not found. Pure but for lookups.
 */
import { dirname, isAbsolute, resolve } from "node:path";
import type { Folders } from "./folders.ts";

/** PATH of programs that launchd starts: the Dock, the Finder. */
const LAUNCHD_PATH: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** What is known of what the server will start. */
export interface Needs {
  /** Programs that it starts by name: exec plugins, `kubectl` for the tool set cli, `npx`. */
  readonly programs: readonly string[];
  /** The kubeconfig is named by a flag. */
  readonly kubeconfigGiven: boolean;
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
  { env, mac, windows }: Folders,
  { programs, kubeconfigGiven, onPath }: Needs,
): Record<string, string> {
  const variables: Record<string, string> = {};
  if (keepsEnvironment) return variables;
  const kubeconfig = env("KUBECONFIG");
  if (kubeconfig && !kubeconfigGiven) {
    const separator = windows ? ";" : ":";
    variables.KUBECONFIG = kubeconfig.split(separator)
      .map((path) => path === "" || isAbsolute(path) ? path : resolve(path)).join(separator);
  }
  if (mac) {
    const found = programs.map(onPath).filter((path) => path !== undefined);
    const folders = new Set(found.map((path) => dirname(path)));
    for (const folder of LAUNCHD_PATH) folders.delete(folder);
    if (folders.size > 0) variables.PATH = [...folders, ...LAUNCHD_PATH].join(":");
  }
  return variables;
}
