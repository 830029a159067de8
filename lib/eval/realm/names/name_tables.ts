/**
 * From the names that scripts use to what the cluster serves: `appsV1` to apps/v1, `deploy` to its
 * deployments. All look-ups are by lower-case name.
 */
import type { NamedResource, NamesIndex } from "../../../broker/types.ts";
import {
  append,
  execOf,
  replaceAll,
  type SafeMap,
  safeMap,
  slice,
  toLower,
  toUpper,
} from "../base/primordials.ts";

type Version = NamesIndex["versions"][number];

/** One client of `k8s`. */
export interface Client {
  /** The name to show, such as `appsV1`. */
  readonly name: string;
  readonly version: Version;
}

/** What is known of a cluster. */
export interface ServedNames {
  versions(): readonly Version[];
  /** Names of the clients, as `appsV1`. */
  clients(): readonly string[];
  clientOf(version: Version): string;
  /** What `find` gives; when that is nothing, once more after asking the cluster again. */
  orRefresh<Value>(key: string, find: () => Value | undefined): Value | undefined;
}

/** Look-ups by lower-case name, and the names to show. */
export interface NameTable<Value> {
  readonly byName: SafeMap<string, Value>;
  readonly shown: readonly string[];
}

/**
 * The clients of `k8s`: `coreV1`, `appsV1`, `rbacV1`, … the first label of the group with the
 * version; where two groups share that, Kubernetes' own has it. Found as well: the whole group
 * (`networkingIstioIoV1`), with `Client` or `Api` behind it (`metricsV1beta1Client`), and without a
 * version.
 */
export function clientTable(index: NamesIndex): NameTable<Client> {
  const byName = safeMap<string, Client>();
  const shown: string[] = [];
  const { versions } = index;
  for (const wantOwn of [true, false]) {
    for (let at = 0; at < versions.length; at++) {
      const entry = versions[at]!;
      if (isOwnGroup(entry.group) !== wantOwn) continue;
      const version = capital(entry.version);
      const short = camel(entry.group === "" ? "core" : firstLabel(entry.group)) + version;
      const long = camel(entry.group || "core") + version;
      const free = !byName.has(toLower(short));
      const name = free ? short : long;
      const client = { name, version: entry };
      append(shown, name);
      const aliases = [short, `${short}client`, long, `${long}client`, `${short}api`];
      if (entry.preferred) aliases[5] = entry.group === "" ? "core" : camel(entry.group);
      if (entry.preferred) aliases[6] = camel(firstLabel(entry.group));
      for (let alias = 0; alias < aliases.length; alias++) {
        const lower = toLower(aliases[alias]!);
        if (lower !== "" && !byName.has(lower)) byName.set(lower, client);
      }
    }
  }
  return { byName, shown };
}

/** The resources of one client, by plural, singular and short name, kind and kind's plural. */
export function resourceTable(version: Version): NameTable<NamedResource> {
  const byName = safeMap<string, NamedResource>();
  const shown: string[] = [];
  const add = (name: string, resource: NamedResource) => {
    const lower = toLower(name);
    if (lower !== "" && !byName.has(lower)) byName.set(lower, resource);
  };
  const { resources } = version;
  for (let at = 0; at < resources.length; at++) {
    append(shown, resources[at]!.resource);
    add(resources[at]!.resource, resources[at]!);
  }
  for (let at = 0; at < resources.length; at++) {
    const resource = resources[at]!;
    const { kind, shortNames } = resource;
    for (const name of [resource.singular, kind, `${kind}s`, `${kind}es`]) add(name, resource);
    for (let short = 0; short < shortNames.length; short++) add(shortNames[short]!, resource);
  }
  return { byName, shown };
}

/** Whether a group is one of Kubernetes' own. */
export function isOwnGroup(group: string): boolean {
  return execOf(/\./, group) === null || execOf(/\.k8s\.io$/, group) !== null;
}

function firstLabel(group: string): string {
  return execOf(/^[^.]*/, group)![0];
}

function capital(text: string): string {
  return toUpper(slice(text, 0, 1)) + slice(text, 1);
}

/** `networking.istio.io` to `networkingIstioIo`. */
function camel(group: string): string {
  return replaceAll(group, /[.-](\w)/g, (match) => toUpper(match[1]!));
}
