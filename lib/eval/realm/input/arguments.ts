/** From what scripts write as arguments to what a call needs. Pure. */
import { DELETE_OPTIONS, PATCH_TYPES } from "../../../names/requests.ts";
import { didYouMean } from "../../../std/nearest.ts";
import { replaceAll } from "../../../std/regexp.ts";
import { OPTION_NAMES } from "../../../sdk_guide/options.ts";
import { shown, usageError } from "../base/errors.ts";
import { bodyText, exactField } from "../base/exact_numbers.ts";
import { badSelector, selector } from "./selectors.ts";

const optionByLower = new Map([
  ...OPTION_NAMES.map((name): [string, string] => [name.toLowerCase(), name]),
  // As kubectl and Python's clients have it.
  ["selector", "labelSelector"],
  ["labels", "labelSelector"],
]);

/**
 * The options of a deletion. The API server ignores the query of a request that has a body: with
 * preconditions, which only a body can carry, all that is known travels there.
 */
export function deleteParts({ query, preconditions }: CallOptions): {
  query: CallOptions["query"];
  body?: string;
} {
  if (preconditions === undefined) return { query };
  const rest = Object.create(null) as CallOptions["query"];
  const body = Object.create(null) as Record<string, unknown>;
  body.kind = "DeleteOptions";
  body.apiVersion = "v1";
  body.preconditions = preconditions;
  for (const [name, value] of Object.entries(query)) {
    if (name === "dryRun") body.dryRun = [value];
    else if (DELETE_OPTIONS.includes(name)) body[name] = value;
    else rest[name] = value;
  }
  return { query: rest, body: JSON.stringify(body) };
}

/** Query parameters, and what of a deletion's options travels in its body. */
export interface CallOptions {
  readonly query: Record<string, string | number | boolean>;
  readonly preconditions?: unknown;
}

/** What a read takes besides, none of which the API server is told as a parameter. */
export interface ReadOptions {
  readonly query: CallOptions["query"];
  /** The form wanted: "object" where it is left out, "metadata" or "table". */
  readonly form?: string;
  /** Keep `metadata.managedFields`, which scripts are else not shown. */
  readonly managedFields?: true;
}

/** Reads the options of a get or list. */
export function readReadOptions(given: unknown): ReadOptions {
  const { query } = readOptions(given);
  const { form, managedFields } = query;
  delete query.form;
  delete query.managedFields;
  if (form !== undefined && form !== "object" && form !== "metadata" && form !== "table") {
    throw usageError(
      "InputError",
      `Cannot use ${shown(form)} as form: there is "object", "metadata" and "table"`,
    );
  }
  return {
    query,
    ...(managedFields === true ? { managedFields } : {}),
    ...(form ? { form } : {}),
  };
}

/** Reads the options of a call; undefined and null stand for none. */
export function readOptions(given: unknown): CallOptions {
  const query = Object.create(null) as Record<string, string | number | boolean>;
  let preconditions: unknown;
  if (given === undefined || given === null) return { query };
  if (typeof given !== "object" || Array.isArray(given)) {
    throw usageError(
      "InputError",
      `Cannot use ${shown(given)} as options: they must be an object`,
      'Write for example {labelSelector: "app=web", limit: 100}.',
    );
  }
  const options = given as Record<string, unknown>;
  for (const key of Object.keys(options)) {
    const name = optionByLower.get(replaceAll(key, /_/g, "").toLowerCase()) ?? key;
    const value = exactField(options, key);
    if (value === undefined || value === null) {
      // A selector that came out empty by mistake must not select everything.
      if (name === "labelSelector" || name === "fieldSelector") throw badSelector(value);
      continue;
    }
    if (name === "dryRun" && (value === false || (Array.isArray(value) && value.length === 0))) {
      continue;
    }
    if (name === "preconditions") preconditions = value;
    else query[name] = optionValue(name, value);
  }
  return preconditions === undefined ? { query } : { query, preconditions };
}

function optionValue(name: string, value: unknown): string | number | boolean {
  if (name === "dryRun") {
    // client-go takes a list, of which "All" is the only member there is.
    if (value === true || value === "All" || (Array.isArray(value) && value[0] === "All")) {
      return "All";
    }
    throw usageError("InputError", `Cannot use ${shown(value)} as dryRun: it is "All" or left out`);
  }
  if (name === "labelSelector" || name === "fieldSelector") return selector(value);
  if (name === "sinceTime" && typeof value === "object") {
    return JSON.parse(JSON.stringify(value)) as string;
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  // A parameter is text in the end.
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  }
  throw usageError(
    "InputError",
    `Cannot use ${shown(value)} as option ${name}: it must be a string, number or boolean`,
  );
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
 *
 * @param readYaml reads a text that is no JSON; left out, such a text is refused
 */
export function readObject(
  given: unknown,
  what: { readonly kind: string; readonly apiVersion: string },
  readYaml?: (text: string) => unknown,
): WrittenObject {
  const object = typeof given === "string" ? parseText(given, readYaml) : given;
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw usageError(
      "InputError",
      `Cannot write ${shown(given)} as ${what.kind}: it is no object`,
      `Give {metadata: {name: "…"}, …}.`,
    );
  }
  // Through JSON first: a copy of plain data, whatever getters and proxies the script's object has.
  const copy = JSON.parse(bodyText(object)) as Record<string, unknown>;
  if (Object.hasOwn(copy, "ObjectMeta")) {
    throw usageError(
      "InputError",
      `Cannot write the object as ${what.kind}: its fields are those of Go`,
      `Fields are written as in the API: {metadata: {name: "…"}, data: {}, spec: {}}.`,
    );
  }
  const nested = Object.hasOwn(copy, "metadata") && copy.metadata !== null;
  const metadata = (nested ? copy.metadata : {}) as Record<string, unknown>;
  if (!nested) {
    for (const field of METADATA_FIELDS) {
      if (!Object.hasOwn(copy, field)) continue;
      metadata[field] = copy[field];
      delete copy[field];
    }
    copy.metadata = metadata;
  }
  copy.apiVersion ??= what.apiVersion;
  copy.kind ??= what.kind;
  return {
    json: bodyText(copy),
    ...(typeof metadata.name === "string" ? { name: metadata.name } : {}),
    ...(typeof metadata.namespace === "string" ? { namespace: metadata.namespace } : {}),
  };
}

function parseText(text: string, readYaml?: (text: string) => unknown): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (readYaml) return readYaml(text);
    throw usageError("InputError", `Cannot write the object: it is not JSON: ${String(error)}`);
  }
}

/** Content types of patches by all the names they go by, in lower case. */
const PATCH_NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(PATCH_TYPES),
  ...Object.values(PATCH_TYPES).map((type): [string, string] => [type, type]),
  ["jsonpatch", PATCH_TYPES.json],
  ["mergepatch", PATCH_TYPES.merge],
  ["strategicmergepatch", PATCH_TYPES.strategic],
]);

/** Reads `(type, data, options, …subresources)` or `(data, options)` of a patch. */
export function readPatch(args: readonly unknown[], builtIn: boolean) {
  const named = typeof args[0] === "string" ? PATCH_NAMES.get(args[0].toLowerCase()) : undefined;
  if (
    named === undefined && typeof args[0] === "string" && args.length > 1 && args[1] !== undefined
  ) {
    throw usageError(
      "InputError",
      `Cannot patch: there is no patch type ${shown(args[0])}${
        didYouMean(args[0], [...PATCH_NAMES.keys()])
      }`,
      'Types are "json", "merge", "strategic" and "apply", or their content types.',
    );
  }
  const [data, options] = named === undefined ? args : [args[1], args[2]];
  const subresource = named === undefined ? args[2] : args[3];
  if (data === undefined || data === null) {
    throw usageError(
      "InputError",
      "Cannot patch: no patch given",
      'Write patch(name, "merge", {metadata: {labels: {team: "shop"}}}).',
    );
  }
  const body = typeof data === "string" ? data : bytesToText(data) ?? bodyText(data);
  parseText(body);
  const guessed = Array.isArray(data) || body[0] === "[" ? "json" : builtIn ? "strategic" : "merge";
  return { body, contentType: named ?? PATCH_TYPES[guessed], options, subresource };
}

/** UTF-8 bytes, as a typed array or a list of numbers, to text; undefined for anything else. */
export function bytesToText(data: unknown): string | undefined {
  const bytes = data as ArrayLike<unknown>;
  const isBytes = data instanceof Uint8Array ||
    (Array.isArray(data) && typeof data[0] === "number");
  if (!isBytes) return undefined;
  let escaped = "";
  for (let at = 0; at < bytes.length; at++) {
    escaped += `%${((bytes[at] as number) & 255).toString(16).padStart(2, "0")}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw usageError("InputError", "Cannot use the bytes: they are not UTF-8");
  }
}

/**
 * The arguments without a leading `ctx`. A null or undefined in its place is dropped where a name
 * follows that the method takes first, so that a name that came out undefined is not taken for it.
 */
export function withoutContext(args: readonly unknown[], ctx: unknown, named = 0): unknown[] {
  const [first, ...rest] = args;
  const absent = first === null || first === undefined;
  const names = rest.length >= named &&
    rest.slice(0, named).every((each) => typeof each === "string");
  return args.length > 0 && (first === ctx || (absent && names)) ? rest : [...args];
}
