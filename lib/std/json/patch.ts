/**
 * JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), as an API server applies them: a value that
 * is left out is null, an index below 0 counts from the end, and the root is not read or
 * written. Pure.
 */

import { isRecord } from "./unknown.ts";

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

/** Operations that an API server takes (`MaxJSONPatchOperations`). */
export const JSON_PATCH_OPERATIONS = 10_000;

/** Work that one patch may make: members moved in lists, values copied. */
const WORK = 4_000_000;

/**
 * The value with a JSON patch applied.
 *
 * @throws {PatchError} it does not apply, or is more work than any honest patch
 */
export function applyJsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  if (operations.length > JSON_PATCH_OPERATIONS) {
    throw new PatchError(`it has more than ${JSON_PATCH_OPERATIONS} operations`);
  }
  const work: Work = { left: WORK };
  let root = copied(target, work);
  for (const operation of operations) root = applyOperation(root, operation, work);
  return root;
}

interface Work {
  left: number;
}

function spend(work: Work, steps: number): void {
  work.left -= steps;
  if (work.left < 0) throw new PatchError("it copies or moves too much");
}

/** A copy of its own: operations edit in place. */
function copied(value: unknown, work: Work): unknown {
  spend(work, 1);
  if (Array.isArray(value)) return value.map((one) => copied(one, work));
  if (!isRecord(value)) return value;
  const copy: JsonObject = {};
  for (const [key, one] of Object.entries(value)) set(copy, key, copied(one, work));
  return copy;
}

function applyOperation(root: unknown, operation: unknown, work: Work): unknown {
  if (!isRecord(operation)) throw new PatchError("an operation is no object");
  const path = steps(operation.path);
  const from = () => steps(operation.from);
  const value = () => copied(operation.value ?? null, work);
  switch (operation.op) {
    case "add":
      return edit(root, path, "add", value(), work);
    case "replace":
      return edit(root, path, "replace", value(), work);
    case "remove":
      return edit(root, path, "remove", undefined, work);
    case "copy":
      return edit(root, path, "add", copied(read(root, from()) ?? null, work), work);
    case "move": {
      const moved = read(root, from());
      if (moved === undefined) throw nowhere(String(operation.from));
      return edit(edit(root, from(), "remove", undefined, work), path, "add", moved, work);
    }
    case "test":
      if (equal(read(root, path) ?? null, operation.value ?? null)) return root;
      throw new PatchError(`the test of "${operation.path}" failed`);
    default:
      throw new PatchError("an operation is unknown");
  }
}

/** Adds, replaces or removes in place what is at the pointer; gives the root. */
function edit(
  root: unknown,
  path: readonly string[],
  how: "add" | "replace" | "remove",
  value: unknown,
  work: Work,
): unknown {
  const key = path.at(-1);
  if (key === undefined) throw new PatchError("it writes the root");
  const parent = parentOf(root, path);
  if (Array.isArray(parent)) {
    const isAdded = how === "add";
    const index = isAdded && key === "-"
      ? parent.length
      : indexOf(key, isAdded ? parent.length + 1 : parent.length);
    if (index === undefined) throw nowhere(key);
    if (how === "replace") parent[index] = value;
    else {
      spend(work, parent.length - index);
      parent.splice(index, how === "add" ? 0 : 1, ...(how === "add" ? [value] : []));
    }
  } else if (isRecord(parent)) {
    if (how !== "add" && !Object.hasOwn(parent, key)) throw nowhere(key);
    if (how === "remove") delete parent[key];
    else set(parent, key, value);
  } else throw nowhere(key);
  return root;
}

/** What an index means in a list of that many places; undefined where it means none of them. */
function indexOf(key: string, places: number): number | undefined {
  if (!/^[-+]?\d{1,9}$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + places : Number(key);
  return index >= 0 && index < places ? index : undefined;
}

/** The member of that name or index; undefined where there is none. */
function member(value: unknown, key: string): unknown {
  if (isRecord(value)) return own(value, key);
  const index = Array.isArray(value) ? indexOf(key, value.length) : undefined;
  return index === undefined ? undefined : (value as unknown[])[index];
}

function parentOf(root: unknown, path: readonly string[]): unknown {
  let found = root;
  for (const key of path.slice(0, -1)) {
    found = member(found, key);
    if (found === undefined) throw nowhere(key);
  }
  return found;
}

/** What is at the pointer; undefined where only its last step leads nowhere. */
function read(root: unknown, path: readonly string[]): unknown {
  const key = path.at(-1);
  if (key === undefined) throw new PatchError("it reads the root");
  const parent = parentOf(root, path);
  if (typeof parent !== "object" || parent === null) throw nowhere(key);
  return member(parent, key);
}

function steps(pointer: unknown): string[] {
  const text = String(pointer);
  if (typeof pointer !== "string" || (text !== "" && !text.startsWith("/"))) throw nowhere(text);
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
