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
import type { CallSpec, Decoder } from "../calls/types.ts";
import { apiVersionOf, groupName } from "../../../names/groups.ts";
import { caseless, fixedMembers } from "../base/caseless_object.ts";
import { jsonDecoder, listDecoder, nullDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import { everydayVerbs } from "./kubectl_verbs.ts";
import { execVerb } from "./exec.ts";
import { refuseUnknown } from "../input/known_options.ts";
import { verbMeant } from "../names/other_libraries.ts";
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
  const { caller, ctx } = parts;
  const { group, version, resource } = scope;
  const what = { kind: resource.kind, apiVersion: apiVersionOf(scope) };

  /**
   * Where an object lives: the namespace chosen, the object's own, or, where none was named at all,
   * the context's. "" means all namespaces: a request for one object in it is refused by the broker.
   */
  const home = (own?: string) =>
    resource.namespaced ? scope.namespace || own || (scope.all ? "" : parts.namespace) : undefined;
  const spec = (
    header: { readonly verb: string; readonly [field: string]: unknown },
    decoder: Decoder,
    body?: string,
  ): CallSpec => {
    if (header.options && header.subresource !== "log") {
      const { verb, options } = header;
      const asked = { query: options, method: verb, resource };
      refuseUnknown(asked, verb);
    }
    return {
      header: { op: "request", group, version, resource: resource.resource, ...header },
      decoder,
      ...(body === undefined ? {} : { body }),
    };
  };
  /** @param named how many strings, the object's name first, the method begins with */
  const verb = (named: number, make: (args: unknown[]) => CallSpec) => (...args: unknown[]) =>
    caller.invoke(() => make(withoutContext(args, ctx, named)));
  const nameOf = (value: unknown, method: string): string => {
    if (typeof value === "string" && value !== "") return value;
    throw usageError(
      "InputError",
      `Cannot ${method} ${resource.resource}: ${shown(value)} is no name`,
      `Write ${method}("<name>").`,
    );
  };

  const list = ({ query, form, managedFields }: ReadOptions) =>
    spec({
      verb: "list",
      namespace: resource.namespaced ? scope.namespace : undefined,
      options: query,
      form,
      managedFields,
    }, listDecoder());
  const listOptions = (args: unknown[]) => {
    const [options] = withoutContext(args, ctx);
    return readReadOptions(options);
  };

  function write(method: "create" | "update", subresource?: string) {
    return verb(0, ([given, options, under = subresource]) => {
      const object = readObject(given, what);
      const { query } = readOptions(options);
      const named = method === "update" || under !== undefined;
      const name = named ? nameOf(object.name, method) : undefined;
      return spec(
        {
          verb: method,
          namespace: home(object.namespace),
          name,
          subresource: under,
          options: query,
        },
        jsonDecoder(),
        object.json,
      );
    });
  }

  const tools: VerbTools = { parts, scope, home, spec, verb, nameOf };
  const verbs: Record<string, unknown> = {
    get: getVerb(tools),
    list: verb(0, ([options]) => list(readReadOptions(options))),
    pages: (...args: unknown[]) => pagesOf(caller, listOptions(args), list),
    each: (...args: unknown[]) => eachOf(caller, listOptions(args), list),
    create: write("create"),
    update: write("update"),
    updateStatus: write("update", "status"),
    patch: patchVerb(tools),
    apply: verb(0, ([given, options]) => {
      const object = readObject(given, what);
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
    delete: verb(1, ([name, options]) => {
      const { query, body } = deleteParts(readOptions(options));
      return spec(
        { verb: "delete", namespace: home(), name: nameOf(name, "delete"), options: query },
        nullDecoder(),
        body,
      );
    }),
    deleteCollection: verb(0, ([deleteOptions, listOptions]) => {
      const { query, body } = deleteParts(readOptions(deleteOptions));
      return spec(
        {
          verb: "deletecollection",
          // Never by default: what goes is said in full.
          namespace: resource.namespaced ? scope.namespace : undefined,
          options: { ...query, ...readOptions(listOptions).query },
        },
        nullDecoder(),
        body,
      );
    }),
  };
  if (includes(resource.subresources, "log")) verbs.getLogs = logsVerb(tools);
  if (group === "" && resource.resource === "pods") verbs.exec = execVerb(tools);
  const more = {
    ...waitingVerbs(tools),
    ...everydayVerbs(tools),
    ...subresourceVerbs(tools, label),
  };
  return caseless(label, {
    ...fixedMembers({ ...verbs, ...more }),
    hint: verbMeant,
    ...(help ? { tell: () => help(`${resource.resource}.${groupName(group)}`) } : {}),
  });
}

function includes(list: readonly string[], wanted: string): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] === wanted) return true;
  return false;
}
