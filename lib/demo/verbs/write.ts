/** create, update, patch: from a body to a stored object. */
import { PATCH_TYPES } from "../../names/requests.ts";
import type { KubeObject } from "../../kube/types.ts";
import { bodyOf, contentType, decodeBody } from "../answers/body.ts";
import type { Call, Outcome } from "../base/cluster.ts";
import { reconcile } from "../controllers/controllers.ts";
import { withDefaults } from "../objects/decode.ts";
import { withKindDefaults } from "../objects/defaults.ts";
import { toServed, toStored } from "../base/event_views.ts";
import { applyObject } from "../objects/apply.ts";
import { type Manager, trackUpdate } from "../objects/fields.ts";
import { equal, rfc3339, suffix, without } from "../base/json.ts";
import { numberAt, textAt } from "../../std/json/at.ts";
import { jsonPatch, mergePatch, strategicMerge } from "../objects/patch.ts";
import { getObject } from "./read.ts";
import { schemaOf } from "../base/schemas.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  notFound,
  StatusError,
  unsupportedMediaType,
} from "../base/status.ts";
import { conform, strictnessOf, validate } from "../objects/validate.ts";
import { stringifyExact } from "../../std/json/exact.ts";

/**
 * Whether nothing is to be kept of a request.
 * @throws {StatusError} 400 for a `dryRun` other than `All`
 */
export function isDryRun(call: Call): boolean {
  const asked = call.query.getAll("dryRun").filter(Boolean);
  const odd = asked.find((value) => value !== "All");
  if (odd) {
    throw invalid({ group: "meta.k8s.io", kind: "CreateOptions" }, "", [{
      field: "dryRun",
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${JSON.stringify(asked)}: supported values: "All"`,
    }]);
  }
  return asked.length > 0;
}

/** Who a request's changes belong to. */
function managerOf(call: Call, operation: Manager["operation"] = "Update"): Manager {
  const agent = (call.headers.get("user-agent") ?? "").split("/")[0] ?? "";
  const name = call.query.get("fieldManager") || agent.slice(0, 128) || "unknown";
  return { name, operation, ...(call.subresource ? { subresource: call.subresource } : {}) };
}

/** Kinds without a generation: those whose spec nobody is to carry out. */
function hasGeneration({ group, storageKey, custom }: Call["type"]): boolean {
  return custom !== undefined || storageKey === "pods" ||
    /^(apps|batch|networking\.k8s\.io|policy|apiextensions\.k8s\.io)$/.test(group);
}

const hasStatus = ({ type }: Call) => type.subresources.some(({ name }) => name === "status");

function initialStatus(type: Call["type"]): KubeObject {
  if (type.storageKey === "pods") return { status: { phase: "Pending", qosClass: "BestEffort" } };
  if (type.storageKey === "namespaces") return { status: { phase: "Active" } };
  return type.custom || type.storageKey === "nodes" ? {} : { status: {} };
}

/** Everything the server puts into an object before it is validated. */
function complete(object: KubeObject, call: Call): KubeObject {
  const known = conform(object, call.type, strictnessOf(call.query), call.warnings);
  return call.type.custom
    ? withDefaults(known, schemaOf(call.type)) as KubeObject
    : withKindDefaults(known, call.type);
}

function checkNamespace({ cluster, type, namespace }: Call): void {
  if (!type.namespaced || !namespace || cluster.store.get("namespaces", undefined, namespace)) {
    return;
  }
  throw notFound({ group: "", resource: "namespaces" }, namespace);
}

function create(call: Call, given: KubeObject, manager: Manager | "applied"): KubeObject {
  const { cluster, type } = call;
  const { store } = cluster;
  checkNamespace(call);
  const meta = given.metadata ?? {};
  const generated = textAt(meta, "generateName");
  const name = meta.name || (generated && generated + suffix(Math.random() * 2 ** 32, 5));
  if (meta.resourceVersion) {
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  }
  const object = complete({
    ...(hasStatus(call) ? { ...without(given, "status"), ...initialStatus(type) } : given),
    metadata: {
      ...without(meta, "deletionTimestamp", "selfLink"),
      ...(name ? { name } : {}),
      uid: crypto.randomUUID(),
      creationTimestamp: rfc3339(cluster.now()),
      ...(hasGeneration(type) ? { generation: 1 } : {}),
    },
  }, call);
  validate(object, type);
  if (store.get(type.storageKey, object.metadata?.namespace, name)) throw alreadyExists(type, name);
  const tracked = manager === "applied"
    ? object
    : trackUpdate(object, undefined, type, manager, cluster.now());
  if (isDryRun(call)) return tracked;
  const stored = store.put(type.storageKey, toStored(tracked, type));
  reconcile(cluster);
  return toServed(stored, type);
}

/** POST. */
export function createObject(call: Call): Outcome {
  const object = create(call, decodeBody(call, bodyOf(call)), managerOf(call));
  return { object, code: 201 };
}

/**
 * Replaces a live object by its next state.
 * @throws {StatusError} 409 for a stale resource version, 422 for an invalid object
 */
export function updateObject(
  call: Call,
  live: KubeObject,
  next: KubeObject,
  manager: Manager | "applied" = managerOf(call),
): KubeObject {
  const { cluster, type, subresource } = call;
  const meta = live.metadata ?? {};
  const name = meta.name ?? "";
  const given = next.metadata ?? {};
  if (given.uid && given.uid !== meta.uid) {
    throw conflict(
      type,
      name,
      `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${meta.uid}`,
    );
  }
  if (given.resourceVersion && given.resourceVersion !== meta.resourceVersion) {
    throw conflict(type, name);
  }
  const fixed = Object.fromEntries(
    ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "generation"]
      .filter((key) => meta[key] !== undefined).map((key) => [key, meta[key]]),
  );
  const metadata = {
    ...without(given, "resourceVersion", "deletionTimestamp", "generation", "selfLink"),
    ...fixed,
  };
  const merged: KubeObject = subresource === "status"
    ? { ...live, metadata: { ...meta, ...managedFieldsOf(metadata) }, status: next.status }
    : hasStatus(call)
    ? { ...without(next, "status"), metadata, ...(live.status ? { status: live.status } : {}) }
    : { ...next, metadata };
  const object = complete(
    { ...merged, metadata: without(merged.metadata ?? {}, "resourceVersion") },
    call,
  );
  validate(object, type, live);
  const isSpecChanged = !equal(
    without(object, "status", "metadata"),
    without(live, "status", "metadata"),
  );
  if (isSpecChanged && hasGeneration(type)) {
    object.metadata = { ...object.metadata, generation: numberAt(meta, "generation") + 1 };
  }
  const tracked = manager === "applied"
    ? object
    : trackUpdate(object, live, type, manager, cluster.now());
  const current = { ...live, metadata: without(meta, "resourceVersion") };
  if (equal(tracked, current)) return live;
  if (isDryRun(call)) {
    return { ...tracked, metadata: { ...tracked.metadata, resourceVersion: meta.resourceVersion } };
  }
  const finished = meta.deletionTimestamp &&
    !(tracked.metadata?.finalizers as unknown[] | undefined)?.length;
  const stored = finished
    ? cluster.store.remove(type.storageKey, toStored(tracked, type))
    : cluster.store.put(type.storageKey, toStored(tracked, type));
  reconcile(cluster);
  return toServed(stored, type);
}

/** PUT. */
export function replaceObject(call: Call): Outcome {
  const next = decodeBody(call, bodyOf(call));
  const live = getObject(call);
  if (call.type.custom && !next.metadata?.resourceVersion) {
    throw invalid(call.type, call.name ?? "", [{
      field: "metadata.resourceVersion",
      reason: "FieldValueInvalid",
      message: "Invalid value: 0: must be specified for an update",
    }]);
  }
  return { object: updateObject(call, live, next) };
}

const PATCHES: readonly string[] = Object.values(PATCH_TYPES);

/** PATCH, of each of its four kinds. */
export function patchObject(call: Call): Outcome {
  const { type } = call;
  const format = contentType(call);
  const accepted = PATCHES.filter((one) => !type.custom || !one.includes("strategic"));
  if (!PATCHES.includes(format)) {
    throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  }
  if (!accepted.includes(format)) throw unsupportedMediaType(accepted);
  const patch = patchOf(call);
  if (format === PATCH_TYPES.apply) return apply(call, patch);
  const live = getObject(call);
  const patched = format === PATCH_TYPES.json
    ? jsonPatch(live, patch)
    : format === PATCH_TYPES.merge
    ? mergePatch(live, patch)
    : strategicMerge(live, patch, schemaOf(type));
  const next = decodeBody(call, patched);
  try {
    return { object: updateObject(call, live, next) };
  } catch (error) {
    const wrong = error instanceof StatusError ? /: (json: cannot .*)$/.exec(error.message) : null;
    if (!wrong) throw error;
    throw invalid(type, call.name ?? "", [{
      field: "patch",
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(stringifyExact(next))}: ${wrong[1]}`,
    }]);
  }
}

/** A patch's body. */
function patchOf(call: Call): unknown {
  try {
    return bodyOf(call);
  } catch (error) {
    const reason = error instanceof StatusError ? /parse error: (.*)$/.exec(error.message) : null;
    throw reason ? badRequest(`error decoding patch: ${reason[1]}`) : error;
  }
}

function apply(call: Call, patch: unknown): Outcome {
  const { cluster, type, query } = call;
  if (!query.get("fieldManager")) {
    throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", [{
      field: "fieldManager",
      reason: "FieldValueRequired",
      message: "Required value: is required for apply patch",
    }]);
  }
  if (textAt(patch, "kind") === "" || textAt(patch, "apiVersion") === "") {
    throw badRequest(
      `invalid object type: /${textAt(patch, "apiVersion")}, Kind=${textAt(patch, "kind")}`,
    );
  }
  const applied = conform(
    decodeBody(call, patch),
    type,
    strictnessOf(query),
    call.warnings,
  );
  if (applied.metadata?.managedFields) throw badRequest("metadata.managedFields must be nil");
  const live = cluster.store.get(type.storageKey, call.namespace, call.name ?? "");
  const served = live && toServed(live, type);
  const force = query.get("force") === "true";
  const manager = managerOf(call, "Apply");
  const next = applyObject(served, applied, type, manager, force, cluster.now());
  if (served) return { object: updateObject(call, served, next, "applied") };
  if (call.subresource) throw notFound(type, call.name ?? "");
  return { object: create(call, next, "applied"), code: 201 };
}

/** What a request says of the fields' managers; nothing where it says nothing. */
function managedFieldsOf({ managedFields }: Record<string, unknown>): Record<string, unknown> {
  return managedFields === undefined ? {} : { managedFields };
}
