/** From a merged kubeconfig to one cluster, one user, one namespace, with certificates read. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { ConfigError } from "../../errors.ts";
import { certificateFault, certificateInfo, keyFault } from "./certificates.ts";
import { describeFileError } from "../../std/files.ts";
import type { Kubeconfig } from "./load.ts";
import type { KubeconfigCluster, KubeconfigContext, KubeconfigUser } from "./parse.ts";
import { checkNamespace, checkProxy, checkServer, oneOf } from "./checks.ts";
import { readExec, readImpersonation } from "./user.ts";
import type { ClusterAccess, Credentials } from "../types.ts";

/** What takes the place of the kubeconfig's own choice; the names of kubectl's flags. */
export interface AccessChoice {
  readonly context?: string;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly signal?: AbortSignal;
  /** The clock that certificates are checked against; the system's by default. */
  readonly now?: () => Date;
}

/**
 * Settles how one context is reached and reads its certificate files; inline data wins over a file.
 * Credentials are left out for a server without TLS, as by client-go.
 *
 * @throws {ConfigError} unknown context, cluster or user; a server, proxy or namespace that cannot
 * be one; a certificate or key that is unreadable, mismatched or expired; an auth-provider
 */
export async function resolveAccess(
  kubeconfig: Kubeconfig,
  choice: AccessChoice = {},
): Promise<ClusterAccess> {
  const { name: contextName, context } = pickContext(kubeconfig, choice);
  const clusterName = choice.cluster ?? context.cluster;
  if (!clusterName) {
    throw new ConfigError(`Cannot use the context "${contextName}": it names no cluster`, {
      hint: oneOf("cluster", [...kubeconfig.clusters.keys()], ""),
    });
  }
  const cluster = kubeconfig.clusters.get(clusterName) ??
    unknownEntry("cluster", clusterName, contextName, [...kubeconfig.clusters.keys()]);
  const userName = choice.user ?? context.user ?? "";
  // A context without a user is anonymous; one that names a missing user is a mistake.
  const user = userName === "" ? undefined : kubeconfig.users.get(userName) ??
    unknownEntry("user", userName, contextName, [...kubeconfig.users.keys()]);

  const server = checkServer(cluster.server, clusterName);
  const secure = server.startsWith("https:");
  return {
    sources: kubeconfig.sources,
    context: contextName,
    cluster: clusterName,
    user: userName,
    server,
    namespace: checkNamespace(choice.namespace ?? context.namespace ?? "default", contextName),
    tls: secure ? await readTls(cluster, clusterName, choice) : { insecureSkipVerify: false },
    proxyUrl: checkProxy(cluster.proxyUrl, clusterName),
    credentials: secure && user ? await readCredentials(user, userName, choice) : {},
    impersonate: user && readImpersonation(user, userName),
    disableCompression: cluster.disableCompression,
    execConfig: cluster.execConfig,
  };
}

function pickContext(
  kubeconfig: Kubeconfig,
  choice: AccessChoice,
): { name: string; context: KubeconfigContext } {
  const name = choice.context || kubeconfig.currentContext;
  const known = [...kubeconfig.contexts.keys()];
  if (!name) {
    if (choice.cluster) return { name: "", context: {} };
    throw new ConfigError("Cannot choose a context: the kubeconfig has no current-context", {
      hint: oneOf("context", known, "") + " Name one by --context, or set current-context.",
    });
  }
  const context = kubeconfig.contexts.get(name);
  if (context) return { name, context };
  throw new ConfigError(
    `Cannot use the context "${name}": ${
      choice.context ? "the kubeconfig has none of that name" : "current-context names no context"
    }`,
    { hint: oneOf("context", known, name) },
  );
}

function unknownEntry(
  what: "cluster" | "user",
  name: string,
  context: string,
  known: string[],
): never {
  throw new ConfigError(
    `Cannot use the context "${context}": the kubeconfig has no ${what} "${name}"`,
    { hint: oneOf(what, known, name) },
  );
}

async function readTls(
  cluster: KubeconfigCluster,
  name: string,
  choice: AccessChoice,
): Promise<ClusterAccess["tls"]> {
  const place = `certificate authority of cluster "${name}"`;
  const ca = await readPem(
    cluster.directory,
    cluster.certificateAuthorityData,
    cluster.certificateAuthority,
    place,
    choice,
  );
  if (ca !== undefined) {
    const fault = certificateFault(ca);
    if (fault) throw unusable(place, cluster.certificateAuthority, fault);
    if (cluster.insecureSkipTlsVerify) {
      throw new ConfigError(
        `Cannot use the cluster "${name}": it has both a certificate authority and insecure-skip-tls-verify`,
        { hint: "Remove one of the two; insecure-skip-tls-verify gives up all protection." },
      );
    }
  }
  return {
    ca,
    insecureSkipVerify: cluster.insecureSkipTlsVerify,
    serverName: cluster.tlsServerName,
  };
}

/** Precedence as in client-go: a token file over a token; an exec plugin only where nothing else is. */
async function readCredentials(
  user: KubeconfigUser,
  name: string,
  choice: AccessChoice,
): Promise<Credentials> {
  const basic = user.username !== undefined || user.password !== undefined;
  if (basic && user.token !== undefined) {
    throw new ConfigError(`Cannot use the user "${name}": it has both a token and a password`, {
      hint: "Keep one of the two.",
    });
  }
  const bearer: Credentials["bearer"] = user.tokenFile !== undefined
    ? await tokenSource(user, user.tokenFile, choice)
    : user.token !== undefined
    ? { kind: "token", token: user.token }
    : basic
    ? { kind: "basic", username: user.username ?? "", password: user.password ?? "" }
    : undefined;
  const clientCertificate = await readClientCertificate(user, name, bearer !== undefined, choice);
  if (bearer || clientCertificate) return { bearer, clientCertificate };
  if (user.exec) {
    return { bearer: { kind: "exec", exec: readExec(user.exec, user, name) } };
  }
  if (user.authProvider !== undefined) throw authProviderGone(name, user.authProvider);
  return {};
}

/** The file; the token beside it only while the file cannot be read. */
async function tokenSource(
  user: KubeconfigUser,
  file: string,
  choice: AccessChoice,
): Promise<Credentials["bearer"]> {
  const path = inDirectory(user.directory, file);
  if (user.token !== undefined) {
    const text = await readFile(path, { encoding: "utf8", signal: choice.signal }).catch(() => "");
    choice.signal?.throwIfAborted();
    if (text.trim() === "") return { kind: "token", token: user.token };
  }
  return { kind: "file", path };
}

async function readClientCertificate(
  user: KubeconfigUser,
  name: string,
  hasBearer: boolean,
  choice: AccessChoice,
): Promise<Credentials["clientCertificate"]> {
  const certPlace = `client certificate of user "${name}"`;
  const keyPlace = `client key of user "${name}"`;
  const { directory } = user;
  const cert = await readPem(
    directory,
    user.clientCertificateData,
    user.clientCertificate,
    certPlace,
    choice,
  );
  if (cert === undefined) return undefined;
  const key = await readPem(directory, user.clientKeyData, user.clientKey, keyPlace, choice);
  if (key === undefined) {
    throw new ConfigError(`Cannot use the ${certPlace}: there is no client key beside it`, {
      hint: "Add client-key or client-key-data to the user.",
    });
  }
  const certFault = certificateFault(cert);
  if (certFault) throw unusable(certPlace, user.clientCertificate, certFault);
  const fault = keyFault(cert, key);
  if (fault) throw unusable(keyPlace, user.clientKey, fault);
  const { notAfter, notBefore } = certificateInfo(cert)!;
  const now = choice.now?.() ?? new Date();
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
  return { cert, key };
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** PEM text from inline base64 or a file; undefined when neither is given. */
async function readPem(
  directory: string,
  data: string | undefined,
  file: string | undefined,
  place: string,
  { signal }: AccessChoice,
): Promise<string | undefined> {
  if (data !== undefined) {
    const base64 = data.replaceAll(/[\r\n]/g, "");
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
      throw unusable(place, undefined, "its inline data is not base64");
    }
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  }
  if (file === undefined) return undefined;
  const path = inDirectory(directory, file);
  try {
    return await readFile(path, { encoding: "utf8", signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConfigError(`Cannot read the ${place} "${path}": ${describeFileError(error)}`, {
      hint: "Check the path in the kubeconfig; a relative one starts at the kubeconfig's folder.",
      cause: error,
    });
  }
}

function inDirectory(directory: string, file: string): string {
  return isAbsolute(file) ? file : join(directory, file);
}

function unusable(place: string, file: string | undefined, fault: string): ConfigError {
  const expired = fault.includes("expired");
  return new ConfigError(`Cannot use the ${place}${file ? ` ("${file}")` : ""}: ${fault}`, {
    hint: expired
      ? "Log in again, or fetch a new kubeconfig from whoever runs the cluster."
      : "Fetch the kubeconfig again, or mend that entry.",
  });
}

function authProviderGone(user: string, provider: string): ConfigError {
  const replacements: Readonly<Record<string, string>> = {
    gcp: "gke-gcloud-auth-plugin (gcloud container clusters get-credentials writes it)",
    azure: "kubelogin (kubelogin convert-kubeconfig writes it)",
    oidc: "kubectl oidc-login",
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
