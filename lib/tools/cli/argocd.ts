/**
 * argocd, which asks a server of its own: with `--core` it asks the cluster, through the door as every
 * program does; else only the server that the config file names, and for what is allowed there.
 */
import type { Origin } from "../../broker/types.ts";
import { PolicyError } from "../../errors.ts";
import { readTextFile } from "../../text_file.ts";
import { readWords, type Words } from "../../programs/words/words.ts";

/** argocd's server, as the config file names it. */
export interface ArgocdServer {
  /** `host:port`. */
  readonly server: string;
  readonly tokenFile: string;
  /** What may be done there; a verb stands for all below it. */
  readonly verbs: readonly string[];
}

/** Verbs that change nothing: all that may be done where changes are refused, tried out or asked about. */
const READS: ReadonlySet<string> = new Set([
  "account can-i",
  "account get",
  "account get-user-info",
  "account list",
  "app actions list",
  "app diff",
  "app get",
  "app get-resource",
  "app history",
  "app list",
  "app logs",
  "app manifests",
  "app resources",
  "app wait",
  "appset get",
  "appset list",
  "cert list",
  "cluster get",
  "cluster list",
  "gpg get",
  "gpg list",
  "proj get",
  "proj list",
  "proj role get",
  "proj role list",
  "proj windows list",
  "repo get",
  "repo list",
  "repocreds list",
  "version",
]);

/**
 * The words of a start of argocd: with `--core` where no server is named.
 *
 * @throws {PolicyError} `--core=false` without a server
 */
export function argocdWords(words: Words, server: ArgocdServer | undefined): Words {
  if (words.program !== "argocd") return words;
  if (words.help || asksCluster(words) || server !== undefined) return words;
  if (words.flags.some(({ name }) => name === "core")) {
    throw new PolicyError("Cannot start argocd without --core: no server of it is configured", {
      hint: "The config file names it: programs.argocd.server, tokenFile and verbs.",
    });
  }
  return readWords("argocd", ["--core", ...words.normal]);
}

/** Whether a start goes to argocd's own server, and not to the cluster. */
export function asksItsServer(words: Words): boolean {
  return words.program === "argocd" && !words.help && !asksCluster(words);
}

function asksCluster({ flags }: Words): boolean {
  return flags.some(({ name, value }) => name === "core" && value !== "false");
}

/**
 * Lets a start go to argocd's server.
 *
 * @throws {PolicyError} what the config file does not allow there, or a change where none may be made
 */
export function checkArgocd(
  { verb }: Words,
  { verbs }: ArgocdServer,
  { readOnly, origin }: { readonly readOnly: boolean; readonly origin: Origin },
): void {
  const name = verb.join(" ");
  if (!verbs.some((allowed) => name === allowed || name.startsWith(`${allowed} `))) {
    throw new PolicyError(`Cannot start argocd ${name}: it is not allowed at its server`, {
      hint: `Allowed is ${verbs.join(", ")}; the config file says so: programs.argocd.verbs.`,
    });
  }
  if (READS.has(name)) return;
  if (readOnly) {
    throw new PolicyError(`Cannot start argocd ${name}: only reads are allowed`, {
      hint: "The person who runs kubecode allows changes with --read-write.",
    });
  }
  if (origin.plan === undefined && origin.approval === undefined) return;
  throw new PolicyError(`Cannot start argocd ${name}: what its server does cannot be tried out`);
}

/**
 * The configuration of argocd for its server, and what must not be seen in its output.
 *
 * @throws {ConfigError} the token cannot be read
 */
export async function argocdConfig(
  { server, tokenFile }: ArgocdServer,
): Promise<{ readonly path: string; readonly text: string; readonly token: string }> {
  const token = (await readTextFile("token of argocd", tokenFile)).trim();
  // JSON is YAML.
  const text = JSON.stringify({
    "current-context": "kubecode",
    contexts: [{ name: "kubecode", server, user: "kubecode" }],
    servers: [{ server }],
    users: [{ name: "kubecode", "auth-token": token }],
  });
  return { path: "home/.config/argocd/config", text, token };
}
