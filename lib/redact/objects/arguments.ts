/** Arguments of programs, as a container's `command` and `args` have them. Pure. */
import { programOptions } from "../detect/commands.ts";
import { type NameStrength, nameStrength } from "../detect/names.ts";
import { replaceSpans, type Span, union } from "../detect/spans.ts";

/**
 * Arguments with passwords replaced, where the program tells which arguments are passwords.
 *
 * @param tokenOf gives what takes the place of a part: its text, its argument's index, where it begins
 */
export function redactOptions(
  given: readonly unknown[],
  command: readonly unknown[],
  tokenOf: (secret: string, index: number, start: number) => string,
): readonly unknown[] {
  if (!given.some(isShortOption)) return given;
  const words = [...command, ...given].map((one) =>
    typeof one === "string" ? one.replaceAll(/\s/g, "\u0001") : ""
  );
  const spans: Span[] = [];
  programOptions(words.join(" "), spans);
  if (spans.length === 0) return given;
  let start = 0;
  let next = 0;
  const inOrder = union(spans);
  const redacted = words.map((word, at) => {
    const mine: Span[] = [];
    for (; inOrder[next] && inOrder[next]!.end <= start + word.length; next++) {
      const span = inOrder[next]!;
      if (span.start >= start) mine.push({ start: span.start - start, end: span.end - start });
    }
    start += word.length + 1;
    const index = at - command.length;
    if (index < 0 || mine.length === 0) return given[index];
    return replaceSpans(
      given[index] as string,
      mine,
      (secret, start) => tokenOf(secret, index, start),
    );
  });
  return redacted.slice(command.length);
}

/** The strength of an argument that says what the next one is. */
export function flagStrength(argument: unknown): NameStrength {
  return typeof argument === "string" && /^--?[A-Za-z][\w.-]*$/.test(argument)
    ? nameStrength(argument)
    : "none";
}

/** Options whose meaning hangs on the program. */
export function isShortOption(argument: unknown): boolean {
  return typeof argument === "string" && /^-(?:[apuPw]|-user$|-proxy-user$)/.test(argument);
}
