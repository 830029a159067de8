/** The names of the clients of `k8s`: `appsV1` for apps/v1. Pure. */
import { groupName, isOwnGroup } from "../names/groups.ts";
import type { ServedVersion } from "../names/resolve.ts";
import { replaceAll } from "../std/regexp.ts";

/** One client of `k8s`. */
export interface Client<Version extends ServedVersion = ServedVersion> {
  /** The name to show, such as `appsV1`. */
  readonly name: string;
  readonly version: Version;
}

/** The clients by each of their names in lower case, and the names to show. */
export interface ClientTable<Version extends ServedVersion = ServedVersion> {
  readonly byName: ReadonlyMap<string, Client<Version>>;
  readonly shown: readonly string[];
}

/**
 * The clients of `k8s`: `coreV1`, `appsV1`, `rbacV1`, … the first label of the group with the
 * version; where two groups share that, Kubernetes' own has it. Found as well: the whole group
 * (`networkingIstioIoV1`, `rbacAuthorizationV1`), with `Client` or `Api` behind it (`metricsV1beta1Client`), and without a
 * version.
 */
export function clientTable<Version extends ServedVersion>(
  versions: readonly Version[],
): ClientTable<Version> {
  const byName = new Map<string, Client<Version>>();
  const shown: string[] = [];
  const own = versions.filter(({ group }) => isOwnGroup(group));
  const others = versions.filter(({ group }) => !isOwnGroup(group));
  for (const entry of [...own, ...others]) {
    const { group, preferred } = entry;
    const version = entry.version.slice(0, 1).toUpperCase() + entry.version.slice(1);
    const whole = camelCase(groupName(group));
    const label = camelCase(groupName(group).split(".")[0]!);
    const short = label + version;
    const long = whole + version;
    const bare = group.endsWith(".k8s.io")
      ? camelCase(group.slice(0, -".k8s.io".length)) + version
      : long;
    const client = { name: byName.has(short.toLowerCase()) ? long : short, version: entry };
    shown.push(client.name);
    const names = [short, long, bare].flatMap((each) => [each, `${each}client`, `${each}api`]);
    for (const name of preferred ? [...names, whole, label] : names) {
      const lower = name.toLowerCase();
      if (!byName.has(lower)) byName.set(lower, client);
    }
  }
  return { byName, shown };
}

/** `networking.istio.io` to `networkingIstioIo`. */
function camelCase(group: string): string {
  return replaceAll(group, /[.-](\w)/g, ([, first]) => first!.toUpperCase());
}
