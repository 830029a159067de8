/** kubectl's everyday verbs on one resource, each of them one request. */
import { execOf } from "../../../std/regexp.ts";
import { PATCH_TYPES } from "../../../names/requests.ts";
import { RESTARTED_AT, SUBRESOURCE_KINDS } from "../../../names/well_known.ts";
import { readObject, readOptions } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { jsonDecoder, nullDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import type { VerbTools } from "./sdk_types.ts";

/**
 * `scale getScale updateScale` where the resource has the subresource, `evict` where it has that one,
 * `rolloutRestart` on workloads, `cordon uncordon` on nodes.
 */
export function everydayVerbs(tools: VerbTools): Record<string, unknown> {
  const { group, resource: { resource, subresources } } = tools.scope;
  return {
    ...(subresources.includes("scale") ? scaleVerbs(tools) : {}),
    ...(subresources.includes("eviction") ? { evict: evictVerb(tools) } : {}),
    ...(isWorkload(tools) ? { rolloutRestart: restartVerb(tools) } : {}),
    ...(group === "" && resource === "nodes"
      ? { cordon: cordonVerb(tools, "cordon", true), uncordon: cordonVerb(tools, "uncordon", null) }
      : {}),
  };
}

/** A merge patch. */
function patchSpec(
  { home, spec }: VerbTools,
  name: string,
  change: object,
  options: unknown,
  subresource?: string,
): CallSpec {
  const { query } = readOptions(options);
  return spec(
    {
      verb: "patch",
      namespace: home(),
      name,
      subresource,
      contentType: PATCH_TYPES.merge,
      options: query,
    },
    jsonDecoder(),
    JSON.stringify(change),
  );
}

function scaleVerbs(tools: VerbTools) {
  const { scope: { resource }, home, spec, verb, nameOf } = tools;
  return {
    getScale: verb(1, ([name, options]) =>
      spec({
        verb: "get",
        namespace: home(),
        name: nameOf(name, "getScale"),
        subresource: "scale",
        options: readOptions(options).query,
      }, jsonDecoder())),
    scale: verb(1, ([name, replicas, options]) => {
      const change = { spec: { replicas: readReplicas(replicas, resource.resource) } };
      return patchSpec(tools, nameOf(name, "scale"), change, options, "scale");
    }),
    updateScale: verb(1, ([name, given, options]) => {
      const object = readObject(given, SUBRESOURCE_KINDS.scale);
      return spec(
        {
          verb: "update",
          namespace: home(object.namespace),
          name: nameOf(name, "updateScale"),
          subresource: "scale",
          options: readOptions(options).query,
        },
        jsonDecoder(),
        object.json,
      );
    }),
  };
}

function evictVerb({ home, spec, verb, nameOf }: VerbTools) {
  return verb(1, ([given, options]) => {
    const { query, preconditions } = readOptions(options);
    const { gracePeriodSeconds, ...rest } = query;
    const name = nameOf(given, "evict");
    const eviction = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, namespace: home() },
      deleteOptions: { gracePeriodSeconds, preconditions },
    };
    return spec(
      { verb: "create", namespace: home(), name, subresource: "eviction", options: rest },
      nullDecoder(),
      JSON.stringify(eviction),
    );
  });
}

function restartVerb(tools: VerbTools) {
  return tools.verb(1, ([name, options]) => {
    const annotations = { [RESTARTED_AT]: new Date(tools.parts.now()).toISOString() };
    const change = { spec: { template: { metadata: { annotations } } } };
    const call = patchSpec(tools, tools.nameOf(name, "rolloutRestart"), change, options);
    if (tools.parts.trial) {
      tools.parts.warn(`rolloutRestart would restart ${tools.scope.resource.resource} "${name}"`);
    }
    return call;
  });
}

function cordonVerb(tools: VerbTools, method: string, unschedulable: true | null) {
  return tools.verb(
    1,
    ([name, options]) =>
      patchSpec(tools, tools.nameOf(name, method), { spec: { unschedulable } }, options),
  );
}

type Verb = (...args: unknown[]) => unknown;

/** `rollout("restart", name)` and `rollout.undo(name)`, of the verbs of their own for these. */
export function rolloutWords(find: (lower: string) => unknown): Verb | undefined {
  const status = find("rolloutstatus") as Verb | undefined;
  const restart = find("rolloutrestart") as Verb | undefined;
  if (!status || !restart) return undefined;
  const undo = find("rolloutundo") as Verb | undefined;
  const words = { status, restart, ...(undo ? { undo } : {}) };
  const word: Verb = (action, ...args) => {
    const verb = Object.entries(words).find(([name]) => name === action)?.[1];
    if (verb) return verb(...args);
    throw usageError(
      "InputError",
      `Cannot do ${shown(action)} with a rollout: there is "${Object.keys(words).join('", "')}"`,
      'Write rolloutStatus("<name>") or rolloutRestart("<name>").',
    );
  };
  return Object.assign(word, words);
}

/** Deployments, stateful sets and daemon sets: what rolls out. */
export function isWorkload({ scope: { group, resource: { resource } } }: VerbTools): boolean {
  return group === "apps" &&
    (resource === "deployments" || resource === "statefulsets" || resource === "daemonsets");
}

function readReplicas(given: unknown, resource: string): number {
  const replicas = typeof given === "string" && execOf(/^\d+$/, given) ? +given : given;
  if (typeof replicas === "number" && replicas >= 0 && replicas % 1 === 0) return replicas;
  throw usageError(
    "InputError",
    `Cannot scale ${resource}: ${shown(given)} is no number of replicas`,
    'Write scale("<name>", 3).',
  );
}
