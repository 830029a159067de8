/** JSON patch (RFC 6902), JSON merge patch (RFC 7386), and Kubernetes' strategic merge patch. */
import { equal, type JsonObject, listAt, textAt } from "../base/json.ts";
import { fieldSchema, itemSchema, type Schema } from "../base/schemas.ts";
import { badRequest, StatusError } from "../base/status.ts";
import { isRecord } from "../../std/json.ts";

/** A merge patch put on a value. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: JsonObject = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

function unprocessable(): StatusError {
  return new StatusError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );
}

function pointer(path: string): string[] {
  if (path !== "" && !path.startsWith("/")) throw unprocessable();
  return path.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function read(root: unknown, steps: readonly string[]): unknown {
  return steps.reduce(step, root);
}

/** Changes a copy: adds, replaces or removes (value undefined) what is at the pointer. */
function change(
  root: unknown,
  steps: readonly string[],
  how: "add" | "replace" | "remove",
  value?: unknown,
): unknown {
  const [key, ...rest] = steps;
  if (key === undefined) return how === "remove" ? null : value;
  if (Array.isArray(root)) {
    const copy = [...root];
    const index = key === "-" ? copy.length : Number(key);
    const last = rest.length === 0;
    const limit = last && how === "add" ? copy.length : copy.length - 1;
    if (!Number.isInteger(index) || index < 0 || index > limit) {
      throw unprocessable();
    }
    if (!last) copy[index] = change(copy[index], rest, how, value);
    else copy.splice(index, how === "add" ? 0 : 1, ...(how === "remove" ? [] : [value]));
    return copy;
  }
  if (!isRecord(root)) throw unprocessable();
  if (rest.length) return { ...root, [key]: change(root[key], rest, how, value) };
  if (how !== "add" && !Object.hasOwn(root, key)) {
    throw unprocessable();
  }
  const copy = { ...root, [key]: value };
  if (how === "remove") delete copy[key];
  return copy;
}

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
  return patch.reduce((value: unknown, operation: unknown) => {
    const path = pointer(textAt(operation, "path"));
    const from = pointer(textAt(operation, "from"));
    const given = isRecord(operation) ? operation.value : undefined;
    const op = textAt(operation, "op");
    switch (op) {
      case "add":
      case "replace":
      case "remove":
        return change(value, path, op, given);
      case "copy":
        return change(value, path, "add", read(value, from));
      case "move":
        return change(change(value, from, "remove"), path, "add", read(value, from));
      case "test":
        if (equal(read(value, path) ?? null, given ?? null)) return value;
        throw unprocessable();
      default:
        throw unprocessable();
    }
  }, target);
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
