/**
 * Whether a change would bring to light what was hidden: a value may be known as a secret by what stands
 * beside it (the name of a variable, the flag before an argument), and a patch can change that and never
 * name the value. Pure.
 */
import { hiddenStrings, type Live } from "./restore.ts";
import { childrenOf, keyPlace, type Place, TOP, type Written } from "./own_words.ts";

/** Shorter values are looked for as whole strings only: parts of that length are found anywhere. */
const PART_LENGTH = 6;

/**
 * The path of a string that, after the change, would show what was hidden before; undefined when none
 * does. What writers wrote themselves, at the place where they wrote it, they know already.
 *
 * @param before the live object
 * @param after as it is shown after the change
 */
export function exposedPath(before: Live, after: unknown, written: Written): string | undefined {
  const hidden = [...hiddenStrings(before).keys()];
  if (hidden.length === 0) return undefined;
  const known = new Map<string, number>();
  for (const { text } of strings(before.shown, TOP)) known.set(text, (known.get(text) ?? 0) + 1);
  for (const { text, place } of strings(after, TOP)) {
    const left = known.get(text) ?? 0;
    if (left > 0) known.set(text, left - 1);
    else if (
      !written(place, text) &&
      hidden.some((part) => text === part || (part.length >= PART_LENGTH && text.includes(part)))
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

/** The text with hidden values replaced wherever they stand, as the API server quotes them too. */
export function hideKnown(text: string, hidden: ReadonlyMap<string, string>): string {
  const forms = [...hidden].flatMap(([secret, token]) =>
    [...new Set([secret, JSON.stringify(secret).slice(1, -1), encoded(secret), decoded(secret)])]
      .filter((form) => form !== undefined && form !== "")
      .map((form) => [form!, token] as const)
  ).sort(([a], [b]) => b.length - a.length);
  for (const [form, token] of forms) {
    // A short one is found in other words too: only where it is quoted it is a value.
    if (form.length < 4) text = text.replaceAll(`"${form}"`, `"${token}"`);
    else text = text.replaceAll(form, token);
  }
  return text;
}

function encoded(text: string): string | undefined {
  try {
    return btoa(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string | undefined {
  try {
    return /^[A-Za-z0-9+/]{4,}={0,2}$/.test(text) ? atob(text) : undefined;
  } catch {
    return undefined;
  }
}
