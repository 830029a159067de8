/** From any value of a script to text: the result, a line of the console. */
import { describeThrown } from "../base/errors.ts";
import { toPlain } from "./plain.ts";
import { shortenedJson, shortenedText } from "./shorten.ts";

/** A completion value as text. */
export interface ValueText {
  readonly type: "empty" | "string" | "json";
  readonly text: string;
  /** How many characters the whole has, where the text is only a part of it. */
  readonly wholeCharacters?: number;
}

/** Characters of one printed value that is no string; strings are printed as they are. */
const CONSOLE_VALUE = 8_000;

/**
 * The text of a completion value: nothing for null, undefined and functions; strings as they are;
 * everything else as compact JSON of what {@linkcode toPlain} makes of it.
 *
 * @param limit in characters; what is longer is shortened by its structure
 */
export function valueText(value: unknown, limit: number): ValueText {
  const plain = toPlain(value, true);
  if (plain === undefined || plain === null) return { type: "empty", text: "" };
  if (typeof plain === "string") {
    if (plain.length <= limit) return { type: "string", text: plain };
    // The note on what is missing takes its own room.
    const text = shortenedText(plain, limit - 60);
    return { type: "string", text, wholeCharacters: plain.length };
  }
  const text = JSON.stringify(plain);
  if (text.length <= limit) return { type: "json", text };
  return { type: "json", text: shortenedJson(plain, limit), wholeCharacters: text.length };
}

/** The text of a value in a line of the console. */
export function consoleText(value: unknown): string {
  try {
    if (typeof value === "string") return value;
    if (value === undefined) return "undefined";
    if (typeof value === "symbol") return String(value);
    if (value instanceof Error) return describeThrown(value);
    const plain = toPlain(value);
    const text = JSON.stringify(plain);
    if (text === undefined) return `[${typeof value}]`;
    // Who prints a whole list wants to see what it is like; the result is where all of it may go.
    return text.length > CONSOLE_VALUE ? shortenedJson(plain, CONSOLE_VALUE) : text;
  } catch (error) {
    return `[unreadable: ${describeThrown(error)}]`;
  }
}
