/**
 * What is said to names that are not there, because another library has them: the JavaScript client's
 * `listNamespacedPod`, a resource under the wrong group, a list where its items are meant.
 */
import { resolve } from "../../../names/resolve.ts";
import { camelCasePlural } from "../../../names/camel_case.ts";
import { execOf } from "../../../std/regexp.ts";
import { readMethod } from "./generated_methods.ts";
import type { FoundResource, ServedNames, Version } from "./served_names.ts";

const CALLS: Readonly<Record<string, string>> = {
  list: "list()",
  read: "get(name)",
  get: "get(name)",
  create: "create(object)",
  delete: "delete(name)",
  deletecollection: "deleteCollection({}, {labelSelector})",
  patch: 'patch(name, "merge", data)',
  replace: "update(object)",
  watch: "watch()",
  log: "getLogs(name)",
  status: "updateStatus(object)",
  scale: "scale(name, replicas)",
  eviction: "evict(name)",
};

/** Parts of other libraries that are no clients, by what does the same here. */
const PARTS: readonly (readonly [name: RegExp, hint: (label: string) => string])[] = [
  [
    /^(?:metrics|toppods|topnodes|top)$/,
    (label) =>
      `Write ${label}.metricsV1beta1Client().pods(ns).list(), or nodes() in place of pods(ns).`,
  ],
  [
    /^(?:exec|attach|cp|portforward)$/,
    (label) => `Write ${label}.coreV1().pods(ns).exec(name, ["sh", "-c", "…"]).`,
  ],
  [/^(?:log|getlogs)$/, (label) => `Write ${label}.coreV1().pods(ns).getLogs(name).`],
  [
    /^(?:watch|informer|makeinformer|listwatch|cache)$/,
    (label) =>
      `Write for (const {type, object} of ${label}.coreV1().pods(ns).watch({timeoutSeconds: 5})).`,
  ],
  [
    /^(?:patchutils|patchstrategy|setheaderoptions)$/,
    (label) =>
      `Name the type: ${label}.appsV1().deployments(ns).patch(name, "json"|"merge"|"strategic", data).`,
  ],
  [
    /^describe$/,
    (label) =>
      `Write ${label}.get(resource, name, {namespace}); events are in ${label}.coreV1().events(ns).list().`,
  ],
  [
    /^(?:rollout|rollback|undo)$/,
    (label) =>
      `Write ${label}.appsV1().deployments(ns).rolloutStatus(name), rolloutRestart(name) or rolloutUndo(name).`,
  ],
  [/^wait$/, (label) => `Write ${label}.coreV1().pods(ns).waitFor(name, "Ready").`],
  [
    /^(?:label|edit|set|setimage)$/,
    (label) =>
      `Write ${label}.patch(resource, name, {metadata: {labels: {team: "shop"}}}, {namespace}).`,
  ],
  [
    /^annotate$/,
    (label) =>
      `Write ${label}.patch(resource, name, {metadata: {annotations: {note: "…"}}}, {namespace}).`,
  ],
  [/^kubectl$/, (label) => `Write ${label}.get("pods", {namespace}); there is no shell.`],
  [
    /^(?:version|clusterinfo|serverversion)$/,
    (label) => `Write ${label}.discoveryClient().serverVersion().`,
  ],
  [
    /^(?:dynamic|dynamicclientset|resources)$/,
    (label) => `Write ${label}.resource({group, version, resource}).namespace(ns).`,
  ],
  [
    /^(?:auth|cani|can_i)$/,
    (label) =>
      `Write ${label}.authorizationV1().selfSubjectAccessReviews().create({spec: {resourceAttributes: \
{verb: "list", resource: "pods", namespace}}}).status.allowed.`,
  ],
  [
    /v\d+(?:(?:alpha|beta)\d+)?(?:api|client)?$/,
    (label) =>
      `The cluster does not serve it; ${label}.resource("<name>") is a resource wherever it is served.`,
  ],
  [/^discovery$/, (label) => `Write ${label}.discoveryClient().`],
  [
    /^(?:config|getcurrentcontext|usecontext|setcurrentcontext)$/,
    (label) =>
      `${label} is connected already; ${label}.contexts() lists clusters, ${label}.context(name) is another.`,
  ],
  [
    /^(?:ns|api|apis|init|connect|request|raw|rest|restclient|corev1api)$/,
    connected,
  ],
];

function connected(label: string): string {
  return `${label} is connected already: write ${label}.coreV1().pods(ns).list().`;
}

/** For a name that `k8s` or, with its version, a client has not: where what is meant stands. */
export function elsewhere(
  label: string,
  names: ServedNames,
  name: string,
  version?: Version,
): string | undefined {
  if (execOf(/^(?:makeApiClient|load(?:From|_)\w*)$/, name)) return connected(label);
  const isGiven = (kind: string) => find(names, kind, version);
  const method = readMethod(name, isGiven);
  if (!method?.found) {
    const found = isGiven(name);
    return found ? `Write ${callOf(label, names, found)}.` : partOf(label, name);
  }
  const { found, verb, subresource, reach } = method;
  const call = subresource && !(subresource === "status" && verb === "read") ? subresource : verb;
  const text = CALLS[call] ?? `subresource("${call}")`;
  return `Write ${callOf(label, names, found, reach === "all" ? '""' : "ns")}.${text}.`;
}

/** For a part of other libraries: what does the same here. */
export function partOf(label: string, name: string): string | undefined {
  const lower = name.toLowerCase();
  return PARTS.find(([expression]) => execOf(expression, lower))?.[1](label);
}

function find(names: ServedNames, name: string, first?: Version): FoundResource | undefined {
  const reference = { resource: name };
  return (first && resolve([first], reference)) ?? resolve(names.versions(), reference);
}

function callOf(label: string, names: ServedNames, found: FoundResource, namespace = "ns"): string {
  const { namespaced } = found.resource;
  return `${label}.${names.clientOf(found)}().${camelCasePlural(found.resource)}(${
    namespaced ? namespace : ""
  })`;
}

/** Other names of verbs that take the same arguments, in lower case. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  __proto__: null as never,
  read: "get",
  fetch: "get",
  replace: "update",
  remove: "delete",
  log: "getlogs",
  logs: "getlogs",
  getlog: "getlogs",
  readlog: "getlogs",
  restart: "rolloutrestart",
  rollback: "rolloutundo",
  undo: "rolloutundo",
  all: "list",
  getall: "list",
  setreplicas: "scale",
};

/** The verb that has that name elsewhere, both in lower case. */
export function otherVerb(lower: string): string | undefined {
  return OTHER_NAMES[lower];
}

/** How what a resource has not is written, by the words that other libraries and habit have for it. */
const VERBS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  describe: "get(name)",
  find: "list().items.find(…)",
  withname: "get(name), or any other verb with the name as its first argument",
  withlabel: 'list({labelSelector: "app=web"})',
  inanynamespace: 'namespace("").list()',
  edit: "patch(name, data)",
  add: "create(object)",
  setimage: 'patch(name, {spec: {template: {spec: {containers: [{name: "web", image: "…"}]}}}})',
  wait: 'waitFor(name, "Ready")',
  items: "list().items",
  map: "list().items.map(…)",
  filter: "list().items.filter(…)",
  foreach: "list().items.forEach(…)",
  length: "list().items.length",
};

/** For a verb that a resource has not: how it is written. */
export function verbMeant(label: string, name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower === "top") return partOf(label, lower);
  return Object.hasOwn(VERBS, lower) ? `Write .${VERBS[lower]}.` : undefined;
}
