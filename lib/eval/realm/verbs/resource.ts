/** The verbs of one resource, as scripts call them. */
import { PATCH_TYPES } from "../../../names/requests.ts";
import {
  deleteParts,
  readObject,
  type ReadOptions,
  readOptions,
  readReadOptions,
  withoutContext,
} from "../input/arguments.ts";
import { apiVersionOf, groupName } from "../../../names/groups.ts";
import { caseless, fixedMembers, type Members } from "../base/caseless_object.ts";
import { jsonDecoder, type List, listDecoder, membersOf, nullDecoder } from "../calls/decoders.ts";
import { callError, shown, usageError } from "../base/errors.ts";
import { everydayVerbs, rolloutWords } from "./kubectl_verbs.ts";
import { execVerb } from "./exec.ts";
import { refuseUnknown } from "../input/known_options.ts";
import { isPlaced, place, readNamespace } from "../input/placement.ts";
import { otherVerb, verbMeant } from "../names/other_libraries.ts";
import { usageOf, verbElsewhere } from "../input/verbs_elsewhere.ts";
import { eachOf, pagesOf } from "./pages.ts";
import { logsVerb } from "./pod_logs.ts";
import { getVerb, patchVerb, subresourceVerbs } from "./subresources.ts";
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

function readVerbs(tools: VerbTools) {
  const { parts: { caller, ctx, namespace, warn }, scope, reach, spec, verb } = tools;
  const { resource } = scope.resource;
  const isDefault = scope.resource.namespaced && !scope.namespace && !scope.all;
  const tellEmpty = (query: ReadOptions["query"]) => {
    const { labelSelector, fieldSelector } = query;
    // The last of several pages may be empty.
    if (query.continue) return;
    const match = labelSelector || fieldSelector ? " match" : "";
    warn(
      `No ${resource}${match} in "${namespace}", the default namespace; ${resource}("") is all.`,
    );
  };
  const what = { apiVersion: apiVersionOf(scope), kind: scope.resource.kind };
  const list = ({ query, form, managedFields }: ReadOptions) =>
    spec({
      verb: "list",
      namespace: reach(),
      options: query,
      form,
      managedFields,
    }, listDecoder(what, isDefault ? () => tellEmpty(query) : undefined));
  const listOptions = (args: unknown[]) => {
    const [options] = withoutContext(args, ctx);
    return readReadOptions(options);
  };
  return {
    get: getVerb(tools),
    list: verb(0, ([options]) => list(readReadOptions(options))),
    pages: (...args: unknown[]) => pagesOf(caller, listOptions(args), list),
    each: (...args: unknown[]) => eachOf(caller, listOptions(args), list),
  };
}

function writeVerbs(tools: VerbTools) {
  const { scope, home, spec, verb, nameOf } = tools;
  const what = { kind: scope.resource.kind, apiVersion: apiVersionOf(scope) };
  const write = (method: "create" | "update", subresource?: string) =>
    verb(0, ([given, options, under = subresource]) => {
      const object = readObject(given, what, yamlReader(tools));
      const { query } = readOptions(options);
      const named = method === "update" || under !== undefined;
      const name = named ? nameOf(object.name, method) : undefined;
      const namespace = home(object.namespace);
      return spec(
        { verb: method, namespace, name, subresource: under, options: query },
        jsonDecoder(),
        object.json,
      );
    });
  return {
    create: write("create"),
    update: write("update"),
    updateStatus: write("update", "status"),
    patch: patchVerb(tools),
    apply: verb(0, ([given, options]) => {
      const object = readObject(given, what, yamlReader(tools));
      return spec(
        {
          verb: "patch",
          namespace: home(object.namespace),
          name: nameOf(object.name, "apply"),
          contentType: PATCH_TYPES.apply,
          options: readOptions(options).query,
        },
        jsonDecoder(),
        object.json,
      );
    }),
  };
}

/**
 * Reads YAML, by the broker: waited for in asynchronous scripts too, since what is written must be
 * known before it is sent.
 */
function yamlReader({ parts: { caller } }: VerbTools): (text: string) => unknown {
  // Further down the script's own frame is no longer on the stack.
  const place = callError();
  return (text) =>
    caller.begin({ header: { op: "yaml" }, body: text, decoder: jsonDecoder() }, place).wait();
}

function deletionVerbs({ scope, home, spec, verb, nameOf }: VerbTools) {
  return {
    delete: verb(1, ([name, options]) => {
      const { query, body } = deleteParts(readOptions(options));
      return spec(
        { verb: "delete", namespace: home(), name: nameOf(name, "delete"), options: query },
        nullDecoder(),
        body,
      );
    }),
    deleteCollection: verb(0, ([deleteOptions, listOptions]) => {
      const deletes = readOptions(deleteOptions);
      const lists = readOptions(listOptions);
      const isAll = takesAll(deletes.query) || takesAll(lists.query);
      const { query, body } = deleteParts(deletes);
      const call = spec(
        {
          verb: "deletecollection",
          // Never by default: what goes is said in full.
          namespace: scope.resource.namespaced ? scope.namespace : undefined,
          options: { ...query, ...lists.query },
        },
        jsonDecoder((answer) => ({ deleted: membersOf(answer as List).length })),
        body,
      );
      if (!isAll) refuseUnselected(scope, lists.query);
      return call;
    }),
  };
}

/** Takes the word for everything out of options, of which the API server knows nothing. */
function takesAll(query: Record<string, unknown>): boolean {
  const { all } = query;
  delete query.all;
  return all === true;
}

/** Everything of a namespace goes only where that is said: `{all: true}`. */
function refuseUnselected(
  { resource, namespace }: ResourceScope,
  { labelSelector, fieldSelector }: Record<string, unknown>,
): void {
  // Without a namespace it is refused by the broker.
  if (labelSelector || fieldSelector || (resource.namespaced && !namespace)) return;
  throw usageError(
    "InputError",
    `Cannot delete a collection of ${resource.resource}: neither a selector nor {all: true} is given`,
    `Write deleteCollection({}, {labelSelector}), or {all: true} for every one${
      namespace ? ` in "${namespace}"` : ""
    }.`,
  );
}
