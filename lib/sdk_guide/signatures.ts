/** How verbs are written in a script, and which resources have each. */

/** A verb of the SDK. */
export interface Signature {
  readonly name: string;
  readonly text: string;
  /** The API's verb, where a resource that does not offer it has no use for the function. */
  readonly verb?: string;
  /** The subresource whose verb that is, or which the function is about. */
  readonly subresource?: string;
  /** The resources that have it, of one group; where it is left out, all. */
  readonly of?: { readonly group: string; readonly resources: readonly string[] };
  /** Where it is found, for an example; `coreV1().pods(ns)` where it is left out. */
  readonly at?: string;
  /** What `help` of the verb says besides. */
  readonly more?: string;
}

/** What a resource offers, as far as verbs depend on it. */
interface Offer {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

const SELECT = "labelSelector, fieldSelector";
const WORKLOADS = {
  of: { group: "apps", resources: ["deployments", "statefulsets", "daemonsets"] },
  at: "appsV1().deployments(ns)",
};
const SCALED = { subresource: "scale", at: "appsV1().deployments(ns)" };
const NODES = { of: { group: "", resources: ["nodes"] }, at: "coreV1().nodes()" };

const ITERATION =
  "Also: toArray, filter, map, flatMap, take, drop, reduce, forEach, some, every, find.";

const LIST: readonly Signature[] = [
  {
    name: "get",
    text: "get(name)",
    verb: "get",
    more: 'Options: {form: "metadata"|"table", managedFields: true}.',
  },
  {
    name: "list",
    text: `list({${SELECT}, limit, continue})`,
    verb: "list",
    more:
      'Returns {metadata, items}. More options: {form: "metadata"|"table", managedFields: true}.',
  },
  {
    name: "pages",
    text: "pages({limit, …}) to iterate",
    verb: "list",
    more: `for (const page of ….pages({limit: 500})): a page is an array of objects. ${ITERATION}`,
  },
  { name: "each", text: "each({limit, …}) to iterate", verb: "list", more: ITERATION },
  { name: "create", text: "create(object)", verb: "create" },
  { name: "update", text: "update(object)", verb: "update" },
  {
    name: "updateStatus",
    text: "updateStatus(object)",
    verb: "update",
    subresource: "status",
  },
  { name: "patch", text: 'patch(name, "merge"|"json"|"strategic", data)', verb: "patch" },
  { name: "apply", text: "apply(object, {force})", verb: "patch" },
  {
    name: "delete",
    text: "delete(name, {propagationPolicy, gracePeriodSeconds})",
    verb: "delete",
  },
  {
    name: "deleteCollection",
    text: `deleteCollection({}, {${SELECT}|all: true})`,
    verb: "deletecollection",
  },
  {
    name: "getLogs",
    text: 'getLogs(name|{labelSelector}, {container, tail, since: "1h", grep: /re/, previous})',
    subresource: "log",
    more:
      `Returns text, or with {lines: true} a list of lines. getLogs({labelSelector, grep, since, tail, \
allContainers: true}) reads up to 50 containers: [{pod, lines}]. "deployment/web" is its newest pod.`,
  },
  {
    name: "exec",
    text:
      'exec(name, ["sh", "-c", "…"], {container, stdin, timeoutMs}) of {stdout, stderr, exitCode}',
    of: { group: "", resources: ["pods"] },
    more: 'Needs a server that allows changes. "deployment/web" is its newest pod.',
  },
  { name: "watch", text: `watch({${SELECT}, timeoutSeconds}) of {type, object}`, verb: "watch" },
  {
    name: "waitFor",
    text: 'waitFor(name, "Ready"|"delete"|object => boolean, {timeoutMs})',
    verb: "watch",
  },
  { name: "rolloutStatus", text: "rolloutStatus(name, {timeoutMs})", verb: "watch", ...WORKLOADS },
  {
    name: "drain",
    text: "drain(name, {timeoutMs, ignoreDaemonSets, deleteEmptyDirData, force})",
    verb: "watch",
    ...NODES,
  },
  { name: "getScale", text: "getScale(name)", ...SCALED },
  { name: "scale", text: "scale(name, replicas)", ...SCALED },
  { name: "updateScale", text: "updateScale(name, object)", ...SCALED },
  { name: "evict", text: "evict(name)", subresource: "eviction" },
  { name: "rolloutRestart", text: "rolloutRestart(name)", ...WORKLOADS },
  {
    name: "rolloutUndo",
    text: "rolloutUndo(name, {toRevision})",
    verb: "watch",
    of: { group: "apps", resources: ["deployments"] },
    at: "appsV1().deployments(ns)",
  },
  { name: "cordon", text: "cordon(name)", ...NODES },
  { name: "uncordon", text: "uncordon(name)", ...NODES },
  { name: "subresource", text: "subresource(name).get|create|update|patch", subresource: "" },
  {
    name: "createToken",
    text: "createToken(name, tokenRequest)",
    subresource: "token",
    at: "coreV1().serviceAccounts(ns)",
  },
  { name: "bind", text: "bind(binding)", subresource: "binding" },
  {
    name: "updateApproval",
    text: "updateApproval(name, object)",
    subresource: "approval",
    at: "certificatesV1().certificateSigningRequests()",
  },
  {
    name: "updateEphemeralContainers",
    text: "updateEphemeralContainers(name, pod)",
    subresource: "ephemeralcontainers",
  },
];

const BY_NAME = new Map(LIST.map((signature) => [signature.name.toLowerCase(), signature]));

/** The verb of a name, whatever its case. */
export function signatureOf(name: string): Signature | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Names of all verbs. */
export function verbNames(): readonly string[] {
  return LIST.map(({ name }) => name);
}

/** The verbs that a script has for a resource, of those that the cluster has a use for. */
export function signaturesOf(group: string, resource: Offer): readonly Signature[] {
  return LIST.filter((signature) => isOffered(signature, group, resource));
}

function isOffered({ verb, subresource, of }: Signature, group: string, resource: Offer): boolean {
  if (verb !== undefined && !resource.verbs.includes(verb)) return false;
  if (of && (of.group !== group || !of.resources.includes(resource.resource))) return false;
  if (subresource === undefined) return true;
  return subresource === ""
    ? resource.subresources.length > 0
    : resource.subresources.includes(subresource);
}
