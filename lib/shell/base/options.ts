/** Words of a command as GNU programs read them: short options together, long ones abbreviated. Pure. */

/** The options of a command: by letter or long name, whether each takes a value. */
export interface OptionTable {
  /** Letters without a value. */
  readonly flags: string;
  /** Letters with one. */
  readonly values: string;
  /** The letter for which a number alone stands: `-3` is `-C 3` to grep. */
  readonly number?: string;
  /** Long names, and the letter that each stands for. */
  readonly long?: Readonly<Record<string, string>>;
}

/** What the words of a command say. */
export interface Options {
  /** The options in their order, each with its value, or "" without one. */
  readonly given: readonly (readonly [letter: string, value: string])[];
  /** All other words. */
  readonly operands: readonly string[];
  has(letter: string): boolean;
  /** The last value of that letter. */
  value(letter: string): string | undefined;
}

/** A fault in the words of a command. */
export class UsageError extends Error {}

/** Reads words. @throws {UsageError} what the table does not have */
export function readOptions(words: readonly string[], table: OptionTable): Options {
  const given: [string, string][] = [];
  const operands: string[] = [];
  const rest = [...words];
  const next = (option: string): string => {
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`option ${option} requires an argument`);
    return value;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      operands.push(...rest);
      break;
    }
    if (word === "-" || !word.startsWith("-")) operands.push(word);
    else if (word.startsWith("--")) given.push(readLong(word, table, next));
    else given.push(...readShort(word, table, next));
  }
  return {
    given,
    operands,
    has: (letter) => given.some(([name]) => name === letter),
    value: (letter) => given.findLast(([name]) => name === letter)?.[1],
  };
}

function readLong(
  word: string,
  { long = {}, values }: OptionTable,
  next: (option: string) => string,
): [string, string] {
  const [name = "", ...parts] = word.slice(2).split("=");
  const names = Object.keys(long).filter((known) => known.startsWith(name));
  const exact = names.find((known) => known === name) ??
    (names.length === 1 ? names[0] : undefined);
  if (exact === undefined) throw new UsageError(`unrecognized option '--${name}'`);
  const letter = long[exact] ?? "";
  if (parts.length > 0) return [letter, parts.join("=")];
  return [letter, values.includes(letter) ? next(`'--${exact}'`) : ""];
}

function readShort(
  word: string,
  { flags, values, number }: OptionTable,
  next: (option: string) => string,
): [string, string][] {
  if (number !== undefined && /^-\d+$/.test(word)) return [[number, word.slice(1)]];
  const given: [string, string][] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    if (values.includes(letter)) {
      given.push([letter, word.slice(at + 1) || next(`-- '${letter}'`)]);
      return given;
    }
    if (!flags.includes(letter)) throw new UsageError(`invalid option -- '${letter}'`);
    given.push([letter, ""]);
  }
  return given;
}
