/** What `help("getLogs")` and `help("table")` tell, and `search_api`: how one verb or global is called. */
import { append, execOf, hasOwn, keysOf, safeMap, toLower } from "../base/primordials.ts";
import { type Signature, signatureOf, verbNames } from "./signatures.ts";

/** The globals, by their names. */
const GLOBALS: Readonly<Record<string, string>> = {
  k8s:
    "k8s.coreV1(), k8s.appsV1() and so on, a client for each group; k8s.dynamicClient(), k8s.contexts().",
  ctx: "ctx: may stand before a call's arguments, as in client-go, and be left out.",
  namespace: "namespace: the name of the default namespace.",
  namespaceOrDefault: "namespaceOrDefault(ns): ns, or the default namespace where it is empty.",
  console: "console.log(…), warn, error, table(rows): lines that are returned beside the answer.",
  help: 'help(), help("pods"), help("appsV1"), help("getLogs"): how things are called.',
  explain:
    'explain("deployment.spec.strategy", {group, version, limitCharacters}): fields, as text.',
  apiResources:
    `apiResources(): rows of {name, shortNames, apiVersion, namespaced, kind}; verbs is \
shown where it is not the usual get list watch create update patch delete deletecollection.`,
  table: `table(rows, ["metadata.name", "status.containerStatuses[0].restartCount"]) or \
table(rows, {name: "metadata.name", age: row => …}): an aligned text table of a list, of \
list({form: "table"}) or of any rows.`,
  yaml: "yaml(value): YAML text.",
  quantity: 'quantity("1.5Gi"): 1610612736, quantity("250m"): 0.25; null is 0.',
  x509: `x509(secret.data["tls.crt"]): {subject, issuer, notBefore, notAfter (Dates), dnsNames, \
ipAddresses} of PEM or base64 of it.`,
  setTimeout: "setTimeout(callback, milliseconds), setInterval, clearTimeout, clearInterval.",
  atob: "atob(text) reads base64, btoa(text) writes it.",
  contexts: "k8s.contexts(): {name, cluster, namespace, current} of the clusters allowed.",
  context: "k8s.context(name): all that k8s has, of another cluster.",
  dynamicClient:
    "k8s.dynamicClient().resource({group, version, resource}).namespace(ns): any resource.",
  discoveryClient: "k8s.discoveryClient().serverVersion(), serverGroups(), …",
};
const GLOBALS_BY_LOWER: Record<string, string> = {};
for (const name of keysOf(GLOBALS)) GLOBALS_BY_LOWER[toLower(name)] = name;

/** Those whose names are words of any question. */
const EVERYDAY = safeMap<string, true>();
for (const name of ["k8s", "namespace", "console", "help", "explain", "contexts", "context"]) {
  EVERYDAY.set(name, true);
}

/** Other words for them. */
const ALIASES: Readonly<Record<string, string>> = {
  log: "getLogs",
  logs: "getLogs",
  btoa: "atob",
  certificate: "x509",
  certificates: "x509",
};

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
  const lower = toLower(written);
  const name = hasOwn(ALIASES, lower) ? ALIASES[lower]! : written;
  const signature = signatureOf(name);
  if (signature) {
    const { verb } = signature;
    const common = verb !== undefined && signature.of === undefined;
    return { name: signature.name, text: verbText(signature, label), common };
  }
  const known = toLower(name);
  if (!hasOwn(GLOBALS_BY_LOWER, known)) return undefined;
  const global = GLOBALS_BY_LOWER[known]!;
  return { name: global, text: GLOBALS[global]!, common: EVERYDAY.has(global) };
}

/** Names of all verbs and globals. */
export function topicNames(): readonly string[] {
  const names = keysOf(GLOBALS);
  const verbs = verbNames();
  for (let at = 0; at < verbs.length; at++) append(names, verbs[at]!);
  return names;
}

function verbText({ text, at = "coreV1().pods(ns)", more }: Signature, label: string): string {
  return `${label}.${at}.${text}${more === undefined ? "" : `\n${more}`}`;
}
