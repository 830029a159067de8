/**
 * get, list in pages, watch.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/}
 */
import { Buffer } from "node:buffer";
import type { KubeObject } from "../../kube/types.ts";
import type { Call, Outcome } from "../base/cluster.ts";
import { toServed } from "../base/event_views.ts";
import type { JsonObject } from "../base/json.ts";
import { metricsOf } from "../controllers/metrics.ts";
import { commonHeaders, type Form, renderObject } from "../answers/render.ts";
import { fieldSelector, labelSelector, labelsOf } from "../base/selectors.ts";
import { badRequest, expired, invalid, notFound, StatusError } from "../base/status.ts";
import { type Change, storageName } from "../base/store.ts";
import { onAbort } from "../../std/async.ts";

const EXPIRED_TOKEN =
  "The provided continue parameter is too old to display a consistent list result. You can start " +
  "a new list without the continue parameter, or use the continue token in this response to " +
  "retrieve the remainder of the results. Continuing with the provided token results in an " +
  "inconsistent list - objects that were created, modified, or deleted between the time the " +
  "first chunk was returned and now may show up in the list.";

/** The objects of a resource that now are: stored ones, or metrics made up at this moment. */
function currentItems({ cluster, type, namespace }: Call): KubeObject[] {
  return type.group === "metrics.k8s.io"
    ? metricsOf(cluster, type, namespace)
    : cluster.store.list(type.storageKey, namespace);
}

/**
 * The object that a request names.
 * @throws {StatusError} 404
 */
export function getObject(call: Call): KubeObject {
  const { cluster, type, namespace, name = "" } = call;
  const found = type.group === "metrics.k8s.io"
    ? currentItems(call).find((item) => item.metadata?.name === name)
    : cluster.store.get(type.storageKey, type.namespaced ? namespace : undefined, name);
  if (!found) throw notFound(type, name);
  return toServed(found, type);
}

/** A test for the objects that a request selects. */
export function selection(call: Call): (object: KubeObject) => boolean {
  const { query, type, namespace, name } = call;
  const labels = labelSelector(query.get("labelSelector") ?? "");
  const fields = fieldSelector(query.get("fieldSelector") ?? "", type);
  return (object) =>
    (!namespace || object.metadata?.namespace === namespace) &&
    (!name || object.metadata?.name === name) &&
    labels(labelsOf(object)) && fields(object);
}

function whole(call: Call, parameter: string): number {
  const text = call.query.get(parameter) || "0";
  if (!/^\d+$/.test(text)) {
    const shown = JSON.stringify(text);
    if (parameter !== "resourceVersion") {
      throw badRequest(`strconv.ParseInt: parsing ${shown}: invalid syntax`);
    }
    const why = `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ` +
      "invalid syntax";
    throw isWatch(call)
      ? new StatusError(500, "", why)
      : badRequest(`invalid resource version: ${why}`);
  }
  return Number(text);
}

interface Continue {
  readonly rv: number;
  readonly start: string;
}

function readToken(token: string): Continue {
  try {
    const parsed = JSON.parse(Buffer.from(token, "base64url").toString());
    if (parsed.v === "meta.k8s.io/v1" && typeof parsed.start === "string") return parsed;
  } catch {
    // Not one of ours: the same answer as for one of another form.
  }
  throw badRequest(
    "invalid continue token: continue key is not valid: encoding of the continue token is not recognized",
  );
}

const writeToken = (rv: number, start: string) =>
  Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv, start: `${start}\0` }))
    .toString("base64url");

/** Lists, a page at a time where a limit is given. */
export function listObjects(call: Call): Outcome {
  const { cluster: { store }, type, namespace, query } = call;
  const matches = selection(call);
  const limit = whole(call, "limit");
  const version = whole(call, "resourceVersion");
  const match = query.get("resourceVersionMatch");
  const token = query.get("continue");
  if (match && !query.get("resourceVersion")) {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [{
      field: "resourceVersionMatch",
      reason: "FieldValueForbidden",
      message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    }]);
  }
  let at = store.version();
  let items: KubeObject[];
  let start = "";
  if (token) {
    if (version) throw badRequest("specifying resource version is not allowed when using continue");
    const from = readToken(token);
    start = from.start;
    at = from.rv === -1 ? at : from.rv;
    try {
      items = store.listAt(type.storageKey, namespace, at);
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 410) throw error;
      const gone = expired(EXPIRED_TOKEN);
      gone.status.metadata = { continue: writeToken(-1, start.replace(/\0$/, "")) };
      throw gone;
    }
  } else if (match === "Exact") {
    at = version;
    items = store.listAt(type.storageKey, namespace, version);
  } else {
    if (version > at) store.listAt(type.storageKey, namespace, version);
    items = currentItems(call);
  }
  const rest = items.filter((item) => storageName(item) >= start)
    .map((item) => toServed(item, type)).filter(matches);
  const page = limit ? rest.slice(0, limit) : rest;
  const last = page.at(-1);
  const selective = query.get("labelSelector") || query.get("fieldSelector");
  const metadata: JsonObject = {
    resourceVersion: `${at}`,
    ...(page.length < rest.length && last
      ? {
        continue: writeToken(at, storageName(last)),
        ...(selective ? {} : { remainingItemCount: rest.length - page.length }),
      }
      : {}),
  };
  return { items: page, metadata: type.group === "metrics.k8s.io" ? {} : metadata };
}

/** What a watcher that selects sees of a change; nothing when it concerns none of its objects. */
function seen(change: Change, call: Call, matches: (object: KubeObject) => boolean) {
  const object = toServed(change.object, call.type);
  const before = change.previous && matches(toServed(change.previous, call.type));
  const after = change.type !== "DELETED" && matches(object);
  if (!before && !after) return undefined;
  return { type: !before ? "ADDED" : after ? "MODIFIED" : "DELETED", object };
}

/** Longest time that a watch is kept, in seconds, when the client sets none. */
const WATCH_SECONDS = 1_800;
const BOOKMARK_EVERY_MS = 60_000;

/** Streams the changes of the selected objects, one JSON document a line. */
export function watchObjects(call: Call, form: Form): Response {
  const { cluster: { store, signal }, type, namespace, query } = call;
  const matches = selection(call);
  const from = whole(call, "resourceVersion");
  const seconds = whole(call, "timeoutSeconds") || WATCH_SECONDS;
  const bookmarks = /^(1|true)$/i.test(query.get("allowWatchBookmarks") ?? "");
  const initial = query.get("sendInitialEvents") === "true" || from === 0;
  const encoder = new TextEncoder();
  let stop = () => {};

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (event: JsonObject) =>
        controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      const sendObject = (kind: string, object: KubeObject) =>
        send({ type: kind, object: renderObject(object, call, form) });
      const bookmark = (annotations?: JsonObject) => {
        const metadata = { resourceVersion: `${store.version()}`, annotations };
        const object = form.as === "Table"
          ? {
            kind: "Table",
            apiVersion: "meta.k8s.io/v1",
            metadata,
            columnDefinitions: [],
            rows: [],
          }
          : form.as
          ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata }
          : renderObject({ metadata } as KubeObject, call, form);
        send({ type: "BOOKMARK", object });
      };
      const missed = initial ? [] : store.since(type.storageKey, from);
      if (!missed) {
        const { status } = expired(`too old resource version: ${from} (${store.version()})`);
        send({ type: "ERROR", object: status });
        controller.close();
        return;
      }
      if (initial) {
        for (const item of store.list(type.storageKey, namespace)) {
          const served = toServed(item, type);
          if (matches(served)) sendObject("ADDED", served);
        }
        if (query.get("sendInitialEvents") === "true" && bookmarks) {
          bookmark({ "k8s.io/initial-events-end": "true" });
        }
      }
      const pass = (change: Change) => {
        const event = change.key === type.storageKey ? seen(change, call, matches) : undefined;
        if (event) sendObject(event.type, event.object);
      };
      missed.forEach(pass);
      const unsubscribe = store.subscribe(pass);
      const ticker = bookmarks ? setInterval(() => bookmark(), BOOKMARK_EVERY_MS) : undefined;
      const end = (marked: boolean) => {
        stop();
        try {
          if (marked) bookmark();
          controller.close();
        } catch {
          // Whoever watched has gone at the same moment.
        }
      };
      const timer = setTimeout(() => end(bookmarks), seconds * 1_000);
      let aborting: Disposable | undefined = undefined;
      stop = () => {
        unsubscribe();
        clearTimeout(timer);
        clearInterval(ticker);
        aborting?.[Symbol.dispose]();
      };
      aborting = onAbort(signal, () => end(false));
    },
    cancel: () => stop(),
  });
  const headers = commonHeaders();
  headers.set("content-type", "application/json");
  return new Response(body, { headers });
}

/** Whether a list request is one for a watch. */
export function isWatch(call: Call): boolean {
  return /^(1|true)$/i.test(call.query.get("watch") ?? "");
}
