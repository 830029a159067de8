/** Words of a question against the names of what a cluster serves. Pure. */
import type { NamedResource, NamesIndex } from "../../broker/types.ts";
import { clientTable } from "../../eval/realm/names/name_tables.ts";
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

/** How well a word fits a name; what is a resource's own name comes before what is in its group. */
const SCORE = { name: 100, short: 90, part: 40, prefix: 20, group: 10, near: 5 } as const;

/** Resources that words of the query name, the best first; in the server's order where equal. */
export function rankResources(index: NamesIndex, query: string): readonly SearchMatch[] {
  const words = [...new Set(query.toLowerCase().split(/[^a-z0-9.-]+/))]
    .filter((word) => word.length > 1);
  const { byName, shown } = clientTable(index);
  const clients = new Map(shown.map((name) => [byName.get(name.toLowerCase())?.version, name]));
  const scored = index.versions.flatMap((entry) =>
    entry.resources.map((resource) => {
      const scores = words.map((word) => scoreOf(word, entry.group, resource));
      return {
        score: scores.reduce((sum, score) => sum + score, 0) - (entry.preferred ? 0 : 1),
        match: {
          group: entry.group,
          version: entry.version,
          resource,
          client: clients.get(entry) ?? "",
          exact: scores.some((score) => score >= SCORE.short),
        },
      };
    })
  );
  const found = scored.filter(({ score }) => score > 0);
  const ranked = found.length > 0 ? found : near(scored, words);
  return ranked.sort((a, b) => b.score - a.score).map(({ match }) => match);
}

function scoreOf(word: string, group: string, resource: NamedResource): number {
  const plain = word.length > 3 ? word.replace(/s$/, "") : word;
  const { resource: plural, singular, kind, shortNames } = resource;
  const lower = kind.toLowerCase();
  if ([plural, singular, lower].some((name) => name === word || name === plain)) return SCORE.name;
  if (`${plural}.${group}` === word) return SCORE.name;
  if (shortNames.includes(word)) return SCORE.short;
  const parts = [...kind.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g)].map(([part]) =>
    part.toLowerCase().replace(/s$/, "")
  );
  if (parts.includes(plain)) return SCORE.part;
  if (plain.length > 2 && (plural.startsWith(plain) || parts.some((p) => p.startsWith(plain)))) {
    return SCORE.prefix;
  }
  return (group || "core") === word || group.split(".").includes(word) ? SCORE.group : 0;
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
