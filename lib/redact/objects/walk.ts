/** A walk through a parsed value: where it is, and what takes the place of what is hidden there. Pure. */
import { patternSpans } from "../detect/patterns.ts";
import { replaceSpans } from "../detect/spans.ts";
import { DEPTH_LIMIT } from "./nested_json.ts";
import { fieldSpot, idOf, memberSpot, type Spot } from "./spots.ts";
import type { OnLook } from "../detect/text.ts";
import type { Tokens } from "../tokens.ts";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a walk through a value is, and what it has seen. */
export interface Walk {
  readonly tokens: Tokens;
  readonly onLook: OnLook | undefined;
  /** Called for each string. */
  readonly onStep: () => void;
  /** What became of short strings; undefined where that depends on the spot. */
  readonly leaves: Map<string, string | undefined>;
  /** How many strings of JSON it is in. */
  nesting: number;
  depth: number;
  /** How many tokens belong to their spot. */
  placed: number;
  /** Where it is; undefined to find out whether that matters. */
  spot: Spot | undefined;
  /** What becomes of the value that a string holds as JSON. */
  readonly inner: (value: unknown) => unknown;
}

/**
 * The token of a value.
 *
 * @param part which one of several at the spot
 */
export function tokenOf(
  walk: Walk,
  value: string | Uint8Array,
  part: string | number = "",
): string {
  const shared = walk.tokens.shared(value);
  if (shared !== undefined) return shared;
  walk.placed += 1;
  return walk.spot === undefined ? "" : walk.tokens.placed(value, `${idOf(walk.spot)} ${part}`);
}

/** The name of a field, without what is hidden in it. */
export function keyName(walk: Walk, name: string): string {
  return name.length < 12 ? name : replaceSpans(
    name,
    patternSpans(name),
    (secret, start) => tokenOf(walk, secret, `key ${start}`),
  );
}

/** Does work at a spot. */
export function within<Value>(walk: Walk, spot: (outer: Spot) => Spot, work: () => Value): Value {
  const outer = walk.spot;
  if (outer !== undefined) walk.spot = spot(outer);
  const value = work();
  walk.spot = outer;
  return value;
}

/** A step down, where there is one. */
export function below<Value>(walk: Walk, work: () => Value): Value | string {
  if (walk.depth >= DEPTH_LIMIT) return tokenOf(walk, "nested too deep");
  walk.depth += 1;
  try {
    return work();
  } finally {
    walk.depth -= 1;
  }
}

/** A list with each member replaced, itself where none is. */
export function mapped(
  walk: Walk,
  given: readonly unknown[],
  map: (one: unknown) => unknown,
): readonly unknown[] {
  const now = given.map((one, at) =>
    within(walk, (outer) => memberSpot(outer, given, at), () => map(one))
  );
  return now.every((one, at) => one === given[at]) ? given : now;
}

/** An object with each key and value replaced, itself where none is. */
export function renamed(
  walk: Walk,
  given: JsonObject,
  rename: (key: string, was: unknown) => readonly [string, unknown],
): JsonObject {
  let changed = false;
  const entries = Object.entries(given).map(([key, was]) =>
    within(walk, (outer) => fieldSpot(outer, key, was), () => {
      const now = rename(key, was);
      changed ||= now[0] !== key || now[1] !== was;
      return now;
    })
  );
  return changed ? Object.fromEntries(entries) : given;
}
