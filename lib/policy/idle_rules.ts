/** Rules that change nothing: said to the person who wrote them, since they mean something by it. Pure. */
import { isEveryday } from "./classify.ts";
import { matchesOne } from "./rules/patterns.ts";
import type { WrittenRule } from "./rules/rule.ts";
import type { Policy } from "./types.ts";

/**
 * What of a policy does nothing, one sentence a rule.
 *
 * @param contexts names of all contexts; left out where they are not known
 * @param hasCallers somebody calls who has proved who they are
 */
export function idleRules(
  { rules, profile }: Policy,
  contexts?: readonly string[],
  { hasCallers = true }: { readonly hasCallers?: boolean } = {},
): readonly string[] {
  const allowsEveryday = profile === "standard" || profile === "open";
  return rules.flatMap((rule) => {
    const label = `rule ${rule.name === undefined ? "" : `"${rule.name}" `}(${rule.source})`;
    const lost = contexts && rule.contexts
      ?.filter((pattern) => !contexts.some((name) => matchesOne([pattern], name)));
    if (lost !== undefined && lost.length > 0) {
      return [`${label}: no context of the kubeconfig fits ${lost.join(", ")}`];
    }
    const names = [...rule.users ?? [], ...rule.userGroups ?? []];
    if (names.length > 0 && !hasCallers) {
      const effect = {
        allow: "it allows nothing",
        approve: "it asks about everybody's changes",
        deny: "it denies everybody",
      }[rule.effect];
      return [`${label}: nobody proves to be ${names.join(", ")} here, and so ${effect}`];
    }
    const isOwn = !rule.source.startsWith("profile ");
    if (isOwn && allowsEveryday && rule.effect === "allow" && !rule.reveal && isRedundant(rule)) {
      return [
        `${label} changes nothing: the profile ${profile} allows it already. ` +
        "A rule that allows forbids nothing else; to forbid the rest, write {effect: deny, " +
        "verbs: [create, update, patch, delete, deletecollection]} for the same place, or begin " +
        "with profile: none",
      ];
    }
    return [];
  });
}

/** Whether a rule allows nothing but what is everyday. */
function isRedundant({ verbs = ["*"], groups, resources = ["*"] }: WrittenRule): boolean {
  if (verbs.includes("bind") || verbs.includes("escalate")) return false;
  return resources.every((pattern) => {
    const [resource = "", subresource] = pattern.split("/");
    return (groups ?? [""]).every((group) =>
      isEveryday({ verb: "update", group, resource, subresource })
    );
  });
}
