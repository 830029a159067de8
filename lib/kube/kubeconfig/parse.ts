/** One kubeconfig file: from text to typed sections, each knowing the folder it stands in. */
import { ConfigError, InputError } from "../../errors.ts";
import { parseYamlDocuments } from "../../yaml/yaml.ts";

/** A cluster of a kubeconfig, as it is written. */
export interface KubeconfigCluster {
  /** Folder against which relative file names are resolved. */
  readonly directory: string;
  readonly server?: string;
  readonly certificateAuthority?: string;
  readonly certificateAuthorityData?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
  readonly disableCompression: boolean;
  /** The extension `client.authentication.k8s.io/exec`, handed to exec plugins that ask for it. */
  readonly execConfig?: unknown;
}

/** A user of a kubeconfig, as it is written. */
export interface KubeconfigUser {
  readonly directory: string;
  readonly clientCertificate?: string;
  readonly clientCertificateData?: string;
  readonly clientKey?: string;
  readonly clientKeyData?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups: readonly string[];
  readonly asUserExtra: Readonly<Record<string, readonly string[]>>;
  /** Name of a legacy `auth-provider`. */
  readonly authProvider?: string;
  /** What the legacy `auth-provider` named `oidc` keeps of a login. */
  readonly oidc?: {
    readonly idToken?: string;
    readonly refreshToken?: string;
    readonly issuer?: string;
    readonly clientId?: string;
    readonly clientSecret?: string;
    readonly certificateAuthority?: string;
    readonly certificateAuthorityData?: string;
  };
  readonly exec?: KubeconfigExec;
}

/** The `exec` section of a user. */
export interface KubeconfigExec {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode?: string;
}

/** A context of a kubeconfig: which cluster, as whom, in which namespace. */
export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** The sections of one file, or of a merged list of files. */
export interface KubeconfigSections {
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
}

/**
 * Reads the text of one kubeconfig file. Fields that kubectl does not know are passed over, as by
 * kubectl; an empty text has no sections.
 *
 * @param file its path, for messages
 * @param directory the folder it stands in
 * @throws {ConfigError} naming the file and the line or field at fault, never a value
 * @see {@link https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/}
 */
export function parseKubeconfig(text: string, file: string, directory: string): KubeconfigSections {
  const root = reader(readDocument(text, file) ?? {}, "", file);
  const kind = root.text("kind");
  const apiVersion = root.text("apiVersion");
  if ((kind ?? "Config") !== "Config" || (apiVersion ?? "v1") !== "v1") {
    throw new ConfigError(
      `Cannot read the kubeconfig "${file}": it holds a ${apiVersion ?? "v1"} ${kind ?? "Config"}`,
      { hint: "A kubeconfig has apiVersion: v1 and kind: Config." },
    );
  }
  return {
    currentContext: root.text("current-context"),
    contexts: root.named("contexts", "context", readContext),
    clusters: root.named("clusters", "cluster", (at) => readCluster(at, directory)),
    users: root.named("users", "user", (at) => readUser(at, directory)),
  };
}

function readDocument(text: string, file: string): unknown {
  try {
    // kubectl takes the first document, and the last of two equal keys.
    return parseYamlDocuments(text, file, { duplicateKeys: "last" })[0];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new ConfigError(error.message.replace("Cannot read", "Cannot read the kubeconfig"), {
      hint: "Mend that line, or name another file by --kubeconfig or KUBECONFIG.",
      cause: error,
    });
  }
}

function readContext(at: Reader): KubeconfigContext {
  return {
    cluster: at.text("cluster"),
    user: at.text("user"),
    namespace: at.text("namespace"),
  };
}

function readCluster(at: Reader, directory: string): KubeconfigCluster {
  return {
    directory,
    server: at.text("server"),
    certificateAuthority: at.text("certificate-authority"),
    certificateAuthorityData: at.text("certificate-authority-data"),
    insecureSkipTlsVerify: at.flag("insecure-skip-tls-verify"),
    tlsServerName: at.text("tls-server-name"),
    proxyUrl: at.text("proxy-url"),
    disableCompression: at.flag("disable-compression"),
    execConfig: at.list("extensions")
      .find((extension) => extension.text("name") === "client.authentication.k8s.io/exec")
      ?.value("extension"),
  };
}

function readUser(at: Reader, directory: string): KubeconfigUser {
  const provider = at.section("auth-provider");
  const login = provider?.text("name") === "oidc" ? provider.section("config") : undefined;
  const extra = at.section("as-user-extra");
  const exec = at.section("exec");
  return {
    directory,
    clientCertificate: at.text("client-certificate"),
    clientCertificateData: at.text("client-certificate-data"),
    clientKey: at.text("client-key"),
    clientKeyData: at.text("client-key-data"),
    token: at.text("token"),
    tokenFile: at.text("tokenFile"),
    username: at.text("username"),
    password: at.text("password"),
    as: at.text("as"),
    asUid: at.text("as-uid"),
    asGroups: at.texts("as-groups"),
    asUserExtra: Object.fromEntries((extra?.keys() ?? []).map((key) => [key, extra!.texts(key)])),
    authProvider: provider && (provider.text("name") ?? "unknown"),
    oidc: login && {
      idToken: login.text("id-token"),
      refreshToken: login.text("refresh-token"),
      issuer: login.text("idp-issuer-url"),
      clientId: login.text("client-id"),
      clientSecret: login.text("client-secret"),
      certificateAuthority: login.text("idp-certificate-authority"),
      certificateAuthorityData: login.text("idp-certificate-authority-data"),
    },
    exec: exec && {
      apiVersion: exec.text("apiVersion"),
      command: exec.text("command"),
      args: exec.texts("args"),
      env: exec.list("env").map((entry) => ({
        name: entry.text("name") ?? entry.fail("name", "is missing"),
        value: entry.text("value") ?? "",
      })),
      installHint: exec.text("installHint"),
      provideClusterInfo: exec.flag("provideClusterInfo"),
      interactiveMode: exec.text("interactiveMode"),
    },
  };
}

/** Reads typed fields of one mapping; an empty text counts as absent, as in client-go. */
interface Reader {
  keys(): string[];
  value(key: string): unknown;
  text(key: string): string | undefined;
  flag(key: string): boolean;
  texts(key: string): string[];
  section(key: string): Reader | undefined;
  list(key: string): Reader[];
  named<T>(list: string, entry: string, read: (at: Reader) => T): Map<string, T>;
  fail(key: string, state: string): never;
}

function reader(source: unknown, path: string, file: string): Reader {
  const fail = (key: string, state: string): never => {
    const field = path && key ? `${path}.${key}` : path || key;
    throw new ConfigError(
      `Cannot read the kubeconfig "${file}": ${field ? `${field} ${state}` : `it ${state}`}`,
      { hint: "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ lists the fields." },
    );
  };
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    return fail("", "is not a mapping");
  }
  const fields = source as Readonly<Record<string, unknown>>;
  const value = (key: string) => Object.hasOwn(fields, key) ? fields[key] ?? undefined : undefined;
  const array = (key: string): unknown[] => {
    const found = value(key) ?? [];
    return Array.isArray(found) ? found : fail(key, "must be a list");
  };
  const text = (key: string) => {
    const found = value(key);
    if (found === undefined || found === "") return undefined;
    return typeof found === "string" ? found : fail(key, "must be a string; put it in quotes");
  };
  const child = (key: string, found: unknown) =>
    reader(found ?? {}, path ? `${path}.${key}` : key, file);
  const list = (key: string) => array(key).map((entry, index) => child(`${key}[${index}]`, entry));
  return {
    keys: () => Object.keys(fields),
    value,
    text,
    flag: (key) => {
      const found = value(key) ?? false;
      return typeof found === "boolean" ? found : fail(key, "must be true or false");
    },
    texts: (key) =>
      array(key).map((entry, index) =>
        typeof entry === "string"
          ? entry
          : fail(`${key}[${index}]`, "must be a string; put it in quotes")
      ),
    section: (key) => value(key) === undefined ? undefined : child(key, value(key)),
    list,
    named: (key, entry, read) => {
      const map = new Map();
      for (const item of list(key)) {
        const name = item.text("name") ?? "";
        // kubectl refuses such a file too: which of the two is meant, nobody can say.
        if (map.has(name)) fail(key, `has two entries named "${name}"`);
        map.set(name, read(item.section(entry) ?? child(key, {})));
      }
      return map;
    },
    fail,
  };
}
