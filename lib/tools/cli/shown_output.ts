/** How much of a program's output is kept, and what is shown of it. */

/** The longest value that may have to be hidden: more than an object of the API has. */
const VALUE_CHARACTERS = 2 * 1024 * 1024;

/** Bytes of UTF-8 that one character of a JavaScript string may take. */
const BYTES_A_CHARACTER = 3;

/**
 * Bytes that have to be kept of an output of which so many characters are shown: with room for a value
 * behind them, so that one that was cut in the middle is not in what is shown.
 */
export function bytesToKeep(characters: number): number {
  return characters * BYTES_A_CHARACTER + VALUE_CHARACTERS;
}

/**
 * The output as it is shown: redacted as far as it was kept, then cut.
 *
 * @param isWhole whether all of it was kept
 */
export async function shownOutput(
  bytes: Uint8Array,
  { isWhole, characters, hide }: {
    readonly isWhole: boolean;
    readonly characters: number;
    readonly hide: (text: string) => Promise<string>;
  },
): Promise<string> {
  // What is not UTF-8 is shown as U+FFFD.
  const text = new TextDecoder().decode(bytes);
  if (text === "") return "";
  const hidden = await hide(text);
  if (isWhole) return cutText(hidden, characters);
  // The end may be the beginning of a value, which nobody knows again.
  const certain = hidden.slice(0, Math.max(0, hidden.length - VALUE_CHARACTERS));
  return cutText(certain, characters, { isWhole: false });
}

/** A text that is already redacted, cut where it is too long; its last line says that it is not whole. */
export function cutText(
  text: string,
  characters: number,
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): string {
  return isWhole && text.length <= characters ? text : withCutLine(text.slice(0, characters));
}

function withCutLine(beginning: string): string {
  const whole = beginning.replace(/[\uD800-\uDBFF]$/, "");
  const end = whole === "" || whole.endsWith("\n") ? "" : "\n";
  return `${whole}${end}[output cut after ${whole.length} characters; filter it: | grep, | jq, | head]`;
}
