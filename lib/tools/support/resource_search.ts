/** Words of a question against the names of what a cluster serves. Pure. */
import type { NamedResource, NamesIndex } from "../../broker/types.ts";
import { groupName } from "../../names/groups.ts";
import { rankOf, readReference, type ResourceReference } from "../../names/resolve.ts";
import { clientTable } from "../../sdk_guide/clients.ts";
import { nearestNames } from "../../std/nearest.ts";

/** A resource that a query may mean. */
export interface SearchMatch {
  readonly group: string;
  readonly version: string;
  readonly resource: NamedResource;
  /** Name of its client in scripts, such as `appsV1`. */
  readonly client: string;
  /** A word of the query is its name. */
  readonly exact: boolean;
}

/**
 * How well a word fits a name; what is a resource's own name comes before what is in its group. A
 * name loses as much as its rank says, so that the best one is the one that it means elsewhere.
 */
const SCORE = { name: 100, exact: 90, part: 40, prefix: 20, group: 10, near: 5 } as const;

/** Resources that words of the query name, the best first; in the server's order where equal. */
export function rankResources(index: NamesIndex, query: string): readonly SearchMatch[] {
  const words = wordsOf(query).map((text) => ({
    text,
    reference: readReference({ resource: text }),
  }));
  const { byName, shown } = clientTable(index.versions);
  const clients = new Map(shown.map((name) => [byName.get(name.toLowerCase())?.version, name]));
  const scored = index.versions.flatMap((entry) =>
    entry.resources.map((resource) => {
      const scores = words.map((word) => scoreOf(word, entry, resource));
      return {
        score: scores.reduce((sum, score) => sum + score, 0) - (entry.preferred ? 0 : 1),
        match: {
          group: entry.group,
          version: entry.version,
          resource,
          client: clients.get(entry) ?? "",
          exact: scores.some((score) => score >= SCORE.exact),
        },
      };
    })
  );
  const found = scored.filter(({ score }) => score > 0);
  const ranked = found.length > 0 ? found : near(scored, words.map(({ text }) => text));
  return ranked.sort((a, b) => b.score - a.score).map(({ match }) => match);
}

/** Words, and whole names such as `deployments.apps/v1`; a letter is a word where it is all there is. */
function wordsOf(query: string): readonly string[] {
  const words = query.toLowerCase().split(/[^a-z0-9./-]+/).flatMap((word) =>
    readReference({ resource: word }).resource === word ? word.split("/") : [word]
  );
  return [...new Set(words)].filter((word, _, { length }) => word.length > (length > 1 ? 1 : 0));
}

function scoreOf(
  { text: word, reference }: { readonly text: string; readonly reference: ResourceReference },
  entry: NamesIndex["versions"][number],
  resource: NamedResource,
): number {
  const rank = rankOf(entry, resource, reference);
  if (rank !== undefined) return SCORE.name - rank;
  const { group } = entry;
  const { resource: plural, kind } = resource;
  const plain = word.length > 3 ? word.replace(/s$/, "") : word;
  const parts = [...kind.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g)].map(([part]) =>
    part.toLowerCase().replace(/s$/, "")
  );
  if (parts.includes(plain)) return SCORE.part;
  if (plain.length > 2 && (plural.startsWith(plain) || parts.some((p) => p.startsWith(plain)))) {
    return SCORE.prefix;
  }
  return groupName(group) === word || group.split(".").includes(word) ? SCORE.group : 0;
}

/** Where no word fits: the resources whose plural is nearest to one. */
function near<Scored extends { readonly match: SearchMatch }>(
  scored: readonly Scored[],
  words: readonly string[],
): (Scored & { readonly score: number })[] {
  const plurals = scored.map(({ match }) => match.resource.resource);
  // Of what was meant as a field's path only the resource.
  const wanted = words.map((word) => word.replace(/\..*/, "")).filter((word) => word.length > 2);
  const names = new Set(wanted.flatMap((word) => nearestNames(word, plurals)));
  return scored.filter(({ match }) => names.has(match.resource.resource))
    .map((each) => ({ ...each, score: SCORE.near }));
}
