/** delete and deletecollection, and what goes with what is deleted. */
import type { KubeObject } from "../../kube/types.ts";
import {
  type Call,
  type Cluster,
  DEFINITIONS,
  type Outcome,
  servedTypes,
} from "../base/cluster.ts";
import { reconcile } from "../controllers/controllers.ts";
import { toServed } from "../base/event_views.ts";
import { rfc3339 } from "../base/json.ts";
import { listAt, textAt } from "../../std/json/at.ts";
import { getObject, selection } from "./read.ts";
import { customTypes, type ResourceType } from "../base/api_resources.ts";
import { conflict, invalid } from "../base/status.ts";
import { bodyOf } from "../answers/body.ts";
import { isDryRun } from "./write.ts";
import { isRecord } from "../../std/json/unknown.ts";

type Policy = "Orphan" | "Background" | "Foreground";

/** Kinds whose delete answers with the object instead of a Status. */
const GIVEN_BACK =
  /^(pods|services|persistentvolumes|persistentvolumeclaims|serviceaccounts|resourcequotas|namespaces|replicationcontrollers|storageclasses\..*)$/;

/** One resource for each place where objects are stored. */
function storedTypes(cluster: Cluster): ResourceType[] {
  const types = servedTypes(cluster).filter(({ group }) =>
    group !== "events.k8s.io" && group !== "metrics.k8s.io"
  );
  return [...new Map(types.map((type) => [type.storageKey, type])).values()];
}

/** Removes what an owner owned, or lets go of it. */
function collect(cluster: Cluster, owner: KubeObject, policy: Policy): void {
  const uid = owner.metadata?.uid;
  for (const type of storedTypes(cluster)) {
    for (const object of cluster.store.list(type.storageKey, owner.metadata?.namespace)) {
      const owners = listAt(object, "metadata", "ownerReferences");
      const others = owners.filter((reference) => textAt(reference, "uid") !== uid);
      if (others.length === owners.length) continue;
      if (policy !== "Orphan" && !others.length) removeObject(cluster, type, object, policy);
      else {
        cluster.store.put(type.storageKey, {
          ...object,
          metadata: { ...object.metadata, ownerReferences: others.length ? others : undefined },
        });
      }
    }
  }
}

/** Removes an object and what depends on it; one with finalizers is only marked. */
export function removeObject(
  cluster: Cluster,
  type: ResourceType,
  object: KubeObject,
  policy: Policy = "Background",
): KubeObject {
  const { store } = cluster;
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: object.metadata?.deletionTimestamp ?? rfc3339(cluster.now()),
      deletionGracePeriodSeconds: 0,
    },
  };
  if (listAt(object, "metadata", "finalizers").length) {
    return object.metadata?.deletionTimestamp ? object : store.put(type.storageKey, marked);
  }
  if (type.storageKey === "namespaces") {
    for (const inner of storedTypes(cluster).filter(({ namespaced }) => namespaced)) {
      for (const content of store.list(inner.storageKey, object.metadata?.name)) {
        store.remove(inner.storageKey, content);
      }
    }
  }
  if (type.storageKey === DEFINITIONS) {
    for (const custom of customTypes(object)) {
      for (const content of store.list(custom.storageKey)) store.remove(custom.storageKey, content);
    }
  }
  const removed = store.remove(type.storageKey, object);
  collect(cluster, object, policy);
  return type.storageKey === "namespaces"
    ? {
      ...marked,
      status: { phase: "Terminating" },
      metadata: { ...marked.metadata, resourceVersion: removed.metadata?.resourceVersion },
    }
    : type.storageKey === "pods"
    ? {
      ...marked,
      metadata: { ...marked.metadata, resourceVersion: removed.metadata?.resourceVersion },
    }
    : object;
}

/** `DeleteOptions`, of the body and of the query. */
function optionsOf(call: Call) {
  const body = call.body.trim() ? bodyOf(call) : {};
  const options = isRecord(body) ? body : {};
  const asked = textAt(options, "propagationPolicy") || call.query.get("propagationPolicy");
  if (asked && !/^(Orphan|Background|Foreground)$/.test(asked)) {
    throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [{
      field: "propagationPolicy",
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${JSON.stringify(asked)}: supported values: "Foreground", ` +
        '"Background", "Orphan", "nil"',
    }]);
  }
  const orphan = options.orphanDependents === true || call.query.get("orphanDependents") === "true";
  const policy: Policy = asked === "Orphan" || orphan
    ? "Orphan"
    : asked === "Foreground"
    ? "Foreground"
    : "Background";
  return {
    policy,
    uid: textAt(options, "preconditions", "uid"),
    resourceVersion: textAt(options, "preconditions", "resourceVersion"),
    dryRun: listAt(options, "dryRun").includes("All") || isDryRun(call),
  };
}

/** DELETE of one object. */
export function deleteObject(call: Call): Outcome {
  const { cluster, type } = call;
  const options = optionsOf(call);
  const object = getObject(call);
  const { uid, name = "", resourceVersion } = object.metadata ?? {};
  const named = { group: type.group, resource: type.kind };
  if (options.uid && options.uid !== uid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). ` +
        "The object might have been deleted and then recreated",
    );
  }
  if (options.resourceVersion && options.resourceVersion !== resourceVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
  let removed = object;
  if (!options.dryRun) {
    const stored = cluster.store.get(type.storageKey, object.metadata?.namespace, name) ?? object;
    removed = toServed(removeObject(cluster, type, stored, options.policy), type);
    reconcile(cluster);
  }
  const remains = listAt(object, "metadata", "finalizers").length > 0;
  if (remains || GIVEN_BACK.test(type.storageKey)) return { object: removed };
  return {
    other: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name, ...(type.group ? { group: type.group } : {}), kind: type.resource, uid },
    },
  };
}

/** DELETE of all objects that are selected. */
export function deleteCollection(call: Call): Outcome {
  const { cluster, type, namespace } = call;
  const matches = selection(call);
  const options = optionsOf(call);
  const items = cluster.store.list(type.storageKey, namespace).filter((item) =>
    matches(toServed(item, type))
  );
  const removed = options.dryRun
    ? items
    : items.map((item) => removeObject(cluster, type, item, options.policy));
  if (!options.dryRun) reconcile(cluster);
  return {
    items: removed.map((item) => toServed(item, type)),
    metadata: { resourceVersion: `${cluster.store.version()}` },
  };
}
