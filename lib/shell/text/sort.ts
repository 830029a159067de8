/** sort, in the C locale. */
import { toBytes } from "../base/bytes.ts";
import { type Options, UsageError } from "../base/options.ts";
import { byBytes, keyReader, type Order, orderOf } from "./sort_orders.ts";
import { linesOf, textCommand, textOf } from "../base/text_command.ts";

/** Letters that say how a key is read or compared. */
const ORDERING = "bdfghiMnRrV";

const LONG = {
  "ignore-leading-blanks": "b",
  "dictionary-order": "d",
  "ignore-case": "f",
  "general-numeric-sort": "g",
  "human-numeric-sort": "h",
  "ignore-nonprinting": "i",
  "month-sort": "M",
  "numeric-sort": "n",
  "random-sort": "R",
  reverse: "r",
  "version-sort": "V",
  check: "c",
  key: "k",
  merge: "m",
  output: "o",
  stable: "s",
  "buffer-size": "S",
  "field-separator": "t",
  "temporary-directory": "T",
  unique: "u",
  "zero-terminated": "z",
  parallel: "P",
};

/** A place in a line: a field, and a character in it; 0 for its end. */
interface Place {
  readonly field: number;
  readonly character: number;
  readonly letters: string;
}

/** One key: how it is cut out of a line, and compared. */
interface Key {
  readonly of: (line: string) => string;
  readonly order: Order;
}

/** sort. */
export const sort = textCommand(
  "sort",
  { flags: `${ORDERING}cCmsuz`, values: "koStTP", long: LONG },
  async (options, inputs, context) => {
    const end = options.has("z") ? "\0" : "\n";
    const lines = inputs.flatMap(({ text }) => linesOf(text, end));
    const compare = comparerOf(options);
    if (options.has("c") || options.has("C")) return checkOrder(lines, compare, options);
    const decorated = lines.map(compare.decorate).sort(compare.order);
    const sorted = options.has("u")
      ? decorated.filter((line, index) => {
        const before = decorated[index - 1];
        return before === undefined || compare.byKeys(before, line) !== 0;
      })
      : decorated;
    const text = textOf(sorted.map(({ line }) => line), end);
    const output = options.value("o");
    if (output === undefined) return { stdout: text };
    await context.fs.writeFile(context.fs.resolvePath(context.cwd, output), toBytes(text));
    return { stdout: "" };
  },
);

/** A line with its keys cut out. */
interface Decorated {
  readonly line: string;
  readonly keys: readonly string[];
}

interface Comparer {
  readonly decorate: (line: string) => Decorated;
  readonly byKeys: (left: Decorated, right: Decorated) => number;
  /** By keys, and by the whole line where they are alike. */
  readonly order: (left: Decorated, right: Decorated) => number;
}

function comparerOf(options: Options): Comparer {
  const own = options.given.map(([letter]) => letter).filter((letter) => ORDERING.includes(letter));
  const letters = own.join("");
  const separator = options.value("t")?.replace(/^\\0$/, "\0");
  if (separator !== undefined && separator.length !== 1) {
    throw new UsageError(`multi-character tab '${separator}'`);
  }
  const given = options.given.filter(([letter]) => letter === "k").map(([, value]) => value);
  const shuffle = createShuffle();
  const keys = given.length === 0
    ? [keyOf(letters, (line) => line, shuffle)]
    : given.map((value) => readKey(value, letters, separator, shuffle));
  const byKeys = (left: Decorated, right: Decorated) => {
    for (const [index, { order }] of keys.entries()) {
      const way = order(left.keys[index] ?? "", right.keys[index] ?? "");
      if (way !== 0) return way;
    }
    return 0;
  };
  const isStable = options.has("s") || options.has("u");
  const last = letters.includes("r") ? -1 : 1;
  return {
    decorate: (line) => ({ line, keys: keys.map(({ of }) => of(line)) }),
    byKeys,
    order: (left, right) =>
      byKeys(left, right) || (isStable ? 0 : last * byBytes(left.line, right.line)),
  };
}

function keyOf(
  letters: string,
  cut: (line: string) => string,
  shuffle: (key: string) => number,
): Key {
  const order = orderOf(letters, shuffle);
  const read = keyReader(letters);
  return {
    of: (line) => read(cut(line)),
    order: letters.includes("r") ? (left, right) => -order(left, right) : order,
  };
}

/** `2,2nr` or `1.3,1.5`. @throws {UsageError} no key */
function readKey(
  value: string,
  inherited: string,
  separator: string | undefined,
  shuffle: (key: string) => number,
): Key {
  const [from = "", to] = value.split(",");
  const [start, stop] = [
    readPlace(from, value),
    to === undefined ? undefined : readPlace(to, value),
  ];
  const own = start.letters + (stop?.letters ?? "");
  const letters = own === "" ? inherited : own;
  const skipsBlanks = own === "" ? inherited.includes("b") : start.letters.includes("b");
  const cut = (line: string) => {
    const fields = fieldsOf(line, separator);
    const begin = placeIn(line, fields, start, skipsBlanks, 1);
    const end = stop === undefined
      ? line.length
      : placeIn(line, fields, stop, stop.letters.includes("b"), 0);
    return line.slice(begin, Math.max(begin, end));
  };
  return keyOf(letters.replaceAll("b", skipsBlanks ? "b" : ""), cut, shuffle);
}

function readPlace(text: string, key: string): Place {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)$/.exec(text);
  const letters = match?.[3] ?? "";
  if (
    !match || Number(match[1]) === 0 || [...letters].some((letter) => !ORDERING.includes(letter))
  ) {
    throw new UsageError(`invalid field specification '${key}'`);
  }
  return { field: Number(match[1]), character: Number(match[2] ?? 0), letters };
}

/** Where the fields of a line begin and end; without a separator, blanks belong to the field behind. */
function fieldsOf(
  line: string,
  separator: string | undefined,
): (readonly [from: number, to: number])[] {
  const fields: [number, number][] = [];
  if (separator === undefined) {
    for (const { index, 0: field } of line.matchAll(/[ \t]*[^ \t]+|[ \t]+$/g)) {
      fields.push([index, index + field.length]);
    }
    return fields;
  }
  let from = 0;
  for (const field of line.split(separator)) {
    fields.push([from, from + field.length]);
    from += field.length + 1;
  }
  return fields;
}

/** The offset of a place: a beginning (unset 1) counts its character from 1, an end (unset 0) includes it. */
function placeIn(
  line: string,
  fields: readonly (readonly [number, number])[],
  { field, character }: Place,
  skipsBlanks: boolean,
  unset: 0 | 1,
): number {
  const found = fields[field - 1];
  if (found === undefined) return line.length;
  if (unset === 0 && character === 0) return found[1];
  let [from] = found;
  if (skipsBlanks) { while (/[ \t]/.test(line.charAt(from))) from += 1; }
  return Math.min(line.length, from + Math.max(character, unset) - unset);
}

function checkOrder(
  lines: readonly string[],
  { decorate, byKeys, order }: Comparer,
  options: Options,
) {
  const compare = options.has("u") ? byKeys : order;
  const all = lines.map(decorate);
  const wrong = all.findIndex((line, index) => {
    const before = all[index - 1];
    if (before === undefined) return false;
    const way = compare(before, line);
    return options.has("u") ? way >= 0 : way > 0;
  });
  if (wrong < 0) return { stdout: "" };
  const said = options.has("C") ? "" : `sort: -:${wrong + 1}: disorder: ${lines[wrong]}\n`;
  return { stdout: "", stderr: said, exitCode: 1 };
}

/** The same key has the same place. */
function createShuffle(): (key: string) => number {
  const places = new Map<string, number>();
  return (key) => {
    const place = places.get(key) ?? Math.random();
    places.set(key, place);
    return place;
  };
}
