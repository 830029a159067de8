/**
 * Parts of a rule that would never apply: the worst that can happen to one that denies. What is known
 * without a cluster is refused when the file is read. Pure.
 */
import { groupName } from "../../names/groups.ts";
import { didYouMean, nearestNames } from "../../std/nearest.ts";
import { KNOWN_GROUPS, KNOWN_PLURALS, knownByPlural } from "./known_resources.ts";
import { matchesOne } from "./patterns.ts";

/** A part of a rule that matches nothing. */
export interface DeadPart {
  readonly list: "groups" | "resources";
  readonly at: number;
  readonly message: string;
}

/** Subresources of the resources that every cluster has, beside `status`. */
const SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  pods: [
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "resize",
  ],
  services: ["proxy"],
  nodes: ["proxy"],
  namespaces: ["finalize"],
  serviceaccounts: ["token"],
  certificatesigningrequests: ["approval"],
  deployments: ["scale"],
  replicasets: ["scale"],
  statefulsets: ["scale"],
  replicationcontrollers: ["scale"],
};
const ALL_SUBRESOURCES = [...new Set(["status", ...Object.values(SUBRESOURCES).flat()])];

/** The lists of a rule that are looked at. */
interface Lists {
  readonly groups?: readonly string[];
  readonly resources?: readonly string[];
}

/** The parts of a rule that match nothing, as far as that is known without a cluster. */
export function deadParts({ groups, resources = [] }: Lists): readonly DeadPart[] {
  const dead: DeadPart[] = [];
  for (const [at, group] of (groups ?? []).entries()) {
    const message = deadGroup(group);
    if (message !== undefined) dead.push({ list: "groups", at, message });
  }
  if (dead.length > 0) return dead;
  for (const [at, pattern] of resources.entries()) {
    const message = deadResource(pattern, groups);
    if (message !== undefined) dead.push({ list: "resources", at, message });
  }
  return dead;
}

function deadGroup(group: string): string | undefined {
  // One with a dot may be anybody's.
  if (isPattern(group) || group.includes(".") || KNOWN_GROUPS.includes(group)) return undefined;
  return `there is no API group "${group}"${didYouMean(group, KNOWN_GROUPS)}`;
}

function deadResource(pattern: string, groups: Lists["groups"]): string | undefined {
  const [name = "", subresource] = pattern.split("/");
  const isForeign = groups?.some((group) => isPattern(group) || !KNOWN_GROUPS.includes(group));
  const known = isPattern(name) ? [] : knownByPlural(name);
  if (!isPattern(name) && !isForeign) {
    if (known.length === 0 && (groups !== undefined || nearest(name, KNOWN_PLURALS).length > 0)) {
      const of = groups === undefined ? "" : ` in ${groups.map(groupName).join(", ")}`;
      return `there is no resource "${name}"${of}${didYouMean(name, KNOWN_PLURALS)}` +
        "; name the group of a custom resource under groups";
    }
    if (groups !== undefined && !known.some(({ group }) => matchesOne(groups, group))) {
      const homes = known.map(({ group }) => groupName(group)).join(" and ");
      return `"${name}" belongs to the group ${homes}, not to ${groups.map(groupName).join(", ")}`;
    }
  }
  if (subresource === undefined || isPattern(subresource)) return undefined;
  const there = known.length > 0
    ? ["status", ...SUBRESOURCES[name] ?? []]
    : isPattern(name)
    ? ALL_SUBRESOURCES
    : undefined;
  if (there === undefined || there.includes(subresource)) return undefined;
  return `${name} has no subresource "${subresource}"${didYouMean(subresource, there)}`;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** Names that are near, and not only short. */
function nearest(name: string, names: readonly string[]): readonly string[] {
  return name.length < 4 ? [] : nearestNames(name, names);
}
