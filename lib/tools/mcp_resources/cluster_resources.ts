/**
 * Objects of the cluster under URIs, for clients that read resources. Every request goes through the
 * broker, so that policy and redaction hold here as they do for tools.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/server/resources}
 */
import { PAGE_SIZE } from "../../names/requests.ts";
import type { Broker, NamedResource, NamesIndex } from "../../broker/types.ts";
import { InputError } from "../../errors.ts";
import { apiVersionOf, groupName, groupOf } from "../../names/groups.ts";
import { ANSWER_CHARACTERS } from "../support/answer.ts";
import { askJson, askText } from "../support/ask.ts";
import { formatUri, parseUri, TEMPLATES } from "./uris.ts";
import { askNames, findServed, requestOf, type Target } from "../support/target.ts";

/** An entry of a list of resources. */
export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: "application/json";
}

/** The cluster as resources of the protocol. */
export interface ClusterResources {
  readonly templates: typeof TEMPLATES;
  /**
   * A page of what the cluster serves, one entry for each collection that can be listed.
   *
   * @throws {InputError} a cursor that none of the pages gave
   */
  list(
    cursor: string | undefined,
    broker: Broker,
    signal: AbortSignal,
  ): Promise<{ readonly resources: readonly ListedResource[]; readonly nextCursor?: string }>;
  /** What stands under a URI, as JSON: an object, or the names of a collection. */
  read(uri: string, broker: Broker, signal: AbortSignal): Promise<string>;
  /** Values that a template's variable can have, the ones that begin as given. */
  complete(
    asked: {
      readonly template: string;
      readonly variable: string;
      readonly value: string;
      readonly chosen: Readonly<Record<string, string>>;
    },
    broker: Broker,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}

/** Entries of a page of the list. */
const PAGE_ENTRIES = 100;

/**
 * Makes them.
 *
 * @param options.advertise whether the list tells what the cluster serves; else it is empty
 */
export function clusterResources(options: { readonly advertise: boolean }): ClusterResources {
  return {
    templates: TEMPLATES,
    async list(cursor, broker, signal) {
      if (!options.advertise) return { resources: [] };
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const [index, namespace] = await Promise.all([
        askNames(broker, signal),
        broker.namespace(),
      ]);
      const all = collectionsOf(index, namespace).sort((a, b) => a.uri < b.uri ? -1 : 1);
      const left = after === undefined ? all : all.filter(({ uri }) => uri > after);
      const resources = left.slice(0, PAGE_ENTRIES);
      const last = resources.at(-1);
      return left.length > resources.length && last
        ? { resources, nextCursor: btoa(last.uri) }
        : { resources };
    },
    async read(uri, broker, signal) {
      const { group, version, resource, namespace, name } = parseUri(uri);
      const served = await findServed({ group, version, resource }, broker, signal);
      checkScope(uri, served.resource, namespace);
      const target = namespace === undefined ? served : { ...served, namespace };
      if (name === undefined) return JSON.stringify(await namesOf(target, broker, signal));
      const call = { ...requestOf(target), verb: "get", name } as const;
      return await askText(broker, call, { signal });
    },
    complete: async ({ template, variable, value, chosen }, broker, signal) => {
      const namespaced = template === TEMPLATES[1].uriTemplate;
      if (!namespaced && template !== TEMPLATES[0].uriTemplate) {
        throw new InputError(
          `Cannot complete "${template.slice(0, 200)}": there is no such template`,
        );
      }
      const asked = { ...chosen, variable, namespaced };
      const values = await valuesOf(asked, broker, signal);
      const wanted = value.toLowerCase();
      return [...new Set(values)].filter((one) => one.toLowerCase().startsWith(wanted));
    },
  };
}

function collectionsOf({ versions }: NamesIndex, namespace: string): ListedResource[] {
  return versions.filter(({ preferred }) => preferred).flatMap(({ group, version, resources }) =>
    resources.filter(({ verbs }) => verbs.includes("list") && verbs.includes("get"))
      .map(({ resource, kind, namespaced }) => ({
        uri: formatUri({
          ...(namespaced ? { namespace } : {}),
          group,
          version,
          resource,
        }),
        name: group === "" ? resource : `${resource}.${group}`,
        description: `${kind}, ${apiVersionOf({ group, version })}`,
        mimeType: "application/json" as const,
      }))
  );
}

function readCursor(cursor: string): string {
  try {
    const uri = atob(cursor);
    parseUri(uri);
    return uri;
  } catch (cause) {
    throw new InputError(`Cannot use cursor "${cursor.slice(0, 100)}": it is none of this list's`, {
      cause,
    });
  }
}

function checkScope(uri: string, { resource, namespaced }: NamedResource, namespace?: string) {
  if (namespaced === (namespace !== undefined)) return;
  throw new InputError(
    `Cannot read "${uri.slice(0, 300)}": ${resource} ${
      namespaced ? "are namespaced" : "belong to the cluster"
    }`,
    {
      hint: `Their URIs begin with ${
        namespaced ? "k8s://namespace/{namespace}/" : "k8s://cluster/"
      }.`,
    },
  );
}

/** The names in a collection, with the URI of each. */
async function namesOf(target: Target, broker: Broker, signal: AbortSignal): Promise<unknown> {
  const { items, metadata } = await listNames(target, broker, signal);
  const { group, version, resource: { resource, kind } } = target;
  const named = items.map((name) => ({
    name,
    uri: formatUri({ ...target, group, version, resource, name }),
  }));
  const whole = { kind, items: named, ...(metadata?.continue ? { more: true } : {}) };
  if (JSON.stringify(whole).length <= ANSWER_CHARACTERS) return whole;
  return { kind, items, more: metadata?.continue ? true : undefined };
}

async function listNames(target: Target, broker: Broker, signal: AbortSignal) {
  const list = await askJson(broker, {
    ...requestOf(target),
    verb: "list",
    form: "metadata",
    options: { limit: PAGE_SIZE },
  }, { signal }) as {
    readonly metadata?: { readonly continue?: string };
    readonly items?: readonly { readonly metadata?: { readonly name?: string } }[];
  };
  const items = (list.items ?? []).flatMap(({ metadata }) => metadata?.name ?? []);
  return { items, metadata: list.metadata };
}

/** All values of a variable, given the variables before it. */
async function valuesOf(
  { variable, namespaced, ...chosen }: {
    readonly variable: string;
    readonly namespaced: boolean;
    readonly namespace?: string;
    readonly group?: string;
    readonly version?: string;
    readonly resource?: string;
  },
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (variable === "namespace" && namespaced) {
    const asked = { group: "", version: "v1", resource: "namespaces" };
    return (await listNames(await findServed(asked, broker, signal), broker, signal)).items;
  }
  const group = groupOf(chosen.group ?? "");
  const fits = (resource: NamedResource) => resource.namespaced === namespaced;
  const { versions } = await askNames(broker, signal);
  const inGroup = versions.filter((entry) => chosen.group === undefined || entry.group === group);
  switch (variable) {
    case "group":
      return versions.filter(({ resources }) => resources.some(fits))
        .map(({ group }) => groupName(group));
    case "version":
      return inGroup.map(({ version }) => version);
    case "resource":
      return inGroup.filter(({ version }) => version === (chosen.version ?? version))
        .flatMap(({ resources }) => resources.filter(fits).map(({ resource }) => resource));
    case "name": {
      const { version, resource, namespace } = chosen;
      if (version === undefined || resource === undefined || (namespaced && !namespace)) return [];
      const served = await findServed({ group, version, resource }, broker, signal);
      if (!fits(served.resource)) return [];
      const target = namespaced && namespace ? { ...served, namespace } : served;
      return (await listNames(target, broker, signal)).items;
    }
    default:
      throw new InputError(`Cannot complete "${variable.slice(0, 100)}": no template has it`);
  }
}
