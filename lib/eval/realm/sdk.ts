/** `k8s`: the clients of all that the cluster serves, and those of client-go that are not a group. */
import type { NamedResource, NamesIndex } from "../../broker/types.ts";
import { withoutContext } from "./arguments.ts";
import type { CallSpec } from "./call.ts";
import { caseless, fixedMembers, type Members } from "./caseless.ts";
import { jsonDecoder } from "./decoders.ts";
import { usageError } from "./errors.ts";
import { createGuide, type GuideNames } from "./guide.ts";
import { type Client, clientTable, type NameTable, resourceTable } from "./names.ts";
import { append, safeMap, toLower } from "./primordials.ts";
import { resourceObject } from "./resource.ts";
import type { ResourceScope, SdkParts } from "./tools.ts";

/** The object that scripts know as `k8s`, and what of it is a global as well. */
export function createSdk(parts: SdkParts) {
  const names = namesOf(parts);
  const guide = createGuide(parts, names);
  const fixed = fixedMembers({
    dynamicClient: () =>
      caseless("k8s.dynamicClient()", fixedMembers({ resource: dynamic(parts, names) })),
    discoveryClient: () => discoveryClient(parts, names),
    namespaceOrDefault: (namespace: unknown) => namespace || parts.namespace,
    ...guide,
  });
  const k8s = caseless("k8s", {
    find: (lower) => fixed.find(lower) ?? names.client(lower),
    names: () => [...names.clients(), ...fixed.names()],
  });
  return { k8s, guide };
}

interface Names extends GuideNames {
  client(lower: string): unknown;
  /** The resource of a group ("" or "core" for the core group) and version ("": the preferred). */
  resolve(group: string, version: string, resource: string): Omit<ResourceScope, "namespace">;
}

/** What the cluster serves: asked on first use, and once more when a name is missing. */
function namesOf(parts: SdkParts): Names {
  let index: NamesIndex | undefined;
  let table: NameTable<Client> | undefined;
  let made = safeMap<string, () => object>();
  const load = (refresh: boolean) => {
    index = parts.caller.block({
      header: { op: "names", refresh },
      decoder: jsonDecoder(),
    }) as NamesIndex;
    table = clientTable(index);
    made = safeMap();
    return table;
  };
  const refreshed = safeMap<string, boolean>();
  /** A miss asks the cluster again, once for each name. */
  const orRefresh = <Value>(key: string, find: () => Value | undefined): Value | undefined => {
    const found = find();
    if (found !== undefined || refreshed.has(key)) return found;
    refreshed.set(key, true);
    load(true);
    return find();
  };

  function client(lower: string): unknown {
    const found = orRefresh(lower, () => (table ?? load(false)).byName.get(lower));
    if (found === undefined) return undefined;
    const known = made.get(found.name);
    if (known) return known;
    const label = `k8s.${found.name}()`;
    const object = caseless(label, resourcesOf(found, label));
    const make = () => object;
    made.set(found.name, make);
    return make;
  }

  function resourcesOf({ name, version }: Client, label: string): Members {
    let current = version;
    let resources = resourceTable(version);
    const find = (lower: string): NamedResource | undefined =>
      orRefresh(`${name}.${lower}`, () => {
        const latest = table?.byName.get(toLower(name))?.version ?? current;
        if (latest !== current) {
          current = latest;
          resources = resourceTable(current);
        }
        return resources.byName.get(lower);
      });
    return {
      names: () => resources.shown,
      find: (lower) => {
        if (lower === "then" || lower === "tojson") return undefined;
        const resource = find(lower);
        return resource && ((...given: unknown[]) =>
          resourceObject(parts, {
            group: version.group,
            version: version.version,
            resource,
            ...readNamespace(given),
          }, `${label}.${resource.resource}()`));
      },
    };
  }

  function served(group: string, version: string, name: string) {
    const all = versions();
    for (let at = 0; at < all.length; at++) {
      const entry = all[at]!;
      if (entry.group !== group) continue;
      if (version === "" ? !entry.preferred : entry.version !== version) continue;
      const resource = resourceTable(entry).byName.get(toLower(name));
      if (resource) return { group, version: entry.version, resource };
    }
    return undefined;
  }

  function versions() {
    if (index === undefined) load(false);
    return index!.versions;
  }

  return {
    resolve(group, version, name) {
      const lowerGroup = toLower(group) === "core" ? "" : toLower(group);
      const key = `${lowerGroup}/${version}/${name}`;
      const found = orRefresh(key, () => served(lowerGroup, toLower(version), name));
      if (found) return found;
      throw usageError(
        "ResolveError",
        `Cannot resolve "${name}" in ${lowerGroup || "the core group"}${
          version && `/${version}`
        }: the cluster does not serve it`,
        "Object.keys(k8s) lists the groups, Object.keys(k8s.appsV1()) the resources of one.",
      );
    },
    client: (lower) => lower === "then" || lower === "tojson" ? undefined : client(lower),
    clients: () => (table ?? load(false)).shown,
    clientOf(version) {
      const { shown, byName } = table ?? load(false);
      for (let at = 0; at < shown.length; at++) {
        if (byName.get(toLower(shown[at]!))?.version === version) return shown[at]!;
      }
      return version.version;
    },
    orRefresh,
    versions,
  };
}

/** None given: the context's namespace for one object, all for a list. Given and empty: all. */
function readNamespace(given: readonly unknown[]): { namespace?: string; all?: boolean } {
  if (given.length === 0) return {};
  const namespace = given[0];
  if (namespace === undefined || namespace === null || namespace === "") return { all: true };
  if (typeof namespace === "string") return { namespace };
  throw usageError("InputError", "Cannot use the namespace: it is no string");
}

/** `resource({group, version, resource})`, with `namespace(ns)` or without. */
function dynamic(parts: SdkParts, names: Names) {
  return (reference: unknown) => {
    const { group, version, resource } = lowerKeys(reference);
    if (typeof resource !== "string" || resource === "") {
      throw usageError(
        "InputError",
        "Cannot use the resource: no name given",
        'Write resource({group: "apps", version: "v1", resource: "deployments"}).',
      );
    }
    const found = names.resolve(`${group ?? ""}`, `${version ?? ""}`, resource);
    const at = (...given: unknown[]) =>
      resourceObject(
        parts,
        { ...found, ...readNamespace(given) },
        `k8s.dynamicClient().resource("${resource}")`,
      ) as Record<string, unknown>;
    const clustered = at();
    return caseless(`k8s.dynamicClient().resource("${resource}")`, {
      find: (lower) => lower === "namespace" ? at : clustered[lower],
      names: () => ["namespace", ...Object.keys(clustered)],
    });
  };
}

function lowerKeys(value: unknown): Record<string, unknown> {
  const lower: Record<string, unknown> = {};
  const given = Object(value) as Record<string, unknown>;
  for (const key of Object.keys(given)) lower[toLower(key)] = given[key];
  return lower;
}

/** client-go's discovery client, as far as scripts use it. */
function discoveryClient(parts: SdkParts, names: Names): object {
  const get = (path: string) => (...args: unknown[]) => {
    withoutContext(args, parts.ctx);
    const spec: CallSpec = { header: { op: "path", path }, decoder: jsonDecoder() };
    return parts.caller.invoke(() => spec);
  };
  const lists = (preferredOnly: boolean) => () => {
    const all: unknown[] = [];
    const versions = names.versions();
    for (let at = 0; at < versions.length; at++) {
      const { group, version, preferred, resources } = versions[at]!;
      if (preferredOnly && !preferred) continue;
      append(all, {
        groupVersion: group ? `${group}/${version}` : version,
        resources: resources.map((entry) => ({
          name: entry.resource,
          singularName: entry.singular,
          namespaced: entry.namespaced,
          kind: entry.kind,
          verbs: entry.verbs,
          shortNames: entry.shortNames,
        })),
      });
    }
    return all;
  };
  return caseless(
    "k8s.discoveryClient()",
    fixedMembers({
      serverVersion: get("/version"),
      serverGroups: get("/apis"),
      serverPreferredResources: lists(true),
      serverGroupsAndResources: lists(false),
    }),
  );
}
