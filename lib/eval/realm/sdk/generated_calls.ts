/** What a method of a generated client comes to: a verb of the SDK. */
import type { CallSpec } from "../calls/types.ts";
import { usageError } from "../base/errors.ts";
import { caseless } from "../base/caseless_object.ts";
import { readNamespace } from "../input/placement.ts";
import {
  type GeneratedMethod,
  isGenerated,
  type Parameters,
  readMethod,
  readParameters,
} from "../names/generated_methods.ts";
import type { FoundResource } from "../names/served_names.ts";
import { execOf } from "../../../std/regexp.ts";
import { resourceObject } from "../verbs/resource.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";
import type { Resolve } from "./dynamic.ts";

type Verbs = Record<string, (...args: unknown[]) => unknown>;

/** The function of a generated client under that name; undefined where no client has it. */
export function generatedCall(
  parts: SdkParts,
  resolve: Resolve,
  name: string,
  find: (kind: string) => FoundResource | undefined,
): ((...args: unknown[]) => unknown) | undefined {
  const method = readMethod(name, find);
  if (method === undefined || !isGenerated(method)) return verbOfResource(parts, name, find);
  return (...given) => {
    const read = readParameters(method, given[0] === parts.ctx ? given.slice(1) : given);
    const found = method.found ?? resolve(customResource(read));
    const namespace = method.reach === "namespace" ? [read.namespace ?? parts.namespace] : [""];
    const target = resourceObject(
      withBodies(parts),
      { ...found, ...readNamespace(found.resource, namespace) },
      `${parts.label}.${name}()`,
    ) as Verbs & { subresource(name: string): Verbs };
    return call(method, target, read);
  };
}

const VERB_AND_RESOURCE = /^(get|list|create|update|delete|apply|scale|restart)([a-z]+?)(logs?)?$/;

/** `getPods`, `deletePod`, `getPodLogs`: no client has them; they are guessed, and mean a verb. */
function verbOfResource(
  parts: SdkParts,
  name: string,
  find: (kind: string) => FoundResource | undefined,
): ((...args: unknown[]) => unknown) | undefined {
  const [, verb, kind, logs] = execOf(VERB_AND_RESOURCE, name.toLowerCase()) ?? [];
  const found = kind === undefined ? undefined : find(kind);
  if (verb === undefined || found === undefined) return undefined;
  const target = resourceObject(parts, found, `${parts.label}.${name}()`) as Verbs;
  if (verb !== "get" || logs) return target[logs ? "getLogs" : verb];
  // `getPods` lists, and so does `getNodeMetrics()`.
  const isPlural = kind === found.resource.resource;
  return (...args) => (isPlural || args.length === 0 ? target.list! : target.get!)(...args);
}

/** client-node's `CustomObjectsApi`, whose methods name the resource in their arguments. */
export function customObjects(parts: SdkParts, resolve: Resolve): object {
  return caseless(`${parts.label}.customObjectsApi()`, {
    find: (lower) => generatedCall(parts, resolve, lower, () => undefined),
    names: () => [],
    hint: () => `Write ${parts.label}.resource({group, version, resource}).namespace(ns).`,
  });
}

function customResource({ group, version, plural }: Parameters) {
  if (typeof group === "string" && typeof version === "string" && typeof plural === "string") {
    return { group, version, resource: plural };
  }
  throw usageError("InputError", "Cannot tell the resource: group, version or plural is no text");
}

function call(
  { verb, subresource, found }: GeneratedMethod,
  target: Verbs & { subresource(name: string): Verbs },
  { name, body, options: given }: Parameters,
): unknown {
  const { contenttype, ...options } = given;
  if (subresource === "log") return target.getLogs!(name, options);
  const of = subresource === undefined ? target : target.subresource(subresource);
  switch (verb) {
    case "list":
      return of.list!(options);
    case "create":
      return subresource === undefined
        ? of.create!(body, options)
        : of.create!(name, body, options);
    case "replace":
      return of.update!(name, body, options);
    case "patch":
      return contenttype === undefined
        ? of.patch!(name, body, options)
        : of.patch!(name, contenttype, body, options);
    case "delete":
      return of.delete!(name, { ...options, ...Object(body) as object });
    case "deletecollection":
      return of.deleteCollection!({}, options);
    default:
      // client-node lists custom objects by `get…` of no name.
      return found === undefined && name === undefined ? of.list!(options) : of.get!(name, options);
  }
}

/** The same, whose answers have a `body` that is themselves: before its 1.0 client-node gave both. */
function withBodies(parts: SdkParts): SdkParts {
  const { caller } = parts;
  const invoke = (make: () => CallSpec) =>
    caller.invoke(() => {
      const spec = make();
      const { decoder } = spec;
      return { ...spec, decoder: { add: decoder.add, end: () => withBody(decoder.end()) } };
    });
  return { ...parts, caller: { ...caller, invoke } };
}

function withBody(value: unknown): unknown {
  if (typeof value === "object" && value !== null && !Object.hasOwn(value, "body")) {
    Object.defineProperty(value, "body", { value, writable: true, configurable: true });
  }
  return value;
}
