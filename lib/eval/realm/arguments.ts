/** From what scripts write as arguments to what a call needs. Pure. */
import { usageError } from "./errors.ts";
import {
  append,
  create,
  decodeUri,
  hasOwn,
  isArray,
  keysOf,
  parse,
  safeMap,
  stringify,
  toLower,
} from "./primordials.ts";

/** Options whose names are found whatever their case, as client-go capitalises them. */
const OPTION_NAMES = [
  "labelSelector",
  "fieldSelector",
  "limit",
  "continue",
  "resourceVersion",
  "resourceVersionMatch",
  "timeoutSeconds",
  "dryRun",
  "fieldManager",
  "fieldValidation",
  "force",
  "gracePeriodSeconds",
  "propagationPolicy",
  "preconditions",
  "container",
  "follow",
  "limitBytes",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "tailLines",
  "timestamps",
];
const optionByLower = safeMap<string, string>();
for (const name of OPTION_NAMES) optionByLower.set(toLower(name), name);

/** Query parameters, and what of a deletion's options travels in its body. */
export interface CallOptions {
  readonly query: Record<string, string | number | boolean>;
  readonly preconditions?: unknown;
}

/** Reads the options of a call; undefined and null stand for none. */
export function readOptions(given: unknown): CallOptions {
  const query = create(null) as Record<string, string | number | boolean>;
  let preconditions: unknown;
  if (given === undefined || given === null) return { query };
  if (typeof given !== "object" || isArray(given)) {
    throw usageError(
      "InputError",
      `Cannot use ${shown(given)} as options: they must be an object`,
      'Write for example {labelSelector: "app=web", limit: 100}.',
    );
  }
  const options = given as Record<string, unknown>;
  const names = keysOf(options);
  for (let at = 0; at < names.length; at++) {
    const name = optionByLower.get(toLower(names[at]!)) ?? names[at]!;
    const value = options[names[at]!];
    if (value === undefined || value === null) continue;
    if (name === "preconditions") preconditions = value;
    else query[name] = optionValue(name, value);
  }
  return preconditions === undefined ? { query } : { query, preconditions };
}

function optionValue(name: string, value: unknown): string | number | boolean {
  if (name === "dryRun") {
    // client-go takes a list, of which "All" is the only member there is.
    return value === true || (isArray(value) && value[0] === "All") ? "All" : value as string;
  }
  if (name === "labelSelector" || name === "fieldSelector") return selector(value);
  if (name === "sinceTime" && typeof value === "object") return parse(stringify(value)) as string;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  throw usageError(
    "InputError",
    `Cannot use ${shown(value)} as option ${name}: it must be a string, number or boolean`,
  );
}

/** `{app: "web", tier: "front"}` to `app=web,tier=front`; text as it is. */
function selector(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${value as string}`;
  const labels =
    (hasOwn(value, "matchLabels")
      ? (value as { matchLabels: unknown }).matchLabels
      : value) as Record<string, unknown>;
  let text = "";
  const names = keysOf(labels);
  for (let at = 0; at < names.length; at++) {
    text += `${text && ","}${names[at]}=${labels[names[at]!] as string}`;
  }
  return text;
}

/** Fields of `metadata` that may stand at the top level of an object written flat. */
const METADATA_FIELDS = [
  "name",
  "generateName",
  "namespace",
  "labels",
  "annotations",
  "finalizers",
  "ownerReferences",
  "resourceVersion",
  "uid",
];

/** An object to be written, with what the path needs of it. */
export interface WrittenObject {
  readonly json: string;
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Reads an object to be written: nested as the API has it, or flat with metadata's fields at the top
 * level. Only the object's own top level is meant: a `metadata` further down is data.
 */
export function readObject(
  given: unknown,
  what: { readonly kind: string; readonly apiVersion: string },
): WrittenObject {
  const object = typeof given === "string" ? parseText(given) : given;
  if (typeof object !== "object" || object === null || isArray(object)) {
    throw usageError(
      "InputError",
      `Cannot write ${shown(given)} as ${what.kind}: it is no object`,
      `Give {metadata: {name: "…"}, …}.`,
    );
  }
  // Through JSON first: a copy of plain data, whatever getters and proxies the script's object has.
  const copy = parse(stringify(object)) as Record<string, unknown>;
  const nested = hasOwn(copy, "metadata") && copy.metadata !== null;
  const metadata = (nested ? copy.metadata : {}) as Record<string, unknown>;
  if (!nested) {
    for (let at = 0; at < METADATA_FIELDS.length; at++) {
      const field = METADATA_FIELDS[at]!;
      if (!hasOwn(copy, field)) continue;
      metadata[field] = copy[field];
      delete copy[field];
    }
    copy.metadata = metadata;
  }
  copy.apiVersion ??= what.apiVersion;
  copy.kind ??= what.kind;
  return {
    json: stringify(copy),
    ...(typeof metadata.name === "string" ? { name: metadata.name } : {}),
    ...(typeof metadata.namespace === "string" ? { namespace: metadata.namespace } : {}),
  };
}

function parseText(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw usageError("InputError", `Cannot write the object: it is not JSON: ${String(error)}`);
  }
}

/** A value in an error's text, cut short. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string" ? `"${value}"` : stringify(value) ?? typeof value;
  } catch {
    text = typeof value;
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Kinds of patch by the names they go by. */
const PATCH_TYPES: Readonly<Record<string, string>> = {
  "json": "application/json-patch+json",
  "jsonpatch": "application/json-patch+json",
  "application/json-patch+json": "application/json-patch+json",
  "merge": "application/merge-patch+json",
  "mergepatch": "application/merge-patch+json",
  "application/merge-patch+json": "application/merge-patch+json",
  "strategic": "application/strategic-merge-patch+json",
  "strategicmergepatch": "application/strategic-merge-patch+json",
  "application/strategic-merge-patch+json": "application/strategic-merge-patch+json",
  "apply": "application/apply-patch+yaml",
  "application/apply-patch+yaml": "application/apply-patch+yaml",
};

/** Reads `(type, data, options, …subresources)` or `(data, options)` of a patch. */
export function readPatch(args: readonly unknown[], builtIn: boolean) {
  const named = typeof args[0] === "string" ? PATCH_TYPES[toLower(args[0])] : undefined;
  const [data, options] = named === undefined ? args : [args[1], args[2]];
  const subresource = named === undefined ? args[2] : args[3];
  if (data === undefined || data === null) {
    throw usageError(
      "InputError",
      "Cannot patch: no patch given",
      'Write patch(name, "merge", {metadata: {labels: {team: "shop"}}}).',
    );
  }
  const body = typeof data === "string" ? data : bytesToText(data) ?? stringify(data);
  parseText(body);
  const guessed = isArray(data) || body[0] === "[" ? "json" : builtIn ? "strategic" : "merge";
  return { body, contentType: named ?? PATCH_TYPES[guessed]!, options, subresource };
}

/** UTF-8 bytes, as a typed array or a list of numbers, to text; undefined for anything else. */
function bytesToText(data: unknown): string | undefined {
  const bytes = data as ArrayLike<unknown>;
  const isBytes = data instanceof Uint8Array || (isArray(data) && typeof data[0] === "number");
  if (!isBytes) return undefined;
  let escaped = "";
  for (let at = 0; at < bytes.length; at++) {
    escaped += `%${((bytes[at] as number) & 255).toString(16).padStart(2, "0")}`;
  }
  try {
    return decodeUri(escaped);
  } catch {
    throw usageError("InputError", "Cannot patch: the bytes are not UTF-8");
  }
}

/** The arguments without a leading `ctx` (or the null that stands in its place). */
export function withoutContext(args: readonly unknown[], ctx: unknown): unknown[] {
  const rest: unknown[] = [];
  const skip = args.length > 0 && (args[0] === ctx || args[0] === null || args[0] === undefined);
  for (let at = skip ? 1 : 0; at < args.length; at++) append(rest, args[at]);
  return rest;
}
