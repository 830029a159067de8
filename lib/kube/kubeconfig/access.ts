/** From a merged kubeconfig to one cluster, one user, one namespace. */
import { ConfigError } from "../../errors.ts";
import {
  certificateFault,
  inDirectory,
  readableCertificates,
  readPem,
  unusable,
} from "./certificates.ts";
import { type CredentialsOptions, readCredentials, readImpersonation } from "./credentials.ts";
import type { Kubeconfig } from "./load.ts";
import type { KubeconfigCluster, KubeconfigContext, KubeconfigUser } from "./parse.ts";
import { checkNamespace, checkProxy, checkServer, oneOf } from "./checks.ts";
import type { ClusterAccess } from "../types.ts";

/** Overrides of the kubeconfig's choices, named as kubectl's flags. */
export interface AccessChoice extends CredentialsOptions {
  readonly context?: string;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly user?: string;
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

  const server = checkServer(cluster.server, clusterName, {
    // As client-go: a server without a scheme speaks TLS where anything is said of it.
    tls: cluster.insecureSkipTlsVerify || [
      cluster.certificateAuthority,
      cluster.certificateAuthorityData,
      user?.clientCertificate,
      user?.clientCertificateData,
    ].some((given) => given !== undefined),
  });
  const secure = server.startsWith("https:");
  return {
    sources: kubeconfig.sources,
    files: [...kubeconfig.files, ...certificateFiles(cluster, user)],
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

/** The files that the access is made of besides the kubeconfig; a token's is read by who sends it. */
function certificateFiles(cluster: KubeconfigCluster, user: KubeconfigUser | undefined): string[] {
  const named = [
    [cluster.directory, cluster.certificateAuthority],
    [user?.directory ?? "", user?.clientCertificate],
    [user?.directory ?? "", user?.clientKey],
  ] as const;
  return named.flatMap(([directory, file]) =>
    file === undefined ? [] : inDirectory(directory, file)
  );
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
    // Like Go, with what can be read of a bundle; a bundle of which nothing can is a mistake.
    const readable = readableCertificates(ca);
    const fault = readable === "" ? certificateFault(ca) : undefined;
    if (fault) throw unusable(place, cluster.certificateAuthority, fault);
    if (cluster.insecureSkipTlsVerify) {
      throw new ConfigError(
        `Cannot use the cluster "${name}": it has both a certificate authority and insecure-skip-tls-verify`,
        { hint: "Remove one of the two; insecure-skip-tls-verify gives up all protection." },
      );
    }
  }
  return {
    ca: ca === undefined ? undefined : readableCertificates(ca),
    insecureSkipVerify: cluster.insecureSkipTlsVerify,
    serverName: cluster.tlsServerName,
  };
}
