/** JSON of objects: compared, cut, and made into names. */
import { isRecord } from "../../std/json/unknown.ts";
import type { JsonObject } from "../../std/json/at.ts";

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
