/** Reading JSON of unknown shape: what is not there reads as empty. Pure. */
import { isNumber, isRecord } from "./unknown.ts";

/** A JSON object. */
export type JsonObject = { [key: string]: unknown };

/** The value at a path; undefined when any step is missing. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) {
      return undefined;
    }
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** The text at a path; "" when there is none, a number or boolean as it is written. */
export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "object" || found === undefined ? "" : String(found);
}

/** The number at a path; 0 when there is none. */
export function numberAt(value: unknown, ...path: (string | number)[]): number {
  const found = at(value, ...path);
  return isNumber(found) ? Number(found) : 0;
}

/** The list at a path; empty when there is none. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The object at a path; empty when there is none. */
export function objectAt(value: unknown, ...path: (string | number)[]): JsonObject {
  const found = at(value, ...path);
  return isRecord(found) ? found : {};
}
