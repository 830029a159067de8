/** The user and groups that the cluster is told of a caller. Pure. */
import type { Impersonation } from "../../kube/types.ts";
import { matchesOne } from "../../policy/rules/patterns.ts";
import type { Caller } from "../caller.ts";

/** How names of callers become names in the cluster. */
export interface NameRules {
  /** Put before the names of users; nothing if left out. */
  readonly userPrefix?: string | undefined;
  readonly groupPrefix?: string | undefined;
  /** Patterns of the groups (with their prefix) that the cluster is told; all if left out. */
  readonly groups?: readonly string[] | undefined;
  /** Patterns of users and groups that may begin with `system:`; none if left out. */
  readonly systemNames?: readonly string[] | undefined;
}

/**
 * Whom the cluster is told. Groups that may not be told are left out: they would only add rights.
 *
 * @returns why nobody may be told, where the user's own name may not
 */
export function impersonationOf(
  { how, user, groups }: Pick<Caller, "how" | "user" | "groups">,
  { userPrefix = "", groupPrefix = "", groups: told, systemNames = [] }: NameRules,
): Impersonation | { readonly objection: string } {
  if (how === "none") return { objection: "Forbidden: nobody has proved who they are" };
  const name = `${userPrefix}${user}`;
  if (!isHeaderValue(name)) {
    return {
      objection: "Forbidden: the user's name has characters that the cluster cannot be told",
    };
  }
  if (!mayBeTold(name, systemNames)) {
    return { objection: "Forbidden: users whose name begins with system: are not let in" };
  }
  return {
    user: name,
    groups: groups.map((group) => `${groupPrefix}${group}`).filter((group) =>
      isHeaderValue(group) && matchesOne(told, group) && mayBeTold(group, systemNames)
    ),
    extra: {},
  };
}

/** The cluster itself speaks by such names; they give rights that nobody has written a role for. */
function mayBeTold(name: string, systemNames: readonly string[]): boolean {
  return !name.trim().toLowerCase().startsWith("system:") || matchesOne(systemNames, name);
}

function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}
