/** The parts of a kubeconfig's user that need no files: exec plugin, impersonation, description. */
import { dirname, isAbsolute, join, normalize } from "node:path";
import { ConfigError } from "../../errors.ts";
import { certificateInfo } from "./certificates.ts";
import type { KubeconfigExec, KubeconfigUser } from "./parse.ts";
import type { ClusterAccess, ExecPlugin, Impersonation } from "../types.ts";

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

/** The program to run: a path with a separator is relative to the kubeconfig, a name to PATH. */
export function execProgram(exec: ExecPlugin): string {
  const isPath = dirname(exec.command) !== "." || /^\.[/\\]/.test(exec.command);
  if (!isPath || isAbsolute(exec.command) || exec.directory === undefined) return exec.command;
  return normalize(join(exec.directory, exec.command));
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

/**
 * How requests are authenticated, in one phrase and without secrets: `client certificate CN=admin,
 * expires 2027-01-31`, `token`, `exec plugin aws`.
 */
export function describeCredentials(access: ClusterAccess): string {
  const { clientCertificate, bearer } = access.credentials;
  const parts: string[] = [];
  if (clientCertificate) {
    const info = certificateInfo(clientCertificate.cert);
    const subject = info?.commonName ? ` CN=${info.commonName}` : "";
    const expiry = info ? `, expires ${info.notAfter.toISOString().slice(0, 10)}` : "";
    parts.push(`client certificate${subject}${expiry}`);
  }
  if (bearer?.kind === "token") parts.push("token");
  if (bearer?.kind === "file") parts.push(`token file ${bearer.path}`);
  if (bearer?.kind === "basic") parts.push(`password of ${JSON.stringify(bearer.username)}`);
  if (bearer?.kind === "exec") parts.push(`exec plugin ${bearer.exec.command}`);
  const how = parts.length > 0
    ? parts.join(" and ")
    : access.server.startsWith("https:")
    ? "no credentials"
    : "no credentials (none are sent without TLS)";
  return access.impersonate ? `${how}, acting as "${access.impersonate.user}"` : how;
}
