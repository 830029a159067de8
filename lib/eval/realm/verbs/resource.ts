/** The verbs of one resource, as scripts call them. */
import { withoutContext } from "../input/arguments.ts";
import { groupName } from "../../../names/groups.ts";
import { caseless, fixedMembers, type Members } from "../base/caseless_object.ts";
import { shown, usageError } from "../base/errors.ts";
import { everydayVerbs, rolloutWords } from "./kubectl_verbs.ts";
import { execVerb } from "./exec.ts";
import { refuseUnknown } from "../input/known_options.ts";
import { isPlaced, place, readNamespace } from "../input/placement.ts";
import { otherVerb, verbMeant } from "../names/other_libraries.ts";
import { usageOf, verbElsewhere } from "../input/verbs_elsewhere.ts";
import { deletionVerbs, readVerbs, writeVerbs } from "./object_verbs.ts";
import { logsVerb } from "./pod_logs.ts";
import { subresourceVerbs } from "./subresources.ts";
import type { ResourceScope, SdkParts, VerbTools } from "./sdk_types.ts";
import { waitingVerbs } from "./wait_for.ts";

/** Verbs on a resource: `get list create update updateStatus patch apply delete …`. */
export function resourceObject(
  parts: SdkParts,
  scope: ResourceScope,
  label: string,
  help?: (about: string) => string,
): object {
  const { group, resource } = scope;
  const tools = verbTools(parts, scope);
  const verbs = {
    ...readVerbs(tools),
    ...writeVerbs(tools),
    ...deletionVerbs(tools),
    ...(resource.subresources.includes("log") ? { getLogs: logsVerb(tools) } : {}),
    ...(group === "" && resource.resource === "pods" ? { exec: execVerb(tools) } : {}),
    ...waitingVerbs(tools),
    ...everydayVerbs(tools),
    ...subresourceVerbs(tools, label),
  };
  const members: Members = fixedMembers(anywhere(parts, scope, label, verbs));
  const within = (...given: unknown[]) =>
    resourceObject(parts, { ...scope, ...readNamespace(scope.resource, given) }, label, help);
  return caseless(label, {
    names: members.names,
    find: (lower) =>
      members.find(lower) ?? members.find(otherVerb(lower) ?? "") ??
        (lower === "namespace" || lower === "innamespace" ? within : undefined) ??
        (lower === "rollout" ? rolloutWords((verb) => members.find(verb)) : undefined),
    hint: (name) =>
      verbMeant(parts.label, name) ??
        verbElsewhere(parts.label, resource.resource, otherVerb(name.toLowerCase()) ?? name),
    usage: usageOf,
    ...(help ? { tell: () => help(`${resource.resource}.${groupName(group)}`) } : {}),
  });
}

/** The verbs, each in the namespace that its arguments say, where they do (`place`). */
function anywhere(
  parts: SdkParts,
  scope: ResourceScope,
  label: string,
  verbs: Readonly<Record<string, (...args: unknown[]) => unknown>>,
): Record<string, unknown> {
  const placed: Record<string, unknown> = {};
  for (const [name, verb] of Object.entries(verbs)) {
    placed[name] = !isPlaced(name) ? verb : (...given: unknown[]) => {
      const context = given.slice(0, given[0] === parts.ctx ? 1 : 0);
      const { args, namespace } = place(name, given.slice(context.length));
      if (namespace === undefined || namespace === scope.namespace) {
        return verb(...context, ...args);
      }
      // Where the namespace is said already, the word behind a log's pod is a container.
      if (name === "getLogs" && scope.namespace && typeof given[context.length + 1] === "string") {
        return verb(...context, args[0], { ...Object(args[1]) as object, container: namespace });
      }
      // What stands before a patch there is meant for its type.
      if (name === "patch" && scope.namespace && typeof given[context.length + 1] === "string") {
        return verb(...given);
      }
      refuseOther(name, scope, namespace);
      const there = resourceObject(
        parts,
        { ...scope, ...readNamespace(scope.resource, [namespace]) },
        label,
      ) as Record<string, typeof verb>;
      return there[name]!(...context, ...args);
    };
  }
  return placed;
}

/** Two namespaces for one call are a mistake, whichever is meant. */
function refuseOther(
  verb: string,
  { resource: { resource }, namespace }: ResourceScope,
  other: string,
) {
  if (!namespace) return;
  throw usageError(
    "InputError",
    `Cannot ${verb} ${resource}: ${shown(namespace)} and ${shown(other)} are two namespaces`,
    `Write ${resource}(${shown(other)}).${verb}(…).`,
  );
}

function verbTools(parts: SdkParts, scope: ResourceScope): VerbTools {
  const { caller, ctx } = parts;
  const { group, version, resource } = scope;
  return {
    parts,
    scope,
    // "" means all namespaces: a request for one object in it is refused by the broker.
    home: (own) =>
      resource.namespaced
        ? scope.namespace || own || (scope.all ? "" : parts.namespace)
        : undefined,
    reach: () =>
      resource.namespaced
        ? scope.namespace || (scope.all ? undefined : parts.namespace)
        : undefined,
    spec(header, decoder, body) {
      const { verb, options, subresource } = header;
      tellGuess(parts, scope, verb);
      if (options && subresource !== "log") {
        refuseUnknown({ query: options, method: verb, resource }, verb);
      }
      return {
        header: { op: "request", group, version, resource: resource.resource, ...header },
        decoder,
        ...(body === undefined ? {} : { body }),
      };
    },
    verb: (named, make) => (...args) => caller.invoke(() => make(withoutContext(args, ctx, named))),
    nameOf(value, method) {
      if (typeof value === "string" && value !== "") return value;
      throw usageError(
        "InputError",
        `Cannot ${method} ${resource.resource}: ${shown(value)} is no name`,
        `Write ${method}("<name>").`,
      );
    },
  };
}

/** Where several groups have the resource that a script names: a read says which it takes. */
function tellGuess(
  { warn }: SdkParts,
  { group, resource, others = [] }: ResourceScope,
  verb: string,
) {
  if (others.length === 0) return;
  const { resource: name } = resource;
  const hint = `Say which: resource({group: "${group}", resource: "${name}"}).`;
  if (verb === "get" || verb === "list" || verb === "watch") {
    return warn(`These are the ${name} of ${group}; ${others.join(" and ")} has them too. ${hint}`);
  }
  throw usageError(
    "InputError",
    `Cannot tell which ${name} are meant: ${[group, ...others].join(" and ")} have them`,
    hint,
  );
}
