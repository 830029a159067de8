/** Events: one store, two views, `v1` and `events.k8s.io/v1`; and how new ones come about. */
import type { KubeObject } from "../../kube/types.ts";
import { type JsonObject, numberAt, rfc3339, suffix, textAt } from "../base/json.ts";
import type { ResourceType } from "../base/api_resources.ts";
import type { Store } from "../base/store.ts";

/** Fields by their names in core/v1 and in events.k8s.io/v1. */
const RENAMED: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["count", "deprecatedCount"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["reportingComponent", "reportingController"],
];

function rename(object: KubeObject, names: readonly (readonly [string, string])[]): KubeObject {
  const to = new Map(names);
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [to.get(key) ?? key, value]),
  );
}

/** A stored object as a resource's version shows it. */
export function toServed(object: KubeObject, type: ResourceType): KubeObject {
  const served = type.group === "events.k8s.io" ? rename(object, RENAMED) : object;
  const apiVersion = type.group ? `${type.group}/${type.version}` : type.version;
  return served.apiVersion === apiVersion ? served : { ...served, apiVersion };
}

/** An object as it came in, as it is stored. */
export function toStored(object: KubeObject, type: ResourceType): KubeObject {
  if (type.group !== "events.k8s.io") return object;
  const back = RENAMED.map(([core, other]) => [other, core] as const);
  return { ...rename(object, back), apiVersion: "v1" };
}

/** What an event says. */
export interface Happening {
  readonly reason: string;
  readonly message: string;
  readonly type?: "Normal" | "Warning";
  readonly component?: string;
  readonly host?: string;
  readonly fieldPath?: string;
  readonly count?: number;
  /** Seconds before the last time that it happened first. */
  readonly since?: number;
}

/** An object as an event refers to it. */
function referenceTo(object: KubeObject, fieldPath?: string): JsonObject {
  const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
  return {
    kind: object.kind,
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    apiVersion: object.apiVersion,
    resourceVersion,
    ...(fieldPath ? { fieldPath } : {}),
  };
}

/** Records that something happened to an object; the same again adds to the count. */
export function recordEvent(store: Store, object: KubeObject, what: Happening, time: Date): void {
  const namespace = object.metadata?.namespace ?? "default";
  const name = object.metadata?.name ?? "";
  const known = store.list("events", namespace).find((event) =>
    textAt(event, "involvedObject", "uid") === object.metadata?.uid &&
    event.reason === what.reason && event.message === what.message
  );
  if (known) {
    const count = numberAt(known, "count") + (what.count ?? 1);
    store.put("events", { ...known, count, lastTimestamp: rfc3339(time) });
    return;
  }
  const seed = time.getTime() + store.version();
  const first = new Date(time.getTime() - (what.since ?? 0) * 1000);
  store.put("events", {
    kind: "Event",
    apiVersion: "v1",
    metadata: {
      name: `${name}.${(seed * 4096).toString(16).padStart(16, "1").slice(0, 14)}${
        suffix(seed, 2)
      }`,
      namespace,
      uid: crypto.randomUUID(),
      creationTimestamp: rfc3339(first),
    },
    involvedObject: referenceTo(object, what.fieldPath),
    reason: what.reason,
    message: what.message,
    source: {
      component: what.component ?? "kubelet",
      ...(what.host ? { host: what.host } : {}),
    },
    firstTimestamp: rfc3339(first),
    lastTimestamp: rfc3339(time),
    count: what.count ?? 1,
    type: what.type ?? "Normal",
    eventTime: null,
    reportingComponent: what.component ?? "kubelet",
    reportingInstance: what.host ?? "",
  });
}
