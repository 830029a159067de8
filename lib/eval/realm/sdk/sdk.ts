/** `k8s`: the clients of all that the cluster serves, and those of client-go that are not a group. */
import type { NamesIndex } from "../../../broker/types.ts";
import { apiVersionOf, groupOf, isOwnGroup } from "../../../names/groups.ts";
import {
  otherGroups,
  qualifiedName,
  resolve,
  type ResourceReference,
  whyNotFound,
} from "../../../names/resolve.ts";
import { type Client, type ClientTable, clientTable } from "../../../sdk_guide/clients.ts";
import { caseless, fixedMembers, giving, type Members } from "../base/caseless_object.ts";
import { discoveryClient, dynamicClient, type Resolve, resourceOf } from "./dynamic.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { contextVerbs } from "./contexts.ts";
import { shown, usageError } from "../base/errors.ts";
import { customObjects, generatedCall } from "./generated_calls.ts";
import { createGuide } from "./guide.ts";
import { brokenHint } from "../names/broken.ts";
import { readNamespace } from "../input/placement.ts";
import { kubeConfig } from "./kube_config.ts";
import { verbFirst, verbOf } from "./verb_first.ts";
import { camelCasePlural, shownNames } from "../../../names/camel_case.ts";
import { elsewhere } from "../names/other_libraries.ts";
import type { FoundResource, ServedNames, Version } from "../names/served_names.ts";
import { execOf } from "../../../std/regexp.ts";
import { rolloutWords } from "../verbs/kubectl_verbs.ts";
import { resourceObject } from "../verbs/resource.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** The object that scripts know as `k8s`, and what of it is a global as well. */
export function createSdk(parts: SdkParts) {
  const contexts = contextVerbs(parts, (other) => sdkOf(other, own.names).k8s);

  function sdkOf(parts: SdkParts, like?: Names) {
    const names = namesOf(parts, (about) => guide.help(about), like);
    const guide = createGuide(parts, names, contexts.others);
    const { label } = parts;
    const discovery = () =>
      discoveryClient(parts, names) as Record<string, (...args: unknown[]) => unknown>;
    const dynamic = resourceOf(parts, names.resolve, label);
    const fixed = fixedMembers({
      dynamicClient: giving(() => dynamicClient(parts, names.resolve)),
      discoveryClient: giving(discovery),
      namespace: parts.namespace,
      namespaceOrDefault: (namespace: unknown) => namespace || parts.namespace,
      ...contexts.verbs,
      ...guide,
    });
    // Found and not shown: what scripts write that were learnt from other clients.
    const learnt = fixedMembers({
      resource: dynamic,
      resources: dynamic,
      dynamic: giving(() => dynamicClient(parts, names.resolve)),
      version: (...args: unknown[]) => discovery().serverVersion!(...args),
      inNamespace: (namespace: string) => sdkOf({ ...parts, namespace }, names).k8s,
      KubeConfig: giving(() => kubeConfig(label)),
      CustomObjectsApi: giving(() => customObjects(parts, names.resolve)),
    });
    const member = (lower: string) =>
      fixed.find(lower) ?? learnt.find(lower) ?? names.member(lower);
    const verb = (lower: string) => verbFirst(parts, lower, dynamic, isResource);
    const isResource = (name: string) => names.find(name) !== undefined;
    const k8s: object = caseless(label, {
      find: (lower) =>
        fixed.find(lower) ?? verb(lower) ?? (lower === "client" ? k8s : member(lower)) ??
          (lower === "rollout" ? rolloutWords(verb) : undefined),
      names: () => [...names.clients(), ...fixed.names()],
      hint: (name) => elsewhere(label, names, name),
      tell: () => guide.help(),
    });
    return { k8s, guide, names, has: (name: string) => isThere(() => member(name.toLowerCase())) };
  }
  const own = sdkOf(parts);
  return own;
}

/** Whether a look finds something; what cannot be looked at is not there. */
function isThere(look: () => unknown): boolean {
  try {
    return look() !== undefined;
  } catch {
    return false;
  }
}

interface Names extends ServedNames {
  /** A client, a resource by its own name, or a method of a generated client. */
  member(lower: string): unknown;
  /** The resource of a name, as far as the cluster is known. */
  find(name: string): FoundResource | undefined;
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
  const clientOf = (found: Client<Version>) =>
    discovery.once(found.name, () => {
      const label = `${parts.label}.${found.name}()`;
      return caseless(label, clientMembers({ parts, names, discovery, help }, found, label));
    }, (given) => refuseNamespace(parts, names, found, given));
  const resourceNamed = (lower: string) =>
    names.find(lower) && resourceFunction(parts, () => names.resolve({ resource: lower }), help);
  const names: Names = {
    resolve(reference) {
      const { group, version, resource } = reference;
      const key = `${group === undefined ? "*" : groupOf(group)}/${version}/${resource}`;
      const found = orRefresh(key, () => resolve(versions(), reference));
      if (found) return { ...found, others: otherGroups(versions(), reference, found) };
      throw notServed(parts, versions(), reference);
    },
    find: (resource) => resolve(versions(), { resource }),
    member(lower) {
      if (lower === "then" || lower === "tojson") return undefined;
      const assumed = discovery.isLoaded() || parts.caller.synchronous
        ? undefined
        : like?.builtIn(lower);
      return assumed ? clientOf(assumed) : orRefresh(lower, () => {
        const found = clients().byName.get(lower);
        return found ? clientOf(found) : resourceNamed(lower) ??
          generatedCall(parts, names.resolve, lower, names.find);
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
  /**
   * A function that gives the client's object, made once for each index.
   *
   * @param check throws for arguments that the client cannot take
   */
  once(name: string, make: () => object, check: (given: readonly unknown[]) => void): object;
}

function discoveryOf({ caller }: SdkParts): Discovery {
  let loaded: { readonly index: NamesIndex; readonly table: ClientTable<Version> } | undefined;
  let made = new Map<string, object>();
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
    once(name, make, check) {
      const known = made.get(name);
      if (known) return known;
      const object = make();
      const give = giving((...given) => {
        check(given);
        return object;
      });
      made.set(name, give);
      return give;
    },
  };
}

/** The members of one client, by the newest index: its resources, and its group's other versions. */
function clientMembers(
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
  const find = (lower: string): FoundResource | undefined =>
    resolve([latest()], { resource: lower });
  const { group } = version;
  return {
    names: () => {
      discovery.clients();
      return latest().resources.flatMap(shownNames);
    },
    hint: (missing) =>
      brokenHint(latest()) ??
        (verbOf(missing) ? namesake(parts.label, names, { name, version }) : undefined) ??
        elsewhere(parts.label, names, missing, latest()),
    tell: () => help(name),
    find: (lower) => {
      if (lower === "then" || lower === "tojson") return undefined;
      // `k8s.apps.v1`. No resource is called so, and nothing else has to know the cluster yet.
      if (execOf(/^v\d/, lower) !== null) {
        const other = names.versions().find((entry) =>
          entry.group === group && entry.version === lower
        );
        if (other) return names.member(names.clientOf(other).toLowerCase());
      }
      return discovery.orRefresh(`${name}.${lower}`, () => {
        const found = find(lower);
        return found
          ? resourceFunction(parts, () => found, help, label)
          : generatedCall(parts, names.resolve, lower, find);
      });
    },
  };
}

/** `pods` of `k8s.coreV1().pods`, or of `k8s.pods`: the object of a resource, in the namespace given. */
function resourceFunction(
  parts: SdkParts,
  find: () => FoundResource,
  help: (about: string) => string,
  of = parts.label,
): object {
  return giving((...given) => {
    const found = find();
    const args = given[0] === parts.ctx ? given.slice(1) : given;
    return resourceObject(
      parts,
      { ...found, ...readNamespace(found.resource, args) },
      `${of}.${camelCasePlural(found.resource)}()`,
      help,
    );
  });
}

/** `k8s.events("shop")`: the name of a group without its version, where its resource is meant. */
function refuseNamespace(
  { label }: SdkParts,
  names: Names,
  { name, version }: Client<Version>,
  [given]: readonly unknown[],
): void {
  if (typeof given !== "string" && !Object.hasOwn(Object(given), "namespace")) return;
  throw usageError(
    "InputError",
    `Cannot use ${shown(given)}: ${label}.${name}() is the client of ${apiVersionOf(version)}`,
    namesake(label, names, { name, version }),
  );
}

/** What is meant by a client that is taken for the resource of that name: `k8s.events().list()`. */
function namesake(label: string, names: Names, { name, version }: Client<Version>) {
  return elsewhere(label, names, name.slice(0, name.length - version.version.length));
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
