/** The credentials of one user of a kubeconfig, with certificates read and exec plugins checked. */
import { readBoundedText } from "./bounded_file.ts";
import { ConfigError } from "../../errors.ts";
import type { Credentials, ExecPlugin, Impersonation } from "../types.ts";
import {
  certificateFault,
  certificateInfo,
  inDirectory,
  keyFault,
  type PemOptions,
  privateKeyOf,
  readableCertificates,
  readPem,
  unusable,
} from "./certificates.ts";
import { readOidc } from "./oidc_login.ts";
import type { KubeconfigExec, KubeconfigUser } from "./parse.ts";

/** How credentials are read. */
export interface CredentialsOptions extends PemOptions {
  /** The clock that certificates are checked against; the system's by default. */
  readonly now?: () => Date;
}

/**
 * Precedence as in client-go: a token file over a token; an exec plugin only where nothing else is.
 *
 * @throws {ConfigError} credentials that cannot be used, or are of a kind that is gone
 */
export async function readCredentials(
  user: KubeconfigUser,
  name: string,
  options: CredentialsOptions,
): Promise<Credentials> {
  const basic = user.username !== undefined || user.password !== undefined;
  if (basic && user.token !== undefined) {
    throw new ConfigError(`Cannot use the user "${name}": it has both a token and a password`, {
      hint: "Keep one of the two.",
    });
  }
  const bearer: Credentials["bearer"] = user.tokenFile !== undefined
    ? await tokenSource(user, user.tokenFile, options)
    : user.token !== undefined
    ? { kind: "token", token: user.token }
    : basic
    ? { kind: "basic", username: user.username ?? "", password: user.password ?? "" }
    : undefined;
  const clientCertificate = await readClientCertificate(user, name, bearer !== undefined, options);
  if (bearer || clientCertificate) return { bearer, clientCertificate };
  if (user.exec) {
    return { bearer: { kind: "exec", exec: readExec(user.exec, user, name) } };
  }
  if (user.authProvider === "oidc") return { bearer: await readOidc(user, name, options) };
  if (user.authProvider !== undefined) throw authProviderGone(name, user.authProvider);
  return {};
}

/** The file; the token beside it only while the file cannot be read. */
async function tokenSource(
  user: KubeconfigUser,
  file: string,
  options: CredentialsOptions,
): Promise<Credentials["bearer"]> {
  const path = inDirectory(user.directory, file);
  if (user.token !== undefined) {
    const text = await readBoundedText(path, options.signal).catch(() => "");
    options.signal?.throwIfAborted();
    if (text.trim() === "") return { kind: "token", token: user.token };
  }
  return { kind: "file", path };
}

async function readClientCertificate(
  user: KubeconfigUser,
  name: string,
  hasBearer: boolean,
  options: CredentialsOptions,
): Promise<Credentials["clientCertificate"]> {
  const certPlace = `client certificate of user "${name}"`;
  const keyPlace = `client key of user "${name}"`;
  const { directory } = user;
  const cert = await readPem(
    directory,
    user.clientCertificateData,
    user.clientCertificate,
    certPlace,
    options,
  );
  if (cert === undefined) return undefined;
  const keyPem = await readPem(directory, user.clientKeyData, user.clientKey, keyPlace, options);
  if (keyPem === undefined) {
    throw new ConfigError(`Cannot use the ${certPlace}: there is no client key beside it`, {
      hint: "Add client-key or client-key-data to the user.",
    });
  }
  const certFault = certificateFault(cert);
  if (certFault) throw unusable(certPlace, user.clientCertificate, certFault);
  const key = privateKeyOf(keyPem);
  const fault = keyFault(cert, key);
  if (fault) throw unusable(keyPlace, user.clientKey, fault);
  const { notAfter, notBefore } = certificateInfo(cert)!;
  const now = options.now?.() ?? new Date();
  // A token beside an expired certificate still authenticates: the server then passes over the
  // certificate.
  if (now > notAfter && !hasBearer) {
    throw unusable(certPlace, user.clientCertificate, `it expired on ${seconds(notAfter)}`);
  }
  if (now < notBefore && !hasBearer) {
    throw unusable(
      certPlace,
      user.clientCertificate,
      `it is not valid before ${seconds(notBefore)}; this machine's clock says ${seconds(now)}`,
    );
  }
  return { cert: readableCertificates(cert), key };
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

const EXEC_VERSIONS = ["v1", "v1beta1"].map((version) => `client.authentication.k8s.io/${version}`);

/**
 * The exec plugin of a user, checked.
 *
 * @throws {ConfigError} no command, an API version that is gone, a plugin that needs a terminal
 */
function readExec(exec: KubeconfigExec, user: KubeconfigUser, name: string): ExecPlugin {
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

function authProviderGone(user: string, provider: string): ConfigError {
  const replacements: Readonly<Record<string, string>> = {
    gcp: "gke-gcloud-auth-plugin (gcloud container clusters get-credentials writes it)",
    azure: "kubelogin (kubelogin convert-kubeconfig writes it)",
  };
  return new ConfigError(
    `Cannot use the user "${user}": its auth-provider "${provider}" is no longer supported`,
    {
      hint: `Use an exec plugin instead: ${
        replacements[provider] ?? "ask whoever runs the cluster which one"
      }.`,
    },
  );
}
