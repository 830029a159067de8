/** The globals that a script has besides those of the language, and how each is used. Data only. */

const TIMERS = "setTimeout(callback, milliseconds), setInterval, clearTimeout, clearInterval.";
const WEB = "As on the web: ";
const URLS = `${WEB}new URL(text), new URLSearchParams(query); host names in ASCII.`;
const ENCODINGS =
  `${WEB}new TextEncoder().encode(text), new TextDecoder().decode(bytes), of UTF-8.`;
const ABORTS = `${WEB}new AbortController().signal, AbortSignal.timeout(milliseconds).`;
const BASE64 = "atob(text) reads base64, btoa(text) writes it.";

/** How each global is used, by its name: all of them, and no others. */
export const GLOBALS = {
  k8s:
    "k8s.coreV1(), k8s.appsV1() and so on, a client for each group; k8s.dynamicClient(), k8s.contexts().",
  ctx:
    "ctx: may stand before a call's arguments, as in client-go, and be left out; deadline(), err(), done() (a promise), value(key).",
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
  setTimeout: TIMERS,
  setInterval: TIMERS,
  clearTimeout: TIMERS,
  clearInterval: TIMERS,
  queueMicrotask: "queueMicrotask(callback): runs it once the script awaits or has ended.",
  atob: BASE64,
  btoa: BASE64,
  structuredClone: `${WEB}structuredClone(value): a deep copy of data.`,
  crypto: `${WEB}crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(16)); no subtle.`,
  TextEncoder: ENCODINGS,
  TextDecoder: ENCODINGS,
  URL: URLS,
  URLSearchParams: URLS,
  AbortController: ABORTS,
  AbortSignal: ABORTS,
} as const;

/** The name of a global. */
export type GlobalName = keyof typeof GLOBALS;

/** Names of all globals. */
export const GLOBAL_NAMES = Object.keys(GLOBALS) as readonly GlobalName[];

/** What `k8s` has besides a client for each group. */
export const MEMBERS = {
  contexts: "k8s.contexts(): {name, cluster, namespace, current} of the clusters allowed.",
  context: "k8s.context(name): all that k8s has, of another cluster.",
  dynamicClient:
    "k8s.dynamicClient().resource({group, version, resource}).namespace(ns): any resource.",
  discoveryClient: "k8s.discoveryClient().serverVersion(), serverGroups(), …",
} as const;
