/**
 * What a writer writes where. Writers see their own words, and those words do not count as a hidden
 * value that has come to light; the same words at another place may. Pure.
 */

import { shortPath } from "../../std/paths.ts";
import { isNumber } from "../../std/json/unknown.ts";

/** A place in an object: by keys and indices, and the same with members of lists by their name. */
export interface Place {
  readonly byIndex: string;
  readonly byName: string;
}

/** The top of an object. */
export const TOP: Place = { byIndex: "", byName: "" };

/** The children of a value, each with its place. */
export function* childrenOf(
  value: unknown,
  place: Place,
): Generator<{ readonly key: string | number; readonly child: unknown; readonly place: Place }> {
  const byIndex = below(place.byIndex);
  const byName = below(place.byName);
  if (Array.isArray(value)) {
    for (const [key, child] of value.entries()) {
      const name = (child as { name?: unknown } | null)?.name;
      const step = typeof name === "string" ? `[${name}]` : `${key}`;
      yield { key, child, place: { byIndex: byIndex(`${key}`), byName: byName(step) } };
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      const step = pointerStep(key);
      yield { key, child, place: { byIndex: byIndex(step), byName: byName(step) } };
    }
  }
}

/** The paths of what is within what a path leads to. */
export function below(path: string): (step: string) => string {
  const short = shortPath(path);
  return (step) => `${short}/${shortPath(step)}`;
}

/** A key as a step of a JSON pointer (RFC 6901). */
export function pointerStep(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The place of a key, where the place of its value is given. */
export function keyPlace({ byIndex, byName }: Place): Place {
  return { byIndex: `${byIndex}/\0`, byName: `${byName}/\0` };
}

/** Whether a text was written at a place. */
export type Written = (place: Place, text: string) => boolean;

/** What an object or a merge patch, laid over the object, writes. */
export function writtenBy(body: unknown): Written {
  const texts = new Map<string, string>();
  collect(body, TOP, ({ byName }, text) => texts.set(byName, text));
  return ({ byName }, text) => texts.get(byName) === text;
}

/**
 * What is shown of a value, with the words that its writer wrote at their place.
 *
 * @param shown the value as it is shown to anybody
 */
export function withWritten(raw: unknown, shown: unknown, written: Written, at = TOP): unknown {
  if (raw === shown) return shown;
  if (typeof raw === "string") return written(at, raw) ? raw : shown;
  // What is nested too deep is shown as one token.
  if (typeof shown !== "object" || shown === null) return shown;
  const parts = [...childrenOf(raw, at)];
  const beside: readonly unknown[] = Array.isArray(shown) ? shown : Object.values(shown);
  const values = parts.map(({ child, place }, index) =>
    withWritten(child, beside[index], written, place)
  );
  if (Array.isArray(raw)) return values;
  if (parts.length === 0) return shown;
  const keys = Object.keys(shown);
  return Object.fromEntries(values.map((value, index) => [keys[index], value]));
}

function collect(
  value: unknown,
  place: Place,
  take: (place: Place, text: string) => void,
): void {
  if (typeof value === "string" || isNumber(value)) return take(place, String(value));
  for (const { key, child, place: below } of childrenOf(value, place)) {
    if (typeof key === "string") take(keyPlace(below), key);
    collect(child, below, take);
  }
}
