/** The parts of a kubeconfig's user that need no files: exec plugin and impersonation. */
import { ConfigError } from "../../errors.ts";
import type { KubeconfigExec, KubeconfigUser } from "./parse.ts";
import type { ExecPlugin, Impersonation } from "../types.ts";

const EXEC_VERSIONS = ["v1", "v1beta1"].map((version) => `client.authentication.k8s.io/${version}`);

/**
 * The exec plugin of a user, checked.
 *
 * @throws {ConfigError} no command, an API version that is gone, a plugin that needs a terminal
 */
export function readExec(exec: KubeconfigExec, user: KubeconfigUser, name: string): ExecPlugin {
  const refuse = (state: string, hint: string): never => {
    throw new ConfigError(`Cannot use the exec plugin of user "${name}": ${state}`, { hint });
  };
  const command = exec.command ??
    refuse("it has no command", "Add exec.command to the user in the kubeconfig.");
  const apiVersion = exec.apiVersion ??
    refuse("it has no apiVersion", `Use ${EXEC_VERSIONS.join(" or ")}.`);
  if (!EXEC_VERSIONS.includes(apiVersion)) {
    refuse(
      `its apiVersion "${apiVersion}" is not supported`,
      `Use ${EXEC_VERSIONS.join(" or ")}; a current version of the plugin writes it.`,
    );
  }
  if (exec.interactiveMode === "Always") {
    refuse(
      "its interactiveMode is Always, and there is no terminal here",
      "Log in with the plugin's own command first, and set interactiveMode to IfAvailable.",
    );
  }
  return {
    apiVersion,
    command,
    args: exec.args,
    env: exec.env,
    installHint: exec.installHint,
    provideClusterInfo: exec.provideClusterInfo,
    directory: user.directory,
  };
}

/**
 * Whom the requests act as; undefined for the user itself.
 *
 * @throws {ConfigError} groups, uid or extra fields without a user to go with them
 */
export function readImpersonation(user: KubeconfigUser, name: string): Impersonation | undefined {
  const { as, asUid, asGroups, asUserExtra } = user;
  if (as !== undefined) return { user: as, uid: asUid, groups: asGroups, extra: asUserExtra };
  if (asUid !== undefined || asGroups.length > 0 || Object.keys(asUserExtra).length > 0) {
    throw new ConfigError(
      `Cannot use the user "${name}": it has as-uid, as-groups or as-user-extra without as`,
      { hint: "Add as, the user to act as." },
    );
  }
  return undefined;
}
