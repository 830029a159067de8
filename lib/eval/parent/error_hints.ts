/** What to do about the mistakes that are made most: what scripts take for granted and is not there. Pure. */
import { GLOBAL_NAMES } from "../../sdk_guide/globals.ts";
import { nearestNames } from "../../std/nearest.ts";

/** A failed script, as far as a hint is read from it. */
export interface Mistake {
  readonly name: string;
  readonly message: string;
  /** The line that failed; "" where it is not known. */
  readonly source: string;
  readonly script: string;
}

const NO_MODULES =
  "There are no modules: leave the line out, k8s and standard JavaScript are there without.";
const NO_PROCESS = "Scripts have no process, environment or files; ask the cluster by k8s.";
const NO_NETWORK = "There is no network: write k8s.coreV1().pods(ns).list().";
const NO_SHELL =
  'There is no shell and no kubectl: write k8s.get("pods", {namespace}) or k8s.coreV1().pods(ns).list().';
const NO_BYTES = "Base64 is read by atob(text) and written by btoa(text).";
const GO =
  'This is Go: write const, and plain objects and text without a type, {labelSelector: "app=web"}, \
{group, version, resource}, "merge"; fields as in the API (.items); ctx may be left out.';
const PYTHON = "This is no JavaScript: write const pods = k8s.coreV1().pods(ns).list().items.";
const CONNECTED = "k8s is there and connected: write k8s.coreV1().pods(ns).list().";

/** Globals of other places, by what to do without them. */
const ABSENT: readonly (readonly [names: string, hint: string])[] = [
  ["require module exports", NO_MODULES],
  ["process Deno Bun global window fs path os __dirname __filename", NO_PROCESS],
  ["fetch XMLHttpRequest WebSocket axios http https", NO_NETWORK],
  ["kubectl exec execSync execFile spawn child_process shell sh $ helm", NO_SHELL],
  ["Buffer", NO_BYTES],
  ["setImmediate", "Write setTimeout(callback, 0)."],
  ["metav1 corev1 appsv1 batchv1 schema types fmt unstructured", GO],
  [
    "k8sClient k8sApi kubernetes kube kc api config v1 Client ApiClient KubeConfig coreApi CoreV1Api",
    CONNECTED,
  ],
];

/** Lines that another program would read. */
const FOREIGN: readonly (readonly [line: RegExp, hint: string])[] = [
  [/^\s*kubectl\s/, NO_SHELL],
  [/:=|&?\b[a-z]\w*\.[A-Z]\w*\{/, GO],
  [/^\s*(?:(?:for|if|with|def)\b.*:\s*$|from\s+\w+\s+import\b|print\s)/, PYTHON],
];

/** Fields of the API from which others are read. */
const FIELDS = "metadata spec status items data labels annotations ownerReferences \
managedFields finalizers template selector matchLabels containers initContainers ephemeralContainers \
containerStatuses initContainerStatuses conditions volumes volumeMounts env envFrom valueFrom ports \
resources requests limits state lastState running waiting terminated addresses capacity allocatable \
nodeInfo subsets endpoints rules paths backend service loadBalancer ingress roleRef subjects involvedObject \
claimRef storageClassName volumeClaimTemplates jobTemplate securityContext affinity tolerations taints \
strategy rollingUpdate updateStrategy livenessProbe readinessProbe startupProbe command args image"
  .split(" ");

const ARRAY_METHODS =
  /\.(?:map|filter|forEach|find|some|every|reduce|flatMap|slice|sort|at|push|length) is not a function/;
const NOT_ITERABLE =
  /is not (?:async )?iterable|return value is not (?:async )?iterable|\[Symbol\.(?:asyncI|i)terator\]/;

/** A hint for a failure that has none of its own. */
export function hintFor(mistake: Mistake): string | undefined {
  const { name, message, source, script } = mistake;
  if (name === "ReferenceError") {
    const missing = /^([\w$]+) is not defined/.exec(message)?.[1];
    return missing === undefined ? undefined : hintForName(missing);
  }
  if (name === "SyntaxError") return FOREIGN.find(([line]) => line.test(source))?.[1];
  if (name !== "TypeError") return undefined;
  if (/^kubectl is not a function/.test(message)) return NO_SHELL;
  if (/k8s\.namespace is not a function/.test(message)) {
    return 'k8s.namespace is the default namespace; of another write k8s.coreV1().pods("<namespace>").';
  }
  if (/\.(?:stream|do|getItems|items) is not a function/i.test(message)) {
    return "A call gives the list, object or text itself: the objects of a list are in .items.";
  }
  if (/\) is not a function/.test(message)) {
    return 'What a call gives is no function: write .get("<name>") or another verb.';
  }
  const constructed = /k8s\.([\w$]+) is not a constructor/.exec(message)?.[1];
  if (constructed) return `Clients are not made: write k8s.${constructed}() without new.`;
  const capital = capitalField(message, source);
  if (capital !== undefined) {
    return `Fields are written as in the API: ${asField(capital)}, not ${capital}.`;
  }
  const ofList = /\.(?:each|pages)\(\.\.\.\).*\.(\w+) is not a function/.exec(message)?.[1];
  if (ofList && ofList in Array.prototype) {
    return `What each() and pages() give is an iteration: write toArray().${ofList}(…).`;
  }
  const lists = /\blist\s*\(/i.test(script);
  if (lists && (ARRAY_METHODS.test(message) || NOT_ITERABLE.test(message))) {
    return "What list() gives is {metadata, items}: its objects are in .items.";
  }
  const read = /Cannot read properties of (?:undefined|null) \(reading '([^']*)'\)/.exec(message);
  if (!read) return undefined;
  const isWrapped = /\.(?:body|data|response)\b/.test(source) &&
    /^(?:items|metadata|spec|status)$/.test(read[1]!);
  if (isWrapped || source.includes(`.body.${read[1]!}`)) {
    return "A call gives the object or list itself, without body or data around it.";
  }
  const misspelt = misspeltField(read[1]!, source);
  if (misspelt !== undefined) return misspelt;
  return `Fields that are empty are left out of objects: write ?.${
    /^[A-Za-z_$][\w$]*$/.test(read[1]!) ? read[1] : "["
  } where one may be missing.`;
}

/** For what was read from a field that nothing has, where one of the API is near. */
function misspeltField(read: string, source: string): string | undefined {
  for (const [, name, next] of source.matchAll(/\.([a-z]\w+)(?=\.([\w$]+)|\[)/g)) {
    if (next !== undefined && next !== read) continue;
    const [near] = FIELDS.includes(name!) ? [] : nearestNames(name!, FIELDS);
    if (near !== undefined) return `There is no "${name}"; did you mean ${near}?`;
  }
  return undefined;
}

/** The field in Go's way of writing from which something was read that is not there. */
function capitalField(message: string, source: string): string | undefined {
  const iterated = /\.([A-Z]\w*) is not (?:async )?iterable/.exec(message)?.[1];
  const read = /Cannot read properties of undefined \(reading '([\w$]+)'\)/.exec(message)?.[1];
  if (read === undefined) return iterated;
  const fields = source.matchAll(/\.([A-Z]\w*)(?:\??\.([\w$]+)|\[)/g);
  return [...fields].find(([, , next]) => next === undefined || next === read)?.[1];
}

/** `Items` to `items`, `APIVersion` to `apiVersion`, `UID` to `uid`, `ObjectMeta` to `metadata`. */
function asField(name: string): string {
  if (name === "ObjectMeta" || name === "ListMeta") return "metadata";
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (first) => first.toLowerCase());
}

function hintForName(missing: string): string | undefined {
  for (const [names, hint] of ABSENT) if (names.split(" ").includes(missing)) return hint;
  if (/^[a-z]\w*V\d+(?:(?:alpha|beta)\d+)?(?:Client|Api)?$/i.test(missing)) {
    return `Clients are members of k8s: write k8s.${missing}().`;
  }
  const [near] = nearestNames(missing, GLOBAL_NAMES);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}
