/** What was likely meant by the path of a column that no row has. Pure. */
import { editDistance, nearestNames } from "../../../std/nearest.ts";
import { copyOf } from "../base/script_values.ts";

/** Objects that are looked at for their keys. */
const LOOKED_AT = 100;

/** Letters in which a key is mistaken. */
const MOST_LETTERS = 2;

/** The path with the key that is not there replaced by the nearest one; undefined where none is near. */
export function nearPath(rows: readonly unknown[], path: string): string | undefined {
  const steps = path.split(".");
  let reached = rows.slice(0, LOOKED_AT);
  for (const [at, step] of steps.entries()) {
    const bracket = step.indexOf("[");
    const key = bracket < 0 ? step : step.slice(0, bracket);
    const objects = reached.flatMap(objectsOf).slice(0, LOOKED_AT);
    reached = objects.filter((object) => Object.hasOwn(object, key)).map((object) => object[key]);
    if (reached.length > 0) continue;
    const [near] = nearestNames(key, objects.flatMap((object) => Object.keys(object)));
    // Of long names many are near to each other: deletionTimestamp and creationTimestamp are two.
    if (near === undefined || editDistance(key.toLowerCase(), near.toLowerCase()) > MOST_LETTERS) {
      return undefined;
    }
    return [...steps.slice(0, at), near + step.slice(key.length), ...steps.slice(at + 1)].join(".");
  }
  return undefined;
}

/** The object itself, or those of a list. */
function objectsOf(value: unknown): Record<string, unknown>[] {
  const all = Array.isArray(value) ? copyOf(value) : [value];
  return all.filter((each) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
  ) as Record<string, unknown>[];
}
