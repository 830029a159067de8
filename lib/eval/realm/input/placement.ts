/**
 * Where a call acts, wherever a script says so: clients of other languages take the namespace as an
 * argument or an option, and the name beside the object. Brings all of that into the order of the SDK's
 * own verbs. Pure.
 */
import { nearestNames } from "../../../std/nearest.ts";
import { execOf } from "../../../std/regexp.ts";
import { PATCH_TYPES } from "../../../names/requests.ts";
import { shown, usageError } from "../base/errors.ts";
import { bodyText } from "../base/exact_numbers.ts";

/** The arguments of a verb in their own order, and the namespace that was among them. */
export interface Placed {
  readonly args: readonly unknown[];
  /** "" for all namespaces. */
  readonly namespace?: string;
}

/** At which argument the options of each verb stand; those of `patch` follow its data. */
const OPTIONS_AT: Readonly<Record<string, number>> = {
  list: 0,
  pages: 0,
  each: 0,
  watch: 0,
  get: 1,
  delete: 1,
  getLogs: 1,
  getScale: 1,
  evict: 1,
  rolloutRestart: 1,
  rolloutUndo: 1,
  rolloutStatus: 1,
  create: 1,
  update: 1,
  updateStatus: 1,
  apply: 1,
  scale: 2,
  exec: 2,
  waitFor: 2,
  updateScale: 2,
  createToken: 2,
  patch: 2,
};

/** Verbs that begin with an object. */
const OBJECT_FIRST = ["create", "update", "updateStatus", "apply"];

/** What stands between name and options, by the names that other clients give it. */
const PAYLOADS = ["body", "data", "patch", "replicas", "command", "condition"];

/** Names of patch types. */
const PATCH_WORDS = Object.keys(PATCH_TYPES);

/** The verbs that take a place among their arguments. */
export const PLACED_VERBS: readonly string[] = Object.keys(OPTIONS_AT);

/** Whether a verb takes a place among its arguments. */
export function isPlaced(verb: string): boolean {
  return Object.hasOwn(OPTIONS_AT, verb);
}

/** Takes the namespace out of a verb's arguments, which do not begin with a context. */
export function place(verb: string, args: readonly unknown[]): Placed {
  const at = OPTIONS_AT[verb]!;
  // A selector, or any other text, is refused by the verb: {labelSelector} is how it is written.
  if (at === 0) return placeOfOptions(args, 0);
  if (OBJECT_FIRST.includes(verb)) return placeOfObject(verb, args);
  const given = inOrder(args, at);
  const isNamespace = isNamespaceNext(verb, given);
  if (verb === "delete") refusePropagation(given);
  const [name, namespace, ...rest] = given;
  const kept = isNamespace ? [name, ...rest] : given;
  const others = verb === "scale" ? withReplicas(kept) : kept;
  const placed = placeOfOptions(others, optionsAt(verb, others));
  return isNamespace ? { args: placed.args, namespace: namespaceName(namespace) } : placed;
}

/** Whether the string behind the name is a namespace, and nothing that the verb takes there. */
function isNamespaceNext(verb: string, [, second, third]: readonly unknown[]): boolean {
  if (typeof second !== "string" || verb === "waitFor") return false;
  if (verb === "exec") return typeof third === "string" || Array.isArray(third);
  if (verb === "scale") return isReplicas(third);
  return verb !== "patch" || (third !== undefined && !isPatchType(second) && !isJson(second));
}

/** What `scale` may be given as replicas, alone or with its options. */
function isReplicas(given: unknown): boolean {
  return isRecord(given)
    ? Object.hasOwn(given, "replicas")
    : typeof given === "number" || execOf(/^\d+$/, `${given}`) !== null;
}

/** `delete("web", "Foreground")`: the API's word for what becomes of what it owns is no namespace. */
function refusePropagation([name, word]: readonly unknown[]): void {
  if (typeof word !== "string" || execOf(/^(?:Background|Foreground|Orphan)$/, word) === null) {
    return;
  }
  throw usageError(
    "InputError",
    `Cannot delete: ${shown(word)} is no namespace`,
    `Write delete(${shown(name)}, {propagationPolicy: ${shown(word)}}).`,
  );
}

function optionsAt(verb: string, [, second]: readonly unknown[]): number {
  const typed = verb === "patch" && typeof second === "string" && isPatchType(second);
  return OPTIONS_AT[verb]! + (typed ? 1 : 0);
}

/** `apply("web", object)` as in client-go, `create("shop", object)` as in client-node. */
function placeOfObject(verb: string, args: readonly unknown[]): Placed {
  const [first, second, ...rest] = args;
  // Any other text is the object itself, as YAML.
  const isNamed = typeof first === "string" && isName(first);
  if (!isNamed || typeof second !== "object" || second === null) return placeOfOptions(args, 1);
  if (verb === "create") return { args: [second, ...rest], namespace: namespaceName(first) };
  return placeOfOptions([withName(verb, second, first), ...rest], 1);
}

/** The object under the name beside it, which must be its own where it has one. */
function withName(verb: string, object: object, name: string): object {
  const copy = JSON.parse(bodyText(object)) as {
    name?: unknown;
    metadata?: { name?: unknown } | null;
  };
  // Flat, where it has no metadata.
  const holder = copy.metadata ?? copy;
  holder.name ??= name;
  if (holder.name === name) return copy;
  throw usageError(
    "InputError",
    `Cannot ${verb} ${shown(name)}: the object's own name is ${shown(holder.name)}`,
  );
}

/** `get({name, namespace})`, `patch({name, namespace, body})`: what one object names, in order. */
function inOrder(args: readonly unknown[], at: number): readonly unknown[] {
  const [first] = args;
  if (args.length !== 1 || !isRecord(first) || typeof first.name !== "string") return args;
  const { name, ...options } = first;
  if (at === 1) return [name, options];
  const payload = PAYLOADS.find((key) => Object.hasOwn(options, key));
  if (payload === undefined) return [name, undefined, options];
  const given = options[payload];
  delete options[payload];
  return [name, given, options];
}

/** `scale("web", {replicas: 3})`. */
function withReplicas(args: readonly unknown[]): readonly unknown[] {
  const [name, given, ...rest] = args;
  if (!isRecord(given) || !Object.hasOwn(given, "replicas")) return args;
  const { replicas, ...options } = given;
  return [name, replicas, options, ...rest];
}

/** The names of patch types, and content types; also what is near one, or can be no namespace. */
function isPatchType(text: string): boolean {
  if (execOf(/\/|^(?:json|merge|strategic|apply)/i, text) !== null) return true;
  if (text === "" || text === "*" || isJson(text)) return false;
  // A namespace may well be called "jason" or "apple".
  return !isLabel(text) || (text.length > 6 && nearestNames(text, PATCH_WORDS).length > 0);
}

function isJson(text: string): boolean {
  return text.startsWith("{") || text.startsWith("[");
}

/** `get("web", {namespace})`; a string in the place of the options is the namespace itself. */
function placeOfOptions(args: readonly unknown[], at: number): Placed {
  const options = args[at];
  if (typeof options === "string" && isLabel(options)) {
    return { args: args.filter((_, index) => index !== at), namespace: options };
  }
  if (!isRecord(options)) return { args };
  const rest: Record<string, unknown> = {};
  let namespace: string | undefined;
  for (const key of Object.keys(options)) {
    const value = options[key];
    const lower = key.toLowerCase();
    if (lower === "namespace") namespace = namespaceName(value);
    else if (lower === "allnamespaces" || lower === "all_namespaces") {
      if (value === true) namespace = "";
    } else rest[key] = value;
  }
  if (namespace === undefined) return { args };
  return { args: [...args.slice(0, at), rest, ...args.slice(at + 1)], namespace };
}

/** The namespace of a resource: none for the default one, `all` for all of them. */
export interface GivenNamespace {
  readonly namespace?: string;
  readonly all?: boolean;
}

/**
 * Reads `pods()`, `pods("shop")`, `pods("")` and `pods({namespace: "shop"})`. None given is the default
 * namespace; one that came out undefined is not, since nobody knows which it was to be.
 *
 * @throws {InputError} what is no namespace, and any namespace of what has none
 */
export function readNamespace(
  { resource, namespaced }: { readonly resource: string; readonly namespaced: boolean },
  given: readonly unknown[],
): GivenNamespace {
  if (given.length === 0) return {};
  const [first, name] = given;
  const isOption = isRecord(first) && Object.hasOwn(first, "namespace");
  const namespace = namespaceName(isOption ? first.namespace : first);
  if (name !== undefined && name !== null) {
    throw usageError(
      "InputError",
      `Cannot use ${shown(name)}: ${resource}() takes a namespace and no more`,
      `Write ${resource}(${namespaced ? shown(namespace) : ""}).get(${shown(name)}).`,
    );
  }
  if (namespace === "") return { all: true };
  if (namespaced) return { namespace };
  throw usageError(
    "InputError",
    `Cannot use namespace ${shown(namespace)}: ${resource} are cluster-scoped`,
    resource === "namespaces"
      ? `Write coreV1().pods(${shown(namespace)}) for what is in it, or namespaces().get(${
        shown(namespace)
      }) for itself.`
      : `Write ${resource}(), and ${resource}().get(${shown(namespace)}) where that is a name.`,
  );
}

/** A namespace that was given; "" for all of them. */
function namespaceName(given: unknown): string {
  if (given === undefined || given === null || given === "*" || given === "all") return "";
  if (typeof given === "string") return given;
  throw usageError(
    "InputError",
    `Cannot use ${shown(given)} as a namespace: it is no string`,
    'Write pods("<namespace>"); pods("") is all namespaces.',
  );
}

/** A label of RFC 1123, as the name of a namespace is. */
function isLabel(text: string): boolean {
  return execOf(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, text) !== null;
}

/** A name of an object: a subdomain of RFC 1123, or with the colons that those of RBAC may have. */
function isName(text: string): boolean {
  return execOf(/^[a-z0-9][a-z0-9.:-]*$/i, text) !== null && !text.endsWith(":");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
