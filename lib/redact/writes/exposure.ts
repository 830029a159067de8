/**
 * Whether a change would bring to light what was hidden: a value may be known as a secret by what stands
 * beside it (the name of a variable, the flag before an argument), and a patch can change that and never
 * name the value. Pure.
 */
import { createFinder } from "./known_values.ts";
import { hiddenStrings, type Live } from "./live.ts";
import { childrenOf, keyPlace, type Place, TOP, type Written } from "./own_words.ts";
import { isNumber } from "../../std/json/unknown.ts";

/**
 * The path of a string that, after the change, would show what was hidden before; undefined when none
 * does. What writers wrote themselves, at the place where they wrote it, they know already.
 *
 * @param before the live object
 * @param after as it is shown after the change
 */
export function exposedPath(before: Live, after: unknown, written: Written): string | undefined {
  const hidden = hiddenStrings(before);
  if (hidden.size === 0) return undefined;
  const finder = createFinder(hidden.keys());
  const known = new Map<string, number>();
  placeOfString(before.shown, TOP, (text) => {
    known.set(text, (known.get(text) ?? 0) + 1);
    return false;
  });
  const found = placeOfString(after, TOP, (text, place) => {
    const left = known.get(text) ?? 0;
    if (left > 0) known.set(text, left - 1);
    return left === 0 && !written(place, text) && (hidden.has(text) || finder.isIn(text));
  });
  return found?.byIndex.replace(/\/\0$/, "").slice(1).replaceAll("/", ".");
}

/** The place of the first string, number or key that is looked for. */
function placeOfString(
  value: unknown,
  place: Place,
  isIt: (text: string, place: Place) => boolean,
): Place | undefined {
  if (typeof value === "string" || isNumber(value)) {
    return isIt(String(value), place) ? place : undefined;
  }
  for (const { key, child, place: within } of childrenOf(value, place)) {
    if (key === "managedFields") continue;
    const found = placeOfString(child, within, isIt);
    if (found !== undefined) return found;
    if (typeof key === "string" && isIt(key, keyPlace(within))) return keyPlace(within);
  }
  return undefined;
}
