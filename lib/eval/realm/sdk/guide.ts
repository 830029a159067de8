/** `help()`, `explain(path)` and `apiResources()`: by which a script, or a model, finds its way. */
import { VERBS } from "../../../names/requests.ts";
import type { NamesIndex } from "../../../broker/types.ts";
import { apiVersionOf } from "../../../names/groups.ts";
import { camelCasePlural, shownNames } from "../../../names/camel_case.ts";
import { qualifiedName, rankOf, readReference } from "../../../names/resolve.ts";
import { signaturesOf } from "../../../sdk_guide/signatures.ts";
import { topicNames, topicOf } from "../../../sdk_guide/topics.ts";
import { nearestNames } from "../../../std/nearest.ts";
import { execOf } from "../../../std/regexp.ts";
import { withoutContext } from "../input/arguments.ts";
import { jsonDecoder } from "../calls/decoders.ts";
import { joinHints, shown, usageError } from "../base/errors.ts";
import { brokenHint } from "../names/broken.ts";
import type { FoundResource, ServedNames } from "../names/served_names.ts";
import type { SdkParts } from "../verbs/sdk_types.ts";

/** Length of `help()`, in characters. */
const ORIENTATION_CHARACTERS = 1_200;

/** Room for verbs in it: for those written with their arguments, and for all. */
const SIGNATURE_CHARACTERS = 460;
const VERB_CHARACTERS = 600;

/** Room for names of contexts. */
const CONTEXT_CHARACTERS = 120;

/** Resources whose functions stand for all in `help()`. */
const EXAMPLES = ["pods", "deployments", "nodes"];

/** Makes the functions, for one script. */
export function createGuide(
  parts: SdkParts,
  names: ServedNames,
  contexts: () => readonly string[],
) {
  return {
    help: (...args: unknown[]): string => {
      const [about] = withoutContext(args, parts.ctx, 1);
      if (about === undefined || about === null || about === "") {
        return orientation(parts, names, contexts);
      }
      if (typeof about === "string") return helpAbout(parts, names, about);
      throw usageError("InputError", `Cannot help with ${shown(about)}: it is no name`, HELP_HINT);
    },
    explain: (...args: unknown[]) =>
      parts.caller.invoke(() => {
        const [path, options] = withoutContext(args, parts.ctx, 1);
        if (typeof path === "string" && path !== "") {
          return {
            header: { op: "explain", path, ...readOptions(options) },
            decoder: jsonDecoder(),
          };
        }
        throw usageError(
          "InputError",
          `Cannot explain ${shown(path)}: it is no path`,
          'Write explain("deployment.spec.strategy").',
        );
      }),
    apiResources: () =>
      parts.caller.invoke(() => ({
        header: { op: "names", refresh: true },
        decoder: jsonDecoder(rowsOf),
      })),
  };
}

const HELP_HINT = 'Write help(), help("pods") or help("getLogs").';

function readOptions(options: unknown) {
  const read: Record<string, unknown> = {};
  const given = Object(options ?? {}) as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    const lower = key.toLowerCase();
    if (lower === "limitcharacters") read.limitCharacters = given[key];
    if (lower === "group" || lower === "version") read[lower] = given[key];
  }
  return read;
}

/** A row for each resource, in the version that its group prefers, as `kubectl api-resources`. */
function rowsOf(index: unknown): unknown[] {
  const rows = new Map<string, object>();
  for (const { group, version, resources } of (index as NamesIndex).versions) {
    const apiVersion = apiVersionOf({ group, version });
    for (const { resource, shortNames, namespaced, kind, verbs } of resources) {
      // A group's preferred version comes first.
      const key = `${group}/${resource}`;
      if (rows.has(key)) continue;
      const row = { name: resource, shortNames, apiVersion, namespaced, kind };
      // There to be read, and not printed in nearly every row.
      Object.defineProperty(row, "verbs", { value: verbs, enumerable: !areUsual(verbs) });
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

function areUsual(verbs: readonly string[]): boolean {
  return verbs.length === VERBS.length && VERBS.every((verb) => verbs.includes(verb));
}

function orientation(
  parts: SdkParts,
  names: ServedNames,
  contexts: () => readonly string[],
): string {
  const others = contextsText(contexts);
  const head = `The value of a script's last expression is the answer. Calls block and give data; \
in a script with await they give promises, and reads run side by side.
Globals: k8s, ctx (may be left out), namespace ("${parts.namespace.slice(0, 63)}"), \
namespaceOrDefault(ns), console, timers, quantity("1.5Gi"), x509(pem), \
table(rows, ["metadata.name", …]), yaml(value).
help("pods"), help("getLogs") show how things are called, explain("pods.spec") its fields, apiResources() gives \
rows of all; Object.keys(k8s.appsV1()) lists names.
k8s.appsV1().deployments(ns).list(); ns "" is all namespaces. Any resource: \
k8s.dynamicClient().resource({group, version, resource}).namespace(ns)${others}
Verbs: `;
  const left = ORIENTATION_CHARACTERS - head.length;
  const text = head + verbsText(names, left < VERB_CHARACTERS ? left : VERB_CHARACTERS);
  const clients = reachable(() => names.clients());
  const room = ORIENTATION_CHARACTERS - text.length - "\nClients: ".length;
  return clients && room > 60 ? `${text}\nClients: ${joined(clients, room)}` : text;
}

/** The contexts that there are besides the current one; "" where there are none. */
function contextsText(contexts: () => readonly string[]): string {
  const names = reachable(contexts) ?? [];
  if (names.length === 0) return "";
  return `\nOther clusters: k8s.context(name) has all that k8s has: ${
    joined(names, CONTEXT_CHARACTERS)
  }`;
}

/** The verbs that the best known resources have together: the first as written, the rest by name. */
function verbsText(names: ServedNames, room: number): string {
  const written = new Map<string, string>();
  let length = 0;
  for (const example of EXAMPLES) {
    const match = reachable(() => matches(names, example)[0]);
    for (const { name, text } of match ? signaturesOf(match.group, match.resource) : []) {
      if (written.has(name)) continue;
      length += text.length + 2;
      written.set(name, length <= SIGNATURE_CHARACTERS ? text : name);
    }
  }
  return joined([...written.values()], room);
}

/** What a look at the cluster gives; undefined where it cannot be reached: help is given all the same. */
function reachable<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** A list as text; what goes beyond the room is counted. */
function joined(list: readonly string[], room: number): string {
  let text = "";
  for (const [at, each] of list.entries()) {
    const next = `${text && ", "}${each}`;
    if (text.length + next.length + ", and 999 more".length > room) {
      return `${text}, and ${list.length - at} more`;
    }
    text += next;
  }
  return text;
}

function helpAbout(parts: SdkParts, names: ServedNames, about: string): string {
  if (execOf(/^(?:policy|mode|profile)$/i, about)) {
    return parts.caller.block({ header: { op: "policy" }, decoder: jsonDecoder() }) as string;
  }
  const topic = topicOf(about, parts.label);
  if (topic && !reachable(() => matches(names, about)[0])) return topic.text;
  const client = aboutClient(parts, names, about);
  if (client) return client;
  const found = names.orRefresh(`help ${about.toLowerCase()}`, () => {
    const all = matches(names, about);
    return all.length > 0 ? all : undefined;
  });
  if (!found) throw noSuchResource(parts, names, about);
  const { group, version, resource } = found[0]!;
  const apiVersion = apiVersionOf({ group, version });
  const signatures = signaturesOf(group, resource).map(({ text }) => text);
  const others = found.slice(1).map((other) => callOf(parts, names, other));
  const plain = matches(names, resource.resource)[0]?.resource === resource;
  const path = plain
    ? resource.resource
    : qualifiedName({ group, version, resource: resource.resource });
  const explain = parts.where ? `${parts.label}.explain` : "explain";
  const short = resource.shortNames.length > 0 ? `, short ${joined(resource.shortNames, 60)}` : "";
  return `${resource.resource} (${resource.kind}, ${apiVersion}${short}): ${
    callOf(parts, names, found[0]!)
  }${resource.namespaced ? ', ns "" is all namespaces' : ", not namespaced"}
Verbs: ${joined(signatures, 1_200)}${
    resource.subresources.length > 0 ? `\nSubresources: ${joined(resource.subresources, 300)}` : ""
  }${others.length > 0 ? `\nAlso: ${joined(others, 300)}` : ""}
Fields: ${explain}("${path}"), ${explain}("${path}.<field>.<field>")`;
}

/** `help("appsV1")`: the resources of a client. */
function aboutClient(parts: SdkParts, names: ServedNames, about: string): string | undefined {
  const version = names.versions().find((entry) =>
    names.clientOf(entry).toLowerCase() === about.toLowerCase()
  );
  if (version === undefined) return undefined;
  const resources = version.resources.flatMap(shownNames);
  return `${parts.label}.${names.clientOf(version)}(): ${joined(resources, 1_000)}`;
}

function callOf(parts: SdkParts, names: ServedNames, found: FoundResource): string {
  const { resource } = found;
  return `${parts.label}.${names.clientOf(found)}().${camelCasePlural(resource)}(${
    resource.namespaced ? "ns" : ""
  })`;
}

/** All resources of a name (`pods`, `deploy`, `pods.metrics.k8s.io`), the one that it means first. */
function matches(names: ServedNames, about: string): FoundResource[] {
  const reference = readReference({ resource: about });
  const found = names.versions().flatMap((entry) =>
    entry.resources.flatMap((resource) => {
      const rank = rankOf(entry, resource, reference);
      const { group, version } = entry;
      return rank === undefined ? [] : [{ rank, found: { group, version, resource } }];
    })
  );
  return found.sort((a, b) => a.rank - b.rank).map(({ found }) => found);
}

function noSuchResource(parts: SdkParts, names: ServedNames, about: string): Error {
  const resources = names.versions().flatMap((version) =>
    version.resources.map(({ resource }) => resource)
  );
  const clients = names.versions().map((version) => names.clientOf(version));
  const [near] = nearestNames(about, [...topicNames(), "policy", ...clients, ...resources]);
  // What is asked for may be served where nothing answers.
  const away = names.versions().map(brokenHint).filter((hint) => hint !== undefined);
  return usageError(
    "ResolveError",
    `Cannot help with "${
      about.slice(0, 100)
    }": no resource, client, verb or global has that name${parts.where}`,
    joinHints(
      ...away.slice(0, 3),
      near === undefined ? "apiResources() lists what there is." : `Did you mean "${near}"?`,
    ),
  );
}
