/** kubectl's everyday verbs on one resource, each of them one request. */
import { RESTARTED_AT, SUBRESOURCE_KINDS } from "../../../names/well_known.ts";
import { PATCH_TYPES } from "../../../names/requests.ts";
import { readObject, readOptions } from "../input/arguments.ts";
import type { CallSpec } from "../calls/types.ts";
import { jsonDecoder, nullDecoder } from "../calls/decoders.ts";
import { shown, usageError } from "../base/errors.ts";
import { DateClass, parse, stringify } from "../base/primordials.ts";
import type { VerbTools } from "./sdk_types.ts";

/**
 * `scale getScale updateScale` where the resource has the subresource, `evict` where it has that one,
 * `rolloutRestart` on workloads, `cordon uncordon` on nodes.
 */
export function everydayVerbs(tools: VerbTools): Record<string, unknown> {
  const { parts, scope: { group, resource }, home, spec, verb, nameOf } = tools;
  const verbs: Record<string, unknown> = {};
  const { subresources } = resource;
  const has = (subresource: string) => {
    for (let at = 0; at < subresources.length; at++) {
      if (subresources[at] === subresource) return true;
    }
    return false;
  };
  const patch = (name: string, change: object, options: unknown, subresource?: string): CallSpec =>
    spec(
      {
        verb: "patch",
        namespace: home(),
        name,
        subresource,
        contentType: PATCH_TYPES.merge,
        options: readOptions(options).query,
      },
      jsonDecoder(),
      stringify(change),
    );

  if (has("scale")) {
    verbs.getScale = verb(1, ([name, options]) =>
      spec({
        verb: "get",
        namespace: home(),
        name: nameOf(name, "getScale"),
        subresource: "scale",
        options: readOptions(options).query,
      }, jsonDecoder()));
    verbs.scale = verb(1, ([name, replicas, options]) =>
      patch(
        nameOf(name, "scale"),
        { spec: { replicas: readReplicas(replicas, resource.resource) } },
        options,
        "scale",
      ));
    verbs.updateScale = verb(1, ([name, given, options]) => {
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
    });
  }
  if (has("eviction")) {
    verbs.evict = verb(1, ([name, options]) => {
      const { query, preconditions } = readOptions(options);
      const { gracePeriodSeconds, ...rest } = query;
      const eviction = {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: nameOf(name, "evict"), namespace: home() },
        deleteOptions: { gracePeriodSeconds, preconditions },
      };
      return spec(
        {
          verb: "create",
          namespace: home(),
          name: eviction.metadata.name,
          subresource: "eviction",
          options: rest,
        },
        nullDecoder(),
        stringify(eviction),
      );
    });
  }
  if (isWorkload(tools)) {
    verbs.rolloutRestart = verb(1, ([name, options]) => {
      const annotations = {
        [RESTARTED_AT]: parse(stringify(new DateClass(parts.now()))) as string,
      };
      const change = { spec: { template: { metadata: { annotations } } } };
      return patch(nameOf(name, "rolloutRestart"), change, options);
    });
  }
  if (group === "" && resource.resource === "nodes") {
    verbs.cordon = verb(
      1,
      ([name, options]) =>
        patch(nameOf(name, "cordon"), { spec: { unschedulable: true } }, options),
    );
    verbs.uncordon = verb(
      1,
      ([name, options]) =>
        patch(nameOf(name, "uncordon"), { spec: { unschedulable: null } }, options),
    );
  }
  return verbs;
}

/** Deployments, stateful sets and daemon sets: what rolls out. */
export function isWorkload({ scope: { group, resource: { resource } } }: VerbTools): boolean {
  return group === "apps" &&
    (resource === "deployments" || resource === "statefulsets" || resource === "daemonsets");
}

function readReplicas(given: unknown, resource: string): number {
  if (typeof given === "number" && given >= 0 && given % 1 === 0) return given;
  throw usageError(
    "InputError",
    `Cannot scale ${resource}: ${shown(given)} is no number of replicas`,
    'Write scale("<name>", 3).',
  );
}
