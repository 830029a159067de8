/** The verbs of the API on one resource: objects that are read, written and deleted. */
import { PATCH_TYPES } from "../../../names/requests.ts";
import { apiVersionOf } from "../../../names/groups.ts";
import { callError, usageError } from "../base/errors.ts";
import { jsonDecoder, type List, listDecoder, membersOf, nullDecoder } from "../calls/decoders.ts";
import {
  deleteParts,
  readObject,
  type ReadOptions,
  readOptions,
  readReadOptions,
  withoutContext,
} from "../input/arguments.ts";
import { eachOf, pagesOf } from "./pages.ts";
import type { ResourceScope, VerbTools } from "./sdk_types.ts";
import { getVerb, patchVerb } from "./subresources.ts";

/** `get list pages each`. */
export function readVerbs(tools: VerbTools) {
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

/** `create update updateStatus patch apply`. */
export function writeVerbs(tools: VerbTools) {
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

/** `delete deleteCollection`. */
export function deletionVerbs({ scope, home, spec, verb, nameOf }: VerbTools) {
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
