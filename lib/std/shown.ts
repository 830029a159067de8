/** Text for the eyes of a person. Pure. */

/** What a terminal or a page shows as nothing, as a plain space, or as a change of direction. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/**
 * Text as a person is to see it: nothing in it moves a cursor, breaks a line, turns the order of what
 * stands beside it, or hides.
 *
 * @param options `lines`: it has lines and tabs of its own
 */
export function shown(text: string, options: { readonly lines?: boolean } = {}): string {
  return text.replaceAll(
    UNSEEN,
    (character) =>
      options.lines && (character === "\n" || character === "\t")
        ? character
        : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
