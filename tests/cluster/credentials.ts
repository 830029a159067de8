/** Keys, certificates, tokens and the kubeconfig of a test cluster, as files. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { dump, load } from "js-yaml";
import type { ApiAccess } from "./api.ts";
import { createAuthority, type TestCertificate } from "../support/certificates.ts";

/** Files of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** What proves who is who in the cluster; names of files unless said otherwise. */
export interface Credentials {
  /** Certificate of the authority that signs servers and clients. */
  readonly ca: string;
  readonly apiserver: CertificateFiles;
  readonly kubelet: CertificateFiles;
  /** The API server as a client of kubelets. */
  readonly kubeletClient: CertificateFiles;
  /** Cluster administrator: `CN=admin`, `O=system:masters`. */
  readonly admin: CertificateFiles;
  /** Certificate of the authority for aggregated API servers alone. */
  readonly frontProxyCa: string;
  readonly frontProxy: CertificateFiles;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  /** For `--token-auth-file`. */
  readonly tokenFile: string;
  /** The tokens themselves: one of a cluster administrator, one of a user without any rights. */
  readonly tokens: { readonly admin: string; readonly nobody: string };
  /** The same in PEM, for a client in this process. */
  readonly pem: { readonly ca: string; readonly admin: TestCertificate };
}

/** Makes new ones in a folder, which must exist. */
export async function writeCredentials(folder: string): Promise<Credentials> {
  const [authority, frontAuthority] = await Promise.all([
    createAuthority("kubecode test bed"),
    createAuthority("kubecode test bed front proxy"),
  ]);
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o600 });
    return `${folder}/${name}`;
  };
  const pair = async (name: string, issued: TestCertificate) => ({
    cert: await write(`${name}.crt`, issued.cert),
    key: await write(`${name}.key`, issued.key),
  });
  const admin = await authority.client("admin", { organizations: ["system:masters"] });
  const tokens = { admin: newToken(), nobody: newToken() };
  const account = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });
  return {
    ca: await write("ca.crt", authority.cert),
    apiserver: await pair(
      "apiserver",
      await authority.server({
        names: [
          { type: "ip", value: "127.0.0.1" },
          { type: "ip", value: "10.0.0.1" },
          { type: "dns", value: "localhost" },
          { type: "dns", value: "kubernetes.default.svc" },
        ],
      }),
    ),
    kubelet: await pair("kubelet", await authority.server()),
    kubeletClient: await pair(
      "kubelet-client",
      await authority.client("kube-apiserver", { organizations: ["system:masters"] }),
    ),
    admin: await pair("admin", admin),
    frontProxyCa: await write("front-proxy-ca.crt", frontAuthority.cert),
    frontProxy: await pair("front-proxy", await frontAuthority.client("front-proxy")),
    serviceAccountKey: await write("service-account.key", account.privateKey),
    serviceAccountPublicKey: await write("service-account.pub", account.publicKey),
    tokenFile: await write(
      "tokens.csv",
      `${tokens.admin},token-admin,token-admin,"system:masters"\n${tokens.nobody},nobody,nobody\n`,
    ),
    tokens,
    pem: { ca: authority.cert, admin },
  };
}

/**
 * The text of a kubeconfig with all that it needs inside: contexts `admin` (current; client
 * certificate), `token` (token of a cluster administrator) and `nobody` (token without rights).
 */
export function kubeconfigText(server: string, { pem, tokens }: Credentials): string {
  const context = (user: string) => ({
    name: user,
    context: { cluster: "testbed", user, namespace: "default" },
  });
  return dump({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "admin",
    clusters: [{
      name: "testbed",
      cluster: { server, "certificate-authority-data": btoa(pem.ca) },
    }],
    contexts: [context("admin"), context("token"), context("nobody")],
    users: [
      {
        name: "admin",
        user: {
          "client-certificate-data": btoa(pem.admin.cert),
          "client-key-data": btoa(pem.admin.key),
        },
      },
      { name: "token", user: { token: tokens.admin } },
      { name: "nobody", user: { token: tokens.nobody } },
    ],
  });
}

/**
 * What {@linkcode kubeconfigText} says of a context: how another process reaches the cluster.
 *
 * @throws {Error} when there is no such context
 */
export function accessOf(text: string, context = "admin"): ApiAccess {
  const config = load(text) as {
    clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
    users: { name: string; user: Record<string, string | undefined> }[];
  };
  const user = config.users.find((each) => each.name === context)?.user;
  const cluster = config.clusters[0]?.cluster;
  if (user === undefined || cluster === undefined) {
    throw new Error(`Cannot use context "${context}": the kubeconfig does not have it.`);
  }
  const cert = user["client-certificate-data"];
  const key = user["client-key-data"];
  return {
    server: cluster.server,
    ca: atob(cluster["certificate-authority-data"]),
    ...cert && key ? { certificate: { cert: atob(cert), key: atob(key) } } : {},
    ...user.token ? { token: user.token } : {},
  };
}

function newToken(): string {
  return randomBytes(24).toString("base64url");
}
