/** How verbs are written in a script, and which verb of the API each needs. */
import { hasOwn, toLower } from "./primordials.ts";

interface Signature {
  readonly text: string;
  /** The API's verb, where a resource that does not offer it has no use for the function. */
  readonly verb?: string;
  /** The subresource whose verb that is. */
  readonly subresource?: string;
}

const SELECT = "labelSelector, fieldSelector";

/** By lower-case name. */
const SIGNATURES: Readonly<Record<string, Signature>> = {
  get: { text: "get(name)", verb: "get" },
  list: { text: `list({${SELECT}, limit, continue})`, verb: "list" },
  pages: { text: "pages({limit, …}) to iterate", verb: "list" },
  each: { text: "each({limit, …}) to iterate", verb: "list" },
  create: { text: "create(object)", verb: "create" },
  update: { text: "update(object)", verb: "update" },
  updatestatus: { text: "updateStatus(object)", verb: "update", subresource: "status" },
  patch: { text: 'patch(name, "merge"|"json"|"strategic", data)', verb: "patch" },
  apply: { text: "apply(object, {force})", verb: "patch" },
  delete: { text: "delete(name, {propagationPolicy, gracePeriodSeconds})", verb: "delete" },
  deletecollection: {
    text: `deleteCollection({}, {${SELECT}})`,
    verb: "deletecollection",
  },
  getlogs: {
    text: 'getLogs(name|{labelSelector}, {container, tail, since: "1h", grep: /re/, previous})',
  },
  exec: {
    text:
      'exec(name, ["sh", "-c", "…"], {container, stdin, timeoutMs}) of {stdout, stderr, exitCode}',
  },
  subresource: { text: "subresource(name).get|create|update|patch" },
  createtoken: { text: "createToken(name, tokenRequest)" },
  bind: { text: "bind(binding)" },
  updateapproval: { text: "updateApproval(name, object)" },
  updateephemeralcontainers: { text: "updateEphemeralContainers(name, pod)" },
  watch: { text: `watch({${SELECT}, timeoutSeconds}) of {type, object}`, verb: "watch" },
  waitfor: { text: 'waitFor(name, "Ready"|"delete"|object => boolean, {timeoutMs})' },
  rolloutstatus: { text: "rolloutStatus(name, {timeoutMs})" },
  rolloutrestart: { text: "rolloutRestart(name)" },
  scale: { text: "scale(name, replicas)" },
  getscale: { text: "getScale(name)" },
  updatescale: { text: "updateScale(name, object)" },
  evict: { text: "evict(name)" },
  cordon: { text: "cordon(name)" },
  uncordon: { text: "uncordon(name)" },
  drain: { text: "drain(name, {timeoutMs, ignoreDaemonSets, deleteEmptyDirData, force})" },
};

/** How a verb is written; one that the table does not have, by its name alone. */
export function signatureOf(name: string): string {
  return find(name)?.text ?? `${name}(…)`;
}

/** Whether a resource that offers these verbs of the API can do what a function of that name does. */
export function isOffered(
  name: string,
  resource: { readonly verbs: readonly string[]; readonly subresources: readonly string[] },
): boolean {
  const signature = find(name);
  if (signature?.verb === undefined) return true;
  const { verb, subresource } = signature;
  return includes(resource.verbs, verb) &&
    (subresource === undefined || includes(resource.subresources, subresource));
}

function find(name: string): Signature | undefined {
  const lower = toLower(name);
  return hasOwn(SIGNATURES, lower) ? SIGNATURES[lower] : undefined;
}

function includes(list: readonly string[], wanted: string): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] === wanted) return true;
  return false;
}
