/** Lines of a log, and which of them are wanted. Pure; what a script's expression costs is its own. */
import { shown, usageError } from "../base/errors.ts";
import { execOf } from "../../../std/regexp.ts";

/** Whether a line is wanted. */
export type Matcher = (line: string) => boolean;

/**
 * Reads `grep`: a regular expression, or text that a line must hold.
 *
 * @throws an error of the realm for anything else, and for text that seems to be an expression
 */
export function readGrep(given: unknown): Matcher | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string") {
    if (execOf(/\||\.[*+]|^\^|\$$/, given)) {
      throw usageError(
        "InputError",
        `Cannot grep for the text ${shown(given)}: it looks like a regular expression`,
        "Write one, {grep: /error|warn/i}; in it, \\| stands for the character.",
      );
    }
    return (line) => line.includes(given);
  }
  const expression = given as RegExp;
  try {
    execOf(expression, "");
  } catch {
    throw usageError(
      "InputError",
      `Cannot grep for ${shown(given)}: it is neither text nor a regular expression`,
      "Write {grep: /error/i}.",
    );
  }
  return (line) => {
    // One with the flag g or y would go on where it last matched.
    expression.lastIndex = 0;
    return execOf(expression, line) !== null;
  };
}

/** The wanted lines of a text, without their ends. */
export function linesOf(text: string, wanted: Matcher | undefined): string[] {
  const lines = text.split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  // What follows the last line's end is no line.
  if (text === "" || text.endsWith("\n")) lines.pop();
  return wanted === undefined ? lines : lines.filter((line) => wanted(line));
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/**
 * Reads `since`: `"90s"`, `"15m"`, `"1h30m"`, `"2d"`, a number of seconds, a Date or a time in
 * RFC 3339; as the parameter that the API server takes.
 */
export function readSince(given: unknown): { sinceSeconds: number } | { sinceTime: unknown } {
  if (typeof given === "number" && given > 0) return { sinceSeconds: whole(given) };
  if (typeof given === "object") return { sinceTime: given };
  if (typeof given === "string") {
    if (execOf(/^\d{4}-\d\d-\d\d[Tt]/, given)) return { sinceTime: given };
    if (execOf(/^(?:\d+(?:\.\d+)?[dhms])+$/, given)) {
      const part = /(\d+(?:\.\d+)?)([dhms])/g;
      let seconds = 0;
      for (let found = execOf(part, given); found; found = execOf(part, given)) {
        seconds += +found[1]! * UNIT_SECONDS[found[2]!]!;
      }
      if (seconds > 0) return { sinceSeconds: whole(seconds) };
    }
  }
  throw usageError(
    "InputError",
    `Cannot use ${shown(given)} as since`,
    'Write "15m", "1h30m", a Date or a time such as "2026-01-31T12:00:00Z".',
  );
}

/** Seconds, rounded up: the API server takes whole ones from 1. */
function whole(seconds: number): number {
  return Math.ceil(seconds);
}
