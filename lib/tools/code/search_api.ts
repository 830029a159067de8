/** `search_api`: what the cluster serves, and what its schemas say, for models that look first. */
import { z } from "zod";
import type { BrokerCall, NamesIndex } from "../../broker/types.ts";
import { apiVersionOf, groupName } from "../../names/groups.ts";
import { resolve } from "../../names/resolve.ts";
import { signaturesOf } from "../../sdk_guide/signatures.ts";
import { type Topic, topicOf } from "../../sdk_guide/topics.ts";
import { argumentsOf } from "../support/arguments.ts";
import { askJson } from "../support/ask.ts";
import { rankResources, type SearchMatch } from "../support/resource_search.ts";
import { defineTool } from "../support/define_tool.ts";

/** Length of an answer, in characters. */
export const SEARCH_CHARACTERS = 1_500;

/** What `search_api` takes. */
export interface SearchApiInput {
  readonly query: string;
}

const INPUT: z.ZodType<SearchApiInput> = argumentsOf({
  query: z.string().trim().refine((query) => query !== "", "query cannot be empty")
    .refine((query) => query.length <= 200, "must have at most 200 characters")
    .describe('Words ("ingress", "getLogs"), or a field path ("deployment.spec.strategy").'),
});

/** The tool that looks names and fields up. */
export const searchApiTool = defineTool({
  kind: "read",
  name: "search_api",
  title: "Search the cluster's API",
  description: "Find resources the cluster serves, how scripts call them, and their fields.",
  input: INPUT,
  async run({ query }, { broker, signal }) {
    const ask = (call: BrokerCall) => askJson(broker, call, { signal });
    let index = await ask({ op: "names" }) as NamesIndex;
    if (isPath(index, query)) {
      const call = { op: "explain", path: query, limitCharacters: SEARCH_CHARACTERS } as const;
      return { text: [await ask(call) as string] };
    }
    let found = rankResources(index, query);
    const topics = topicsOf(query);
    if (topics.length > 0 && !found.some(({ exact }) => exact)) {
      return { text: [topicsText(topics)] };
    }
    if (!found.some(({ exact }) => exact)) {
      index = await ask({ op: "names", refresh: true }) as NamesIndex;
      found = rankResources(index, query);
    }
    return { text: [found.length > 0 ? matchesText(found, topics) : nothingText(index, query)] };
  },
});

/** Whether a query is a field's path: a resource, a dot, more. */
function isPath({ versions }: NamesIndex, query: string): boolean {
  const [, name] = /^([\w-]+)[.[][^\s]+$/.exec(query) ?? [];
  return name !== undefined && resolve(versions, { resource: name }) !== undefined;
}

/** Verbs and globals that a query names; those that each resource has, where it is nothing else. */
function topicsOf(query: string): readonly Topic[] {
  const words = query.split(/[^\w.()-]+/).filter((word) => word !== "");
  const topics = new Map(words.map((word) => topicOf(word)).map((topic) => [topic?.name, topic]));
  return [...topics.values()]
    .filter((topic) => topic !== undefined)
    .filter(({ common }) => !common || words.length === 1)
    .slice(0, 3);
}

function topicsText(topics: readonly Topic[]): string {
  return topics.map(({ text }) => text).join("\n");
}

/** One line for each match: the best one with its verbs, and topics of the query that they do not cover. */
function matchesText(matches: readonly SearchMatch[], topics: readonly Topic[]): string {
  const [best, ...rest] = matches as [SearchMatch];
  const subresources = best.resource.subresources.join(", ");
  const signatures = signaturesOf(best.group, best.resource);
  const untold = topics.filter((topic) => !signatures.some(({ name }) => name === topic.name));
  let text = [
    lineOf(best),
    `  verbs: ${signatures.map(({ text }) => text).join(", ")}${
      subresources && `; subresources: ${subresources}`
    }`,
    ...(untold.length > 0 ? [topicsText(untold)] : []),
  ].join("\n");
  const end = (left: number) => `\n… and ${left} more: use other words.`;
  for (const [at, match] of rest.entries()) {
    const next = `\n${lineOf(match)}`;
    const left = rest.length - at;
    if (text.length + next.length + end(left).length > SEARCH_CHARACTERS) return text + end(left);
    text += next;
  }
  return text;
}

function lineOf({ client, group, version, resource }: SearchMatch): string {
  const { resource: plural, shortNames, kind, namespaced } = resource;
  const short = shortNames.length > 0 ? ` (${shortNames.join(", ")})` : "";
  const apiVersion = apiVersionOf({ group, version });
  return `${plural}${short} ${apiVersion} ${kind}: k8s.${client}().${plural}(${
    namespaced ? "ns" : ""
  })`;
}

function nothingText({ versions }: NamesIndex, query: string): string {
  const groups = [...new Set(versions.map(({ group }) => groupName(group)))].join(", ");
  const text = `Nothing the cluster serves matches "${query}". Groups: ${groups}`;
  return text.length <= SEARCH_CHARACTERS ? text : `${text.slice(0, SEARCH_CHARACTERS - 1)}…`;
}
