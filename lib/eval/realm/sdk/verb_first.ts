/** `k8s.get("pods", …)`, `k8s.apply(object)`: the verb first and then the resource, as kubectl has it. */
import { usageError } from "../base/errors.ts";
import { PLACED_VERBS } from "../input/placement.ts";
import { otherVerb, partOf } from "../names/other_libraries.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** Gives the object of a resource by its name, or by an object's apiVersion and kind. */
type ResourceOf = (reference: unknown) => object;

type Verb = (...args: unknown[]) => unknown;

const BY_LOWER = new Map(PLACED_VERBS.map((verb) => [verb.toLowerCase(), verb]));

/** Verbs that are about pods where no resource is named. */
const OF_PODS = ["getLogs", "exec"];

/** The verb that a name means; undefined for what is none. */
export function verbOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  return BY_LOWER.get(otherVerb(lower) ?? lower);
}

/** The function of a verb; undefined for what is none. */
export function verbFirst(
  { ctx, label }: SdkParts,
  lower: string,
  resourceOf: ResourceOf,
  isResource: (name: string) => boolean,
): Verb | undefined {
  const verb = verbOf(lower);
  if (verb === undefined) return undefined;
  return function (...given) {
    if (new.target) throw noClass(label, verb);
    const args = given[0] === ctx ? given.slice(1) : given;
    refuseFlags(args, label, verb);
    const [first, ...rest] = args;
    if (typeof first !== "string") return ofObject(verb, first, rest, resourceOf);
    const [resource = "", ...names] = first.split("/");
    const named = isResource(resource) || !OF_PODS.includes(verb);
    return named
      ? run(resourceOf(resource), verb, [...names, ...rest])
      : run(resourceOf("pods"), verb, args);
  };
}

/** `new k8s.Exec(kc)`, `new k8s.Watch(kc)`: helpers of client-node. */
function noClass(label: string, verb: string): Error {
  return usageError("InputError", `Cannot make ${verb}: it is no class`, partOf(label, verb));
}

/** An object to be written says what it is; `list({kind, namespace})` says what to look for. */
function ofObject(verb: string, given: unknown, rest: unknown[], resourceOf: ResourceOf): unknown {
  const { apiVersion, kind, ...options } = Object(given) as Record<string, unknown>;
  const isRead = verb === "get" || verb === "list" || verb === "delete" || verb === "watch";
  const resource = resourceOf(apiVersion === undefined ? kind : { apiVersion, kind });
  return run(resource, verb, isRead ? [options, ...rest] : [given, ...rest]);
}

function run(resource: object, verb: string, args: unknown[]): unknown {
  const [first] = args;
  const isNamed = typeof first === "string" ||
    typeof (Object(first) as { name?: unknown }).name === "string";
  const all = verb === "get" && !isNamed;
  return (resource as Record<string, Verb>)[all ? "list" : verb]!(...args);
}

function refuseFlags(args: readonly unknown[], label: string, verb: string): void {
  const flag = args.find((each) => typeof each === "string" && each.startsWith("-"));
  if (flag === undefined) return;
  throw usageError(
    "InputError",
    `Cannot ${verb} with ${JSON.stringify(flag)}: there are no flags`,
    `Write options: ${label}.${verb}("pods", {namespace: "<namespace>", labelSelector: "app=web"}).`,
  );
}
