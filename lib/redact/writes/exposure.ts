/**
 * Whether a change would bring to light what was hidden: a value may be known as a secret by what stands
 * beside it (the name of a variable, the flag before an argument), and a patch can change that and never
 * name the value. Pure.
 */
import { createFinder } from "./known_values.ts";
import { hiddenStrings, type Live } from "./live.ts";
import { childrenOf, keyPlace, type Place, TOP, type Written } from "./own_words.ts";

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
  for (const { text } of strings(before.shown, TOP)) known.set(text, (known.get(text) ?? 0) + 1);
  for (const { text, place } of strings(after, TOP)) {
    const left = known.get(text) ?? 0;
    if (left > 0) known.set(text, left - 1);
    else if (
      !written(place, text) && (hidden.has(text) || finder.isIn(text))
    ) return place.byIndex.replace(/\/\0$/, "").slice(1).replaceAll("/", ".");
  }
  return undefined;
}

function* strings(
  value: unknown,
  place: Place,
): Generator<{ readonly text: string; readonly place: Place }> {
  if (typeof value === "string" || typeof value === "number") yield { text: String(value), place };
  for (const { key, child, place: below } of childrenOf(value, place)) {
    if (key === "managedFields") continue;
    yield* strings(child, below);
    if (typeof key === "string") yield { text: key, place: keyPlace(below) };
  }
}
