/** The verbs of one resource, as scripts call them. */
import type { NamedResource } from "../../broker/types.ts";
import { readObject, readOptions, readPatch, shown, withoutContext } from "./arguments.ts";
import type { Caller, CallSpec, Decoder } from "./calls.ts";
import { caseless, fixedMembers } from "./caseless.ts";
import { jsonDecoder, listDecoder, logDecoder, nullDecoder, type RawLog } from "./decoders.ts";
import { usageError } from "./errors.ts";
import { stringify } from "./primordials.ts";

/** What the functions of the SDK are made from, for one script. */
export interface SdkParts {
  readonly caller: Caller;
  readonly ctx: object;
  /** Namespace of the context. */
  readonly namespace: string;
  readonly synchronous: boolean;
}

/** One resource of one group and version, in one namespace or (undefined or "") in all. */
export interface ResourceScope {
  readonly group: string;
  readonly version: string;
  readonly resource: NamedResource;
  readonly namespace?: string;
}

/** A log that is text, and has its bytes at hand, as client-go's `GetLogs(…).DoRaw(ctx)`. */
class LogText extends String {
  readonly #raw: RawLog;
  constructor(raw: RawLog) {
    super(raw.text);
    this.#raw = raw;
  }
  doRaw() {
    return this.#raw.bytes;
  }
}

/** Verbs on a resource: `get list create update updateStatus patch apply delete …`. */
export function resourceObject(parts: SdkParts, scope: ResourceScope, label: string): object {
  const { caller, ctx } = parts;
  const { group, version, resource } = scope;
  const what = { kind: resource.kind, apiVersion: group ? `${group}/${version}` : version };

  /** Where an object lives: the namespace chosen, the object's own, or the context's. */
  const home = (own?: string) =>
    resource.namespaced ? scope.namespace || own || parts.namespace : undefined;
  const spec = (
    header: { readonly verb: string; readonly [field: string]: unknown },
    decoder: Decoder,
    body?: string,
  ): CallSpec => ({
    header: { op: "request", group, version, resource: resource.resource, ...header },
    decoder,
    ...(body === undefined ? {} : { body }),
  });
  const verb = (make: (args: unknown[]) => CallSpec) => (...args: unknown[]) =>
    caller.invoke(() => make(withoutContext(args, ctx)));
  const nameOf = (value: unknown, method: string): string => {
    if (typeof value === "string" && value !== "") return value;
    throw usageError(
      "InputError",
      `Cannot ${method} ${resource.resource}: ${shown(value)} is no name`,
      `Write ${method}("<name>").`,
    );
  };

  function write(method: "create" | "update", subresource?: string) {
    return verb(([given, options]) => {
      const object = readObject(given, what);
      const { query } = readOptions(options);
      const name = method === "update" ? nameOf(object.name, method) : undefined;
      return spec(
        { verb: method, namespace: home(object.namespace), name, subresource, options: query },
        jsonDecoder(),
        object.json,
      );
    });
  }

  const verbs: Record<string, unknown> = {
    get: verb(([name, options, subresource]) =>
      spec({
        verb: "get",
        namespace: home(),
        name: nameOf(name, "get"),
        options: readOptions(options).query,
        subresource,
      }, jsonDecoder())
    ),
    list: verb(([options]) =>
      spec({
        verb: "list",
        namespace: resource.namespaced ? scope.namespace : undefined,
        options: readOptions(options).query,
      }, listDecoder())
    ),
    create: write("create"),
    update: write("update"),
    updateStatus: write("update", "status"),
    patch: verb(([name, ...rest]) => {
      const patch = readPatch(rest, !/\./.test(group) || /\.k8s\.io$/.test(group));
      return spec(
        {
          verb: "patch",
          namespace: home(),
          name: nameOf(name, "patch"),
          contentType: patch.contentType,
          options: readOptions(patch.options).query,
          subresource: patch.subresource,
        },
        jsonDecoder(),
        patch.body,
      );
    }),
    apply: verb(([given, options]) => {
      const object = readObject(given, what);
      return spec(
        {
          verb: "patch",
          namespace: home(object.namespace),
          name: nameOf(object.name, "apply"),
          contentType: "application/apply-patch+yaml",
          options: readOptions(options).query,
        },
        jsonDecoder(),
        object.json,
      );
    }),
    delete: verb(([name, options]) => {
      const { query, preconditions } = readOptions(options);
      const body = preconditions === undefined
        ? undefined
        : stringify({ kind: "DeleteOptions", apiVersion: "v1", preconditions });
      return spec(
        { verb: "delete", namespace: home(), name: nameOf(name, "delete"), options: query },
        nullDecoder(),
        body,
      );
    }),
    deleteCollection: verb(([deleteOptions, listOptions]) =>
      spec({
        verb: "deletecollection",
        namespace: home(),
        options: { ...readOptions(deleteOptions).query, ...readOptions(listOptions).query },
      }, nullDecoder())
    ),
  };
  if (includes(resource.subresources, "log")) {
    verbs.getLogs = (...args: unknown[]) => {
      const log = caller.invoke(() => {
        const [name, options] = withoutContext(args, ctx);
        return {
          ...spec({
            verb: "get",
            subresource: "log",
            namespace: home(),
            name: nameOf(name, "getLogs"),
            options: readOptions(options).query,
          }, logDecoder()),
          awaited: (raw: unknown) => (raw as RawLog).text,
          methods: { doRaw: (raw: unknown) => new LogText(raw as RawLog).doRaw() },
        };
      });
      return parts.synchronous ? new LogText(log as RawLog) : log;
    };
  }
  return caseless(label, fixedMembers(verbs));
}

function includes(list: readonly string[], wanted: string): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] === wanted) return true;
  return false;
}
