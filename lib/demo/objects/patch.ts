/** JSON patch (RFC 6902), JSON merge patch (RFC 7386), and Kubernetes' strategic merge patch. */
import { equal } from "../base/json.ts";
import { type JsonObject, listAt, textAt } from "../../std/json/at.ts";
import { fieldSchema, itemSchema, type Schema } from "../base/schemas.ts";
import { badRequest, StatusError } from "../base/status.ts";
import { isRecord } from "../../std/json/unknown.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "../../std/json/patch.ts";

/** A merge patch put on a value. */
export const mergePatch = applyMergePatch;

/**
 * A JSON patch put on a value.
 * @throws {StatusError} 400 for what is no patch, 422 for one that does not apply
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  try {
    return applyJsonPatch(target, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new StatusError(
      422,
      "Invalid",
      "the server rejected our request due to an error in our request",
      {},
    );
  }
}

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const ORDER = "$setElementOrder/";
const DELETE_PRIMITIVES = "$deleteFromPrimitiveList/";
const RETAIN = "$retainKeys";
const DIRECTIVE = "$patch";

/** Puts a list in the order that a patch asks for; what it does not name keeps its place after. */
function inOrder(items: unknown[], order: unknown[], keyOf: (item: unknown) => unknown): unknown[] {
  const wanted = order.map((entry) => (isRecord(entry) ? keyOf(entry) : entry));
  const rank = (item: unknown) => {
    const index = wanted.findIndex((one) => equal(one, keyOf(item)));
    return index < 0 ? wanted.length : index;
  };
  return items.map((item, index) => ({ item, index }))
    .sort((a, b) => rank(a.item) - rank(b.item) || a.index - b.index).map(({ item }) => item);
}

/** A map as Go prints it. */
const goMap = (value: JsonObject) =>
  `map[${Object.entries(value).sort().map(([key, one]) => `${key}:${one}`).join(" ")}]`;

function mergeList(
  current: unknown[],
  patch: unknown[],
  schema: Schema | undefined,
  key: string,
): unknown[] {
  const items = itemSchema(schema);
  if (patch.some((entry) => textAt(entry, DIRECTIVE) === "replace")) {
    return patch.filter((entry) => textAt(entry, DIRECTIVE) !== "replace");
  }
  const result = [...current];
  for (const entry of patch) {
    if (isRecord(entry) && entry[key] === undefined) {
      throw new StatusError(
        500,
        "",
        `map: ${goMap(entry)} does not contain declared merge key: ${key}`,
      );
    }
    const index = result.findIndex((item) => equal(step(item, key), step(entry, key)));
    if (textAt(entry, DIRECTIVE) === "delete") {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(strategicMerge({}, entry, items));
    else result[index] = strategicMerge(result[index], entry, items);
  }
  return result;
}

/**
 * A strategic merge patch put on a value: lists merge by the key that the schema names.
 * @see {@link https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/#notes-on-the-strategic-merge-patch}
 */
export function strategicMerge(
  target: unknown,
  patch: unknown,
  schema: Schema | undefined,
): unknown {
  if (!isRecord(patch)) return patch;
  if (patch[DIRECTIVE] === "replace") {
    return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== DIRECTIVE));
  }
  if (patch[DIRECTIVE] === "delete") return undefined;
  let result: JsonObject = isRecord(target) ? { ...target } : {};
  const retained = listAt(patch, RETAIN);
  if (retained.length) {
    result = Object.fromEntries(Object.entries(result).filter(([key]) => retained.includes(key)));
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    const field = fieldSchema(schema, key);
    const current = result[key];
    if (value === null) delete result[key];
    else if (Array.isArray(value)) {
      const mergeKey = textAt(field, "x-kubernetes-patch-merge-key");
      const merges = textAt(field, "x-kubernetes-patch-strategy").includes("merge");
      const present = Array.isArray(current) ? current : [];
      if (!merges) result[key] = value;
      else if (mergeKey) result[key] = mergeList(present, value, field, mergeKey);
      else result[key] = [...present, ...value.filter((one) => !present.includes(one))];
    } else {
      const merged = strategicMerge(current, value, field);
      if (merged === undefined) delete result[key];
      else result[key] = merged;
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    const name = key.slice(key.indexOf("/") + 1);
    const present = result[name];
    if (!Array.isArray(present) || !Array.isArray(value)) continue;
    if (key.startsWith(DELETE_PRIMITIVES)) {
      result[name] = present.filter((one) => !value.includes(one));
    } else if (key.startsWith(ORDER)) {
      const mergeKey = textAt(fieldSchema(schema, name), "x-kubernetes-patch-merge-key");
      result[name] = inOrder(present, value, (item) => (mergeKey ? step(item, mergeKey) : item));
    }
  }
  return result;
}
