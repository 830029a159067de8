/** JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), as an API server applies them. Pure. */

import { isRecord } from "./json.ts";

/** A patch that does not apply: a pointer leads nowhere, or a test fails. */
export class PatchError extends Error {
  override readonly name = "PatchError";
}

type JsonObject = { [key: string]: unknown };

/** The value with a merge patch applied. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: JsonObject = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else set(result, key, applyMergePatch(own(result, key), value));
  }
  return result;
}

/**
 * The value with a JSON patch applied.
 *
 * @throws {PatchError} it does not apply
 */
export function applyJsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  return operations.reduce(applyOperation, target);
}

function applyOperation(value: unknown, operation: unknown): unknown {
  if (!isRecord(operation)) throw new PatchError("an operation is no object");
  const path = steps(operation.path);
  const from = () => steps(operation.from);
  switch (operation.op) {
    case "add":
    case "replace":
    case "remove":
      return edit(value, path, operation.op, operation.value);
    case "copy":
      return edit(value, path, "add", read(value, from()));
    case "move":
      return edit(edit(value, from(), "remove"), path, "add", read(value, from()));
    case "test":
      if (equal(read(value, path) ?? null, operation.value ?? null)) return value;
      throw new PatchError(`the test of "${operation.path}" failed`);
    default:
      throw new PatchError("an operation is unknown");
  }
}

/** Edits a copy: adds, replaces or removes what is at the pointer. */
function edit(
  root: unknown,
  path: readonly string[],
  how: "add" | "replace" | "remove",
  value?: unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return how === "remove" ? null : value;
  const isLast = rest.length === 0;
  if (Array.isArray(root)) {
    const copy = [...root];
    const index = key === "-" ? copy.length : Number(key);
    const limit = isLast && how === "add" ? copy.length : copy.length - 1;
    if (!Number.isInteger(index) || index < 0 || index > limit) throw nowhere(key);
    if (!isLast) copy[index] = edit(copy[index], rest, how, value);
    else copy.splice(index, how === "add" ? 0 : 1, ...(how === "remove" ? [] : [value]));
    return copy;
  }
  if (!isRecord(root)) throw nowhere(key);
  const copy = { ...root };
  if (!isLast) return set(copy, key, edit(own(root, key), rest, how, value));
  if (how !== "add" && !Object.hasOwn(root, key)) throw nowhere(key);
  if (how === "remove") delete copy[key];
  else set(copy, key, value);
  return copy;
}

function read(root: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value: unknown, key) =>
      Array.isArray(value) ? value[Number(key)] : isRecord(value) ? own(value, key) : undefined,
    root,
  );
}

function steps(pointer: unknown): string[] {
  const text = pointer === undefined ? "" : String(pointer);
  if (text !== "" && !text.startsWith("/")) throw nowhere(text);
  return text.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Also a key like `__proto__` is a field like any other. */
function set(object: JsonObject, key: string, value: unknown): JsonObject {
  const field = { value, writable: true, enumerable: true, configurable: true };
  return Object.defineProperty(object, key, field);
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function nowhere(key: string): PatchError {
  return new PatchError(`there is no "${key}"`);
}

/** Whether two JSON values are equal, whatever the order of their keys. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, at) => equal(one, b[at]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
