/**
 * The methods of clients that are generated from the API's description, as `@kubernetes/client-node`
 * and Python's: `listNamespacedPod`, `read_namespaced_pod_log`. Verb, reach, resource and subresource
 * are in the name; the order of the arguments follows from these. Pure.
 */
import { execOf, replaceAll } from "../../../std/regexp.ts";
import { usageError } from "../base/errors.ts";
import type { FoundResource } from "./served_names.ts";

/** What the name of a method says. */
export interface GeneratedMethod {
  readonly verb: string;
  /** Undefined for custom objects, whose resource is in the arguments. */
  readonly found: FoundResource | undefined;
  readonly subresource?: string;
  /** One namespace, all of them, or none said: what is cluster-scoped. */
  readonly reach: "namespace" | "all" | "none";
}

/** The arguments of such a method by their names; options have the API's names in lower case. */
export interface Parameters {
  readonly group?: unknown;
  readonly version?: unknown;
  readonly plural?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly body?: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

const NAME =
  /^(list|read|get|create|deletecollection|delete|patch|replace|watch)(namespaced|cluster(?=custom))?([a-z]+?)(forallnamespaces)?$/;
const SUBRESOURCE = /^([a-z]+?)(log|status|scale|eviction|binding|token|approval)$/;

/**
 * Reads the name of a method, whatever its case.
 *
 * @param find the resource of a kind or plural
 */
export function readMethod(
  name: string,
  find: (kind: string) => FoundResource | undefined,
): GeneratedMethod | undefined {
  const read = execOf(NAME, replaceAll(name.toLowerCase(), /_/g, ""));
  if (read === null) return undefined;
  const [, verb, namespaced, kind, all] = read as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const reach = all ? "all" : namespaced === "namespaced" ? "namespace" : "none";
  if (kind === "customobject") return { verb, found: undefined, reach };
  const whole = find(kind);
  if (whole) return { verb, found: whole, reach };
  const parts = execOf(SUBRESOURCE, kind);
  const found = parts && find(parts[1]!);
  return found ? { verb, found, reach, subresource: parts[2]! } : undefined;
}

/** Whether a generated client has the method: one whose reach fits its resource. */
export function isGenerated({ verb, found, reach, subresource }: GeneratedMethod): boolean {
  if (found === undefined) return reach !== "all";
  if (verb === "watch" || verb === "get") return false;
  const { namespaced, subresources } = found.resource;
  if (subresource !== undefined && !subresources.includes(subresource)) return false;
  return namespaced === (reach !== "none") && (reach !== "all" || verb === "list");
}

const LIST = "continue fieldselector labelselector limit";
const LOG =
  "container follow insecureskiptlsverifybackend limitbytes pretty previous sinceseconds taillines timestamps";

/** The names of the arguments, in order; what follows them in a write is not read by its place. */
function argumentNames({ verb, found, reach, subresource }: GeneratedMethod): readonly string[] {
  const isNamed = verb === "create"
    ? subresource !== undefined
    : verb !== "list" && verb !== "deletecollection";
  const name = isNamed ? ["name"] : [];
  const namespace = reach === "namespace" ? ["namespace"] : [];
  const body = verb === "create" || verb === "replace" || verb === "patch" ? ["body"] : [];
  if (found === undefined) {
    return ["group", "version", ...namespace, "plural", ...name, ...body];
  }
  const options = subresource === "log"
    ? LOG
    : verb === "list"
    ? reach === "all" ? `allowwatchbookmarks ${LIST} pretty` : `pretty allowwatchbookmarks ${LIST}`
    : "";
  return [...name, ...namespace, ...body, ...options.split(" ").filter((each) => each !== "")];
}

/** The arguments as one object of parameters, or by their places. */
export function readParameters(
  method: GeneratedMethod,
  args: readonly unknown[],
): Parameters {
  const names = argumentNames(method);
  const [first] = args;
  const isObject = typeof first === "object" && first !== null && !Array.isArray(first);
  const given: Record<string, unknown> = {};
  if (isObject && (names[0] !== "body" || Object.hasOwn(first, "body"))) {
    for (const [key, value] of Object.entries(first)) {
      const lower = replaceAll(key, /_/g, "").toLowerCase();
      given[lower] = value;
    }
  } else {
    for (const [at, value] of args.entries()) {
      if (value === undefined || value === null) continue;
      const name = names[at];
      if (name !== undefined) given[name] = value;
      else given.contenttype = contentTypeOf(value) ?? refuse(at);
    }
    // A keyword of Python's comes in JavaScript as the argument that stands next.
    if (given.pretty !== undefined && typeof given.pretty !== "boolean") {
      refuse(names.indexOf("pretty"));
    }
  }
  const { group, version, plural, namespace, name, body, pretty: _, ...options } = given;
  return { group, version, plural, namespace, name, body, options };
}

/** `{headers: {"Content-type": "application/merge-patch+json"}}`, which is how a patch is told apart. */
function contentTypeOf(value: unknown): unknown {
  const { headers } = Object(value) as { headers?: unknown };
  const entries = Object.entries(Object(headers) as object);
  return entries.find(([key]) => key.toLowerCase() === "content-type")?.[1];
}

function refuse(at: number): never {
  throw usageError(
    "InputError",
    `Cannot tell what argument ${at + 1} is`,
    'Name the options, in one object with the rest: {namespace: "…", labelSelector: "…"}.',
  );
}
