/** Events: how they come about. */
import type { KubeObject } from "../../kube/types.ts";
import { rfc3339, suffix } from "../base/json.ts";
import { type JsonObject, numberAt, textAt } from "../../std/json/at.ts";
import type { Store } from "../base/store.ts";

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
