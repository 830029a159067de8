/**
 * sed: that of the interpreter's package, to which what it does not have is put otherwise: text behind
 * `i\` on the same line, and letters that a replacement makes upper or lower case.
 */
import { type Command, defineCommand } from "just-bash";
import { failure, fromText, result } from "../base/bytes.ts";

/** Stand for `\U`, `\L`, `\u`, `\l` and `\E` until sed is done: characters that nothing else uses. */
const MARKS: Readonly<Record<string, string>> = {
  U: "\ue0f0",
  L: "\ue0f1",
  u: "\ue0f2",
  l: "\ue0f3",
  E: "\ue0f4",
};

/** `s/…/…/` where a command can stand. */
const SUBSTITUTION = /(^|[;{}\s\d$/!])s([^\w\s\\])((?:\\.|(?!\2).)*)\2((?:\\.|(?!\2).)*)\2/gs;
/** `2i\text`. */
const ONE_LINE =
  /(^|[;{}\n])(\s*(?:(?:\d+|\$|\/[^/]*\/)(?:,(?:\d+|\$|\/[^/]*\/))?)?\s*[aic])\\(?=[^\n\s])/g;

/** sed. */
export const sed: Command = defineCommand("sed", async (words, { origCommand }) => {
  if (origCommand === undefined) return failure("sed", "not there");
  let isMarked = false;
  const written = words.map((word) =>
    word.replace(ONE_LINE, "$1$2 ").replace(
      SUBSTITUTION,
      (whole, before: string, mark: string, pattern: string, replacement: string) => {
        const made = replacement.replace(
          /\\([ULulE\\])/g,
          (escape, letter: string) => MARKS[letter] ?? escape,
        );
        if (made === replacement) return whole;
        isMarked = true;
        return `${before}s${mark}${pattern}${mark}${made}${MARKS.E}${mark}`;
      },
    )
  );
  const { stdout, stderr, exitCode } = await origCommand([...written]);
  return result(fromText(isMarked ? withCases(stdout) : stdout), stderr, exitCode);
});

/** Text with the letters behind marks made upper or lower case. */
function withCases(text: string): string {
  let [made, all, once] = ["", "E", ""];
  const letters = new Map(Object.entries(MARKS).map(([letter, mark]) => [mark, letter]));
  for (const character of text) {
    const letter = letters.get(character);
    if (letter === "u" || letter === "l") once = letter;
    else if (letter !== undefined) all = letter;
    else {
      const how = (once || all).toUpperCase();
      made += how === "U"
        ? character.toUpperCase()
        : how === "L"
        ? character.toLowerCase()
        : character;
      once = "";
    }
  }
  return made;
}
