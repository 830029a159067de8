/** Reading JSON of unknown shape: what is not there reads as empty. */
import { isNumber, isRecord } from "../../std/json/unknown.ts";

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

/** Whether two JSON values are equal, whatever the order of their keys; undefined is not there. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => equal(one, b[i]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  return keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => equal(a[key], b[key]));
}

/** The object without some of its keys. */
export function without(value: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** A small stable number out of a text: the same text, the same number (FNV-1a, 32 bits). */
export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return sum;
}

/** The letters that Kubernetes makes name suffixes of: none that could spell a word. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** A name suffix of so many characters out of a number. */
export function suffix(seed: number, length: number): string {
  let rest = hash(`${seed}`);
  let text = "";
  while (text.length < length) {
    text += SAFE[rest % SAFE.length];
    rest = hash(`${rest}/${text}`);
  }
  return text;
}

/** RFC 3339 with seconds, as Kubernetes writes times. */
export function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
