/**
 * get, and list in pages.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/}
 */
import { Buffer } from "node:buffer";
import type { KubeObject } from "../../kube/types.ts";
import type { Call, Outcome } from "../base/cluster.ts";
import { toServed } from "../base/event_views.ts";
import type { JsonObject } from "../../std/json/at.ts";
import { metricsOf } from "../controllers/metrics.ts";
import { fieldSelector, labelSelector, labelsOf } from "../base/selectors.ts";
import { badRequest, expired, invalid, notFound, StatusError } from "../base/status.ts";
import { storageName } from "../base/store.ts";

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

/** The whole number that a query parameter has; 0 without one. */
export function wholeNumber(call: Call, parameter: string): number {
  const text = call.query.get(parameter) || "0";
  if (!/^\d+$/.test(text)) {
    const shown = JSON.stringify(text);
    if (parameter !== "resourceVersion") {
      throw badRequest(`strconv.ParseInt: parsing ${shown}: invalid syntax`);
    }
    const why = `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ` +
      "invalid syntax";
    throw /^(1|true)$/i.test(call.query.get("watch") ?? "")
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
  const limit = wholeNumber(call, "limit");
  const version = wholeNumber(call, "resourceVersion");
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
