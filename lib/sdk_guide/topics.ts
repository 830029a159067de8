/** What `help("getLogs")` and `help("table")` tell, and `search_api`: how one verb or global is called. */
import { execOf } from "../std/regexp.ts";
import { GLOBAL_NAMES, GLOBALS, MEMBERS } from "./globals.ts";
import { type Signature, signatureOf, verbNames } from "./signatures.ts";

const AWAIT = "Calls block and give data. In a script with await they give promises, and reads run \
side by side: await Promise.all([…]).";

/** How scripts are written, by the words for it that are no names of anything. */
const WRITING: Readonly<Record<string, string>> = {
  globals: `Globals: ${GLOBAL_NAMES.join(", ")}. help("table") shows how one is used.`,
  clients: `k8s.coreV1(), appsV1(), batchV1(), networkingV1(), rbacV1(), autoscalingV2(), \
policyV1(), metricsV1beta1Client(), discoveryClient(), … a client for each group; Object.keys(k8s) \
lists them.`,
  await: AWAIT,
  promise: AWAIT,
  parallel: AWAIT,
  objects:
    "Objects have the nested form and the names of the API (metadata.name); names of clients, \
resources and verbs are found whatever their case.",
};

const TEXTS: Readonly<Record<string, string>> = { ...GLOBALS, ...MEMBERS, ...WRITING };
const BY_LOWER = new Map(Object.keys(TEXTS).map((name) => [name.toLowerCase(), name]));

/** Those whose names are words of any question. */
const EVERYDAY: ReadonlySet<string> = new Set(
  ["k8s", "namespace", "console", "help", "explain", "contexts", "context"].concat(
    Object.keys(WRITING),
  ),
);

/** Other words for verbs and globals. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["log", "getLogs"],
  ["logs", "getLogs"],
  ["rollback", "rolloutUndo"],
  ["undo", "rolloutUndo"],
  ["certificate", "x509"],
  ["certificates", "x509"],
]);

/** A verb or a global. */
export interface Topic {
  readonly name: string;
  readonly text: string;
  /** One of the API's own verbs, which each resource has, or a word of any question. */
  readonly common: boolean;
}

/**
 * The verb or global of a name: `getLogs`, `pods.getLogs`, `table()`.
 *
 * @param label how a script reaches the cluster
 */
export function topicOf(about: string, label = "k8s"): Topic | undefined {
  const written = execOf(/^(?:[\w$]+(?:\([^()]*\))?\.)*([\w$]+)(?:\(.*)?$/, about)?.[1];
  if (written === undefined) return undefined;
  const name = ALIASES.get(written.toLowerCase()) ?? written;
  const signature = signatureOf(name);
  if (signature) {
    const { verb } = signature;
    const common = verb !== undefined && signature.of === undefined;
    return { name: signature.name, text: verbText(signature, label), common };
  }
  const global = BY_LOWER.get(name.toLowerCase());
  if (global === undefined) return undefined;
  return { name: global, text: TEXTS[global]!, common: EVERYDAY.has(global) };
}

/** Names of all verbs and globals. */
export function topicNames(): readonly string[] {
  return [...Object.keys(TEXTS), ...verbNames()];
}

function verbText({ text, at = "coreV1().pods(ns)", more }: Signature, label: string): string {
  return `${label}.${at}.${text}${more === undefined ? "" : `\n${more}`}`;
}
