/** `k8s`: the clients of all that the cluster serves, and those of client-go that are not a group. */
import type { NamedResource, NamesIndex } from "../../../broker/types.ts";
import { groupOf, isOwnGroup } from "../../../names/groups.ts";
import {
  otherGroups,
  qualifiedName,
  resolve,
  type ResourceReference,
  whyNotFound,
} from "../../../names/resolve.ts";
import { type Client, type ClientTable, clientTable } from "../../../sdk_guide/clients.ts";
import { caseless, fixedMembers, type Members } from "../base/caseless_object.ts";
import { discoveryClient, dynamicClient, readNamespace, type Resolve } from "./dynamic.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { contextVerbs } from "./contexts.ts";
import { usageError } from "../base/errors.ts";
import { createGuide } from "./guide.ts";
import { brokenHint } from "../names/broken.ts";
import { elsewhere } from "../names/other_libraries.ts";
import type { ServedNames, Version } from "../names/served_names.ts";
import { execOf } from "../../../std/regexp.ts";
import { resourceObject } from "../verbs/resource.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** The object that scripts know as `k8s`, and what of it is a global as well. */
export function createSdk(parts: SdkParts) {
  const contexts = contextVerbs(parts, (other) => sdkOf(other, own.names).k8s);

  function sdkOf(parts: SdkParts, like?: Names) {
    const names = namesOf(parts, (about) => guide.help(about), like);
    const guide = createGuide(parts, names, contexts.others);
    const { label } = parts;
    const fixed = fixedMembers({
      dynamicClient: () => dynamicClient(parts, names.resolve),
      discoveryClient: () => discoveryClient(parts, names.versions),
      namespace: parts.namespace,
      namespaceOrDefault: (namespace: unknown) => namespace || parts.namespace,
      ...contexts.verbs,
      ...guide,
    });
    const k8s = caseless(label, {
      find: (lower) => fixed.find(lower) ?? names.client(lower),
      names: () => [...names.clients(), ...fixed.names()],
      hint: (name) => elsewhere(label, names, name),
      tell: () => guide.help(),
    });
    return { k8s, guide, names };
  }
  const own = sdkOf(parts);
  return own;
}

interface Names extends ServedNames {
  client(lower: string): unknown;
  /** The client of a group of Kubernetes' own, named with its version; undefined for any other. */
  builtIn(lower: string): Client<Version> | undefined;
  readonly resolve: Resolve;
}

/** `appsV1`, `metricsV1beta1Client`: names that say which version is meant. */
const VERSIONED = /v\d+(?:(?:alpha|beta)\d+)?(?:client)?$/;

/**
 * What the cluster serves: asked on first use, and once more when a name is missing.
 *
 * @param like the names of another cluster: in an asynchronous script those of Kubernetes' own groups
 *   are taken from there at first, so that calls to several clusters start side by side, and one that
 *   cannot be reached fails its calls alone; the broker resolves each call by its own cluster
 */
function namesOf(parts: SdkParts, help: (about: string) => string, like?: Names): Names {
  const discovery = discoveryOf(parts);
  const { clients, orRefresh } = discovery;
  const versions = () => discovery.index().versions;
  let failed = false;
  const names: Names = {
    resolve(reference) {
      const { group, version, resource } = reference;
      const key = `${group === undefined ? "*" : groupOf(group)}/${version}/${resource}`;
      const found = orRefresh(key, () => resolve(versions(), reference));
      if (found) return { ...found, others: otherGroups(versions(), reference, found) };
      throw notServed(parts, versions(), reference);
    },
    client(lower) {
      if (lower === "then" || lower === "tojson") return undefined;
      const assumed = discovery.isLoaded() || parts.caller.synchronous
        ? undefined
        : like?.builtIn(lower);
      const found = assumed ?? orRefresh(lower, () => clients().byName.get(lower));
      return found && discovery.once(found.name, () => {
        const label = `${parts.label}.${found.name}()`;
        return caseless(label, resourcesOf({ parts, names, discovery, help }, found, label));
      });
    },
    builtIn(lower) {
      if (execOf(VERSIONED, lower) === null || failed) return undefined;
      try {
        const found = clients().byName.get(lower);
        return found && isOwnGroup(found.version.group) ? found : undefined;
      } catch {
        // Not to be waited for again: the other cluster says itself what it serves.
        failed = true;
        return undefined;
      }
    },
    clients: () => clients().shown,
    clientOf(version) {
      const { shown, byName } = clients();
      const is = (entry?: Version) =>
        entry?.group === version.group && entry.version === version.version;
      return shown.find((name) => is(byName.get(name.toLowerCase())?.version)) ?? version.version;
    },
    orRefresh,
    versions,
  };
  return names;
}

/** The index of names of one cluster. */
interface Discovery {
  isLoaded(): boolean;
  index(): NamesIndex;
  clients(): ClientTable<Version>;
  /** A miss asks the cluster again, once for each key. */
  orRefresh<Value>(key: string, find: () => Value | undefined): Value | undefined;
  /** A function that gives the client's object, made once for each index. */
  once(name: string, make: () => object): () => object;
}

function discoveryOf({ caller }: SdkParts): Discovery {
  let loaded: { readonly index: NamesIndex; readonly table: ClientTable<Version> } | undefined;
  let made = new Map<string, () => object>();
  const refreshed = new Set<string>();
  function load(refresh: boolean) {
    const index = caller.block({
      header: { op: "names", refresh },
      decoder: jsonDecoder(),
    }) as NamesIndex;
    made = new Map();
    return loaded = { index, table: clientTable(index.versions) };
  }
  return {
    isLoaded: () => loaded !== undefined,
    index: () => (loaded ?? load(false)).index,
    clients: () => (loaded ?? load(false)).table,
    orRefresh(key, find) {
      const found = find();
      if (found !== undefined || refreshed.has(key)) return found;
      refreshed.add(key);
      load(true);
      return find();
    },
    once(name, make) {
      const known = made.get(name);
      if (known) return known;
      const object = make();
      const give = () => object;
      made.set(name, give);
      return give;
    },
  };
}

/** The members of one client: its resources, by the newest index. */
function resourcesOf(
  { parts, names, discovery, help }: {
    readonly parts: SdkParts;
    readonly names: Names;
    readonly discovery: Discovery;
    readonly help: (about: string) => string;
  },
  { name, version }: Client<Version>,
  label: string,
): Members {
  const latest = () =>
    discovery.isLoaded()
      ? discovery.clients().byName.get(name.toLowerCase())?.version ?? version
      : version;
  const find = (lower: string): NamedResource | undefined =>
    discovery.orRefresh(
      `${name}.${lower}`,
      () => resolve([latest()], { resource: lower })?.resource,
    );
  return {
    names: () => {
      discovery.clients();
      return latest().resources.map(({ resource }) => resource);
    },
    hint: (name) => brokenHint(latest()) ?? elsewhere(parts.label, names, name, latest()),
    tell: () => help(name),
    find: (lower) => {
      if (lower === "then" || lower === "tojson") return undefined;
      const resource = find(lower);
      if (resource === undefined) return undefined;
      const { group, version: served } = version;
      return (...given: unknown[]) =>
        resourceObject(
          parts,
          { group, version: served, resource, ...readNamespace(given) },
          `${label}.${resource.resource}()`,
          help,
        );
    },
  };
}

function notServed(
  { label, where }: SdkParts,
  versions: readonly Version[],
  reference: ResourceReference,
): Error {
  const { wanted, place, elsewhere, broken, near } = whyNotFound(versions, reference);
  const places = elsewhere.slice(0, 4).map((found) =>
    qualifiedName({ ...found, resource: found.resource.resource })
  );
  const away = brokenHint(broken[0]);
  const hint = (wanted.group === undefined ? undefined : away) ??
    (places.length > 0 ? `It is served as ${places.join(", ")}.` : undefined) ??
    (near.length > 0
      ? `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`
      : undefined) ??
    away;
  return usageError(
    "ResolveError",
    `Cannot resolve "${reference.resource}"${
      place === undefined ? "" : ` in ${place}`
    }: the cluster does not serve it${where}`,
    hint ??
      `Object.keys(${label}) lists the groups, Object.keys(${label}.appsV1()) the resources of one.`,
  );
}
