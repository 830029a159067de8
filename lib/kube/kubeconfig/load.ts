/**
 * Which configuration there is: the files that kubectl would read, merged as client-go merges
 * them, or the service account of the pod this program runs in.
 */
import { readBoundedFile, readBoundedText } from "./bounded_file.ts";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import { type KubeconfigSections, parseKubeconfig } from "./parse.ts";
import { describeFileError, fileErrorCode, homeOf } from "../../std/files.ts";

/** A merged kubeconfig. */
export interface Kubeconfig extends KubeconfigSections {
  /** Where it comes from, the first taking precedence: paths, or `["in-cluster"]`. */
  readonly sources: readonly string[];
  /** The files that were looked for, those too that are not there. */
  readonly files: readonly string[];
}

/** Where {@linkcode loadKubeconfig} looks. */
interface LoadKubeconfigOptions {
  /** The one file to read, from `--kubeconfig`; it must exist. */
  readonly path?: string;
  /** Looks up an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** The separator of files in KUBECONFIG; the platform's by default. */
  readonly listSeparator?: string;
  /** Where Kubernetes mounts a pod's service account. */
  readonly serviceAccountDirectory?: string;
  /** Only the service account of the pod is meant, whatever files there are. */
  readonly inCluster?: boolean;
  readonly signal?: AbortSignal;
  /** What is no regular file counts as missing: a pipe that nobody writes to is never opened. */
  readonly onlyFiles?: boolean;
}

/** Name of the one context of a pod's service account. */
export const IN_CLUSTER = "in-cluster";

const SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

const WAYS_OUT =
  "Name a file by --kubeconfig or KUBECONFIG, or try --demo, which needs no cluster.";

/**
 * Reads the configuration as kubectl does: the file named; else the files listed in KUBECONFIG, of
 * which the missing ones are skipped and the first to name an entry or the current context wins;
 * else `~/.kube/config`; else the service account of the pod. Certificate and token files are not
 * read here.
 *
 * @throws {ConfigError} no configuration at all (saying where it was looked for), or a file that
 * cannot be read, saying which and why
 * @see {@link https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/}
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions): Promise<Kubeconfig> {
  const { files, origin } = options.inCluster
    ? { files: [], origin: "the service account alone was asked for" }
    : candidates(options);
  const found: { readonly file: string; readonly sections: KubeconfigSections }[] = [];
  for (const file of files) {
    if (options.onlyFiles && !await isRegular(file)) continue;
    const text = await readText(file, options.signal);
    if (text === undefined) continue;
    found.push({ file, sections: parseKubeconfig(text, file, dirname(resolve(file))) });
  }
  if (options.path !== undefined && found.length === 0) {
    throw new ConfigError(`Cannot read the kubeconfig "${options.path}": no such file`, {
      hint: "Check the path given by --kubeconfig.",
    });
  }
  const merged = mergeSections(found.map(({ sections }) => sections));
  const sources = found.map(({ file }) => file);
  if (merged.contexts.size > 0 || merged.clusters.size > 0) return { ...merged, sources, files };

  const inCluster = options.path === undefined ? await readServiceAccount(options) : undefined;
  if (inCluster) return inCluster;
  if (found.length > 0) {
    const names = sources.map((file) => `"${file}"`).join(", ");
    throw new ConfigError(
      `Cannot use the kubeconfig ${names}: it names no cluster and no context`,
      {
        hint: WAYS_OUT,
      },
    );
  }
  throw new ConfigError(
    `Cannot find a cluster: no kubeconfig at ${
      files.map((file) => `"${file}"`).join(", ") || "any path"
    } (${origin}), and not in a pod with a service account`,
    { hint: WAYS_OUT },
  );
}

function candidates(options: LoadKubeconfigOptions): { files: string[]; origin: string } {
  if (options.path !== undefined) return { files: [options.path], origin: "--kubeconfig" };
  const list = options.env("KUBECONFIG");
  if (list) {
    const separator = options.listSeparator ?? (Deno.build.os === "windows" ? ";" : ":");
    const files = list.split(separator).filter((file) => file !== "");
    return { files: [...new Set(files)], origin: "from KUBECONFIG" };
  }
  const home = homeOf(options.env);
  return home
    ? { files: [join(home, ".kube", "config")], origin: "KUBECONFIG is not set" }
    : { files: [], origin: "KUBECONFIG is not set, and there is no home" };
}

/** The first to name a thing wins, whole: fields of two entries are never mixed. */
function mergeSections(all: readonly KubeconfigSections[]): KubeconfigSections {
  const first = <T>(pick: (sections: KubeconfigSections) => ReadonlyMap<string, T>) =>
    new Map(all.toReversed().flatMap((sections) => [...pick(sections)]));
  return {
    currentContext: all.map((sections) => sections.currentContext).find((name) => name),
    contexts: first((sections) => sections.contexts),
    clusters: first((sections) => sections.clusters),
    users: first((sections) => sections.users),
  };
}

async function isRegular(file: string): Promise<boolean> {
  return await Deno.stat(file).then(({ isFile }) => isFile, () => false);
}

/** The text of a kubeconfig; undefined where there is no such file. */
async function readText(file: string, signal?: AbortSignal): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readBoundedFile(file, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (fileErrorCode(error) === "ENOENT") return undefined;
    throw new ConfigError(`Cannot read the kubeconfig "${file}": ${describeFileError(error)}`, {
      hint: "Make it readable, or name another file by --kubeconfig or KUBECONFIG.",
      cause: error,
    });
  }
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError(
      `Cannot read the kubeconfig "${file}": it is not text in UTF-8 or UTF-16`,
      {
        hint: "Save it as UTF-8.",
        cause: error,
      },
    );
  }
}

/** By its byte order mark, as YAML 1.2 section 5.2 has it; PowerShell writes UTF-16. */
function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/**
 * The service account of the pod, as a kubeconfig of one context; its token stays a file, because
 * the kubelet renews it there.
 * @see {@link https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/}
 */
async function readServiceAccount(options: LoadKubeconfigOptions): Promise<Kubeconfig | undefined> {
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT_DIRECTORY;
  const host = options.env("KUBERNETES_SERVICE_HOST");
  const port = options.env("KUBERNETES_SERVICE_PORT") || "443";
  if (!host) return undefined;
  const read = (name: string) =>
    readBoundedText(join(directory, name), options.signal)
      .catch((error) => {
        options.signal?.throwIfAborted();
        if (["ENOENT", "ENOTDIR"].includes(fileErrorCode(error) ?? "")) return undefined;
        throw new ConfigError(
          `Cannot read the service account file "${join(directory, name)}": ${
            describeFileError(error)
          }`,
          { hint: "Run as a user that may read the pod's service account.", cause: error },
        );
      });
  if (await read("token") === undefined) return undefined;
  const namespace = (await read("namespace"))?.trim();
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    sources: [IN_CLUSTER],
    files: [join(directory, "namespace")],
    currentContext: IN_CLUSTER,
    contexts: new Map([[IN_CLUSTER, { cluster: IN_CLUSTER, user: IN_CLUSTER, namespace }]]),
    clusters: new Map([[IN_CLUSTER, {
      directory,
      server,
      certificateAuthority: "ca.crt",
      insecureSkipTlsVerify: false,
      disableCompression: false,
    }]]),
    users: new Map([[IN_CLUSTER, {
      directory,
      tokenFile: "token",
      asGroups: [],
      asUserExtra: {},
    }]]),
  };
}
