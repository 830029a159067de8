/** From any value of a script to text: the result, a line of the console. */
import { execOf } from "../../../std/regexp.ts";
import { describeThrown } from "../base/errors.ts";
import { toPlain } from "./plain.ts";
import { shortenedJson, shortenedText } from "./shorten.ts";

/** A completion value as text; of one that is empty, why there is none. */
export interface ValueText {
  readonly type: "empty" | "string" | "json";
  readonly text: string;
  /** How many characters the whole has, where the text is only a part of it. */
  readonly wholeCharacters?: number;
}

/** Characters of one printed value that is no string; strings are printed as they are. */
const CONSOLE_VALUE = 8_000;

/**
 * The text of a completion value: strings as they are; everything else as compact JSON of what
 * {@linkcode toPlain} makes of it. What JSON has not, undefined and functions, is said to be no value:
 * an empty text would look like an answer.
 *
 * @param limit in characters; what is longer is shortened by its structure
 * @param noValue the likely cause, should it be undefined
 */
export function valueText(value: unknown, limit: number, noValue: string): ValueText {
  const plain = toPlain(value, true);
  if (plain === undefined) {
    const cause = typeof value === "function"
      ? notCalled(value)
      : typeof value === "symbol"
      ? "the last expression is a symbol: write its description"
      : noValue;
    return { type: "empty", text: `(no value; ${cause})` };
  }
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

function notCalled(value: object): string {
  const name: unknown = Reflect.getOwnPropertyDescriptor(value, "name")?.value;
  // A function without a name takes that of the variable in which the value is kept.
  const isNamed = typeof name === "string" && name !== "" && execOf(/^\$result\d*$/, name) === null;
  const called = isNamed ? name.slice(0, 60) : "(…)";
  return `the last expression is a function that is not called: write ${called}()`;
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
