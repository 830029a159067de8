/** What a program is told of the machine: its own folder, and nothing of ours. Pure. */

/** Where a program looks for the system's own programs, should it be a script. */
const SYSTEM_PATH = "/usr/bin:/bin";

/** The folders of a call, below the call's own. */
export const FOLDERS = {
  home: "home",
  cache: "cache",
  temporary: "tmp",
} as const;

/**
 * The whole environment of a program. All places that kubectl, helm, istioctl and argocd keep things
 * in lie in the call's folder. No proxies: the one server that it talks to is on this machine.
 *
 * @param path the program's file
 * @param folder the call's folder
 * @param kubeconfig the file that names the door
 */
export function programEnvironment(
  path: string,
  folder: string,
  kubeconfig: string,
): Readonly<Record<string, string>> {
  const home = `${folder}/${FOLDERS.home}`;
  const cache = `${folder}/${FOLDERS.cache}`;
  const temporary = `${folder}/${FOLDERS.temporary}`;
  return {
    PATH: `${path.slice(0, path.lastIndexOf("/")) || "/"}:${SYSTEM_PATH}`,
    HOME: home,
    TMPDIR: temporary,
    XDG_CACHE_HOME: cache,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_DATA_HOME: `${home}/.local/share`,
    XDG_STATE_HOME: `${home}/.local/state`,
    XDG_RUNTIME_DIR: temporary,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: `${cache}/kube`,
    HELM_CACHE_HOME: `${cache}/helm`,
    HELM_CONFIG_HOME: `${home}/.config/helm`,
    HELM_DATA_HOME: `${home}/.local/share/helm`,
    ARGOCD_CONFIG_DIR: `${home}/.config/argocd`,
    TERM: "dumb",
    NO_COLOR: "1",
    LANG: "C.UTF-8",
  };
}
