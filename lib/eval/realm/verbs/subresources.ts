/** Any subresource by its name, and the functions of client-go for those that have some. */
import { SUBRESOURCE_KINDS } from "../../../names/well_known.ts";
import { readObject, readOptions, readPatch, readReadOptions } from "../input/arguments.ts";
import { caseless, fixedMembers } from "../base/caseless_object.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import { apiVersionOf, isOwnGroup } from "../../../names/groups.ts";
import type { VerbTools } from "./sdk_types.ts";

interface Kind {
  readonly kind: string;
  readonly apiVersion: string;
}

const KINDS: Readonly<Record<string, Kind>> = SUBRESOURCE_KINDS;

/** Subresources that are no objects, and the function for each. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  log: "getLogs(name)",
  exec: "exec(name, […])",
};

/**
 * `subresource(name)` with `get create update patch`; `createToken`, `bind`, `updateApproval` and
 * `updateEphemeralContainers` where the resource has what they act on.
 */
export function subresourceVerbs(tools: VerbTools, label: string): Record<string, unknown> {
  const { scope: { resource } } = tools;
  if (resource.subresources.length === 0) return {};
  const verbs: Record<string, unknown> = {
    subresource: (given: unknown) => {
      const name = tools.nameOf(given, "subresource");
      if (Object.hasOwn(FUNCTIONS, name)) {
        throw usageError(
          "InputError",
          `Cannot use ${resource.resource}/${name} as an object: it is none`,
          `Write ${FUNCTIONS[name]}.`,
        );
      }
      return subresourceObject(tools, name, `${label}.subresource("${name}")`);
    },
  };
  for (const name of resource.subresources) {
    if (name === "token") verbs.createToken = writeVerb(tools, "create", name, true);
    if (name === "binding") verbs.bind = writeVerb(tools, "create", name, false);
    if (name === "approval") verbs.updateApproval = writeVerb(tools, "update", name, true);
    if (name === "ephemeralcontainers") {
      verbs.updateEphemeralContainers = writeVerb(tools, "update", name, true);
    }
  }
  return verbs;
}

function subresourceObject(tools: VerbTools, subresource: string, label: string): object {
  return caseless(
    label,
    fixedMembers({
      get: getVerb(tools, subresource),
      create: writeVerb(tools, "create", subresource),
      update: writeVerb(tools, "update", subresource),
      patch: patchVerb(tools, subresource),
    }),
  );
}

/** `get(name, options, subresource)`; the last is an argument where none is given here. */
export function getVerb({ home, spec, verb, nameOf }: VerbTools, subresource?: string) {
  return verb(1, ([name, options, asked]) => {
    const { query, form, managedFields } = readReadOptions(options);
    return spec({
      verb: "get",
      namespace: home(),
      name: nameOf(name, "get"),
      options: query,
      form,
      managedFields,
      subresource: subresource ?? asked,
    }, jsonDecoder());
  });
}

/** `patch(name, type, data, options, subresource)`, and its shorter forms; the last as in `getVerb`. */
export function patchVerb({ home, spec, verb, nameOf, scope }: VerbTools, subresource?: string) {
  return verb(2, ([name, ...rest]) => {
    const patch = readPatch(rest, isOwnGroup(scope.group));
    return spec(
      {
        verb: "patch",
        namespace: home(),
        name: nameOf(name, "patch"),
        contentType: patch.contentType,
        options: readOptions(patch.options).query,
        subresource: subresource ?? patch.subresource,
      },
      jsonDecoder(),
      patch.body,
    );
  });
}

/**
 * A write of `(name, object, options)` or `(object, options)`.
 *
 * @param named which of the two is meant; left out, a string in front is the name
 */
function writeVerb(
  { home, spec, verb, nameOf, scope }: VerbTools,
  method: "create" | "update",
  subresource: string,
  named?: boolean,
) {
  const { resource, group, version } = scope;
  const own: Kind = {
    kind: resource.kind,
    apiVersion: apiVersionOf({ group, version }),
  };
  const what = Object.hasOwn(KINDS, subresource) ? KINDS[subresource]! : own;
  const shownMethod = named === undefined ? method : subresource;
  return verb(named === false ? 0 : 1, (args) => {
    const hasName = named ?? typeof args[0] === "string";
    const given = hasName ? args[1] : args[0];
    const options = hasName ? args[2] : args[1];
    // What is of a kind of its own may need no more than its name.
    const object = readObject(given ?? (what === own ? given : {}), what);
    const name = nameOf(hasName ? args[0] : object.name, shownMethod);
    if (object.name !== undefined && object.name !== name) {
      throw usageError(
        "InputError",
        `Cannot ${method} ${resource.resource}/${subresource} of "${name}": the object's own name is ${
          shown(object.name)
        }`,
      );
    }
    return spec(
      {
        verb: method,
        namespace: home(object.namespace),
        name,
        subresource,
        options: readOptions(options).query,
      },
      jsonDecoder(),
      object.name === undefined && what !== own ? withName(object.json, name) : object.json,
    );
  });
}

/** The object with the name that it was given for: a binding or an eviction must say it again. */
function withName(json: string, name: string): string {
  const object = JSON.parse(json) as { metadata: Record<string, unknown> };
  object.metadata.name = name;
  return JSON.stringify(object);
}
