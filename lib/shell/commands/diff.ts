/** diff of two files, as GNU writes it: plain and unified. */
import { type Command, defineCommand } from "just-bash";
import { failure, result } from "../base/bytes.ts";
import { type Options, readOptions, UsageError } from "../base/options.ts";
import { readInput } from "../base/text_command.ts";

const TABLE = {
  flags: "uqsibwBNa",
  values: "UL",
  long: {
    unified: "u",
    brief: "q",
    "report-identical-files": "s",
    "ignore-case": "i",
    "ignore-space-change": "b",
    "ignore-all-space": "w",
    label: "L",
  },
};

/** Lines that can be compared: the work grows with their product. */
const LINES = 20_000;
/** Steps of one comparison. */
const STEPS = 4_000;

/** A stretch in which the two differ: lines from and up to, on each side. */
interface Change {
  readonly left: readonly [from: number, to: number];
  readonly right: readonly [from: number, to: number];
}

/** diff. */
export const diff: Command = defineCommand("diff", async (words, context) => {
  try {
    const options = readOptions(words, TABLE);
    const [left = "", right] = options.operands;
    if (right === undefined || options.operands.length > 2) {
      throw new UsageError("two files are needed");
    }
    const texts: string[] = [];
    for (const operand of [left, right]) {
      const text = await readInput(operand, context);
      if (typeof text !== "string") return failure("diff", text.why, 2);
      texts.push(text);
    }
    const [a, b] = texts.map(readLines) as [string[], string[]];
    const changes = changesOf(a.map(keyOf(options)), b.map(keyOf(options)));
    if (changes.length === 0) {
      return result(options.has("s") ? `Files ${left} and ${right} are identical\n` : "");
    }
    if (options.has("q")) return result(`Files ${left} and ${right} differ\n`, "", 1);
    const isUnified = options.has("u") || options.has("U");
    const labels = options.given.filter(([letter]) => letter === "L").map(([, value]) => value);
    const made = isUnified
      ? unified(changes, a, b, Number(options.value("U") ?? 3), [
        labels[0] ?? left,
        labels[1] ?? right,
      ])
      : plain(changes, a, b);
    return result(made, "", 1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failure("diff", error.message, 2);
  }
});

/** Lines with their ends: one without is another line. */
function readLines(text: string): string[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (lines.length > LINES) throw new UsageError(`a file has more than ${LINES} lines`);
  return lines;
}

function keyOf(options: Options): (line: string) => string {
  return (line) => {
    const cased = options.has("i") ? line.toLowerCase() : line;
    if (options.has("w")) return cased.replace(/\s+/g, "");
    return options.has("b") ? cased.replace(/\s+/g, " ").trimEnd() : cased;
  };
}

/** The shortest way from one to the other (Myers), as changes in order. */
function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const most = Math.min(a.length + b.length, STEPS);
  const trace: Map<number, number>[] = [];
  const ends = new Map<number, number>([[1, 0]]);
  for (let steps = 0; steps <= most; steps++) {
    trace.push(new Map(ends));
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      const [down, across] = [ends.get(diagonal + 1) ?? -1, ends.get(diagonal - 1) ?? -1];
      let x = diagonal === -steps || diagonal !== steps && across < down ? down : across + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      ends.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return walkBack(trace, a.length, b.length);
    }
  }
  throw new UsageError("the files differ too much");
}

function walkBack(trace: readonly Map<number, number>[], lines: number, others: number): Change[] {
  const changes: { left: [number, number]; right: [number, number] }[] = [];
  let [x, y] = [lines, others];
  for (let steps = trace.length - 1; steps > 0; steps--) {
    const ends = trace[steps] ?? new Map<number, number>();
    const diagonal = x - y;
    const [down, across] = [ends.get(diagonal + 1) ?? -1, ends.get(diagonal - 1) ?? -1];
    const isDown = diagonal === -steps || diagonal !== steps && across < down;
    const fromX = isDown ? down : across;
    const fromY = fromX - (isDown ? diagonal + 1 : diagonal - 1);
    const [toX, toY] = isDown ? [fromX, fromY + 1] : [fromX + 1, fromY];
    const next = changes[0];
    if (next && next.left[0] === toX && next.right[0] === toY) {
      next.left[0] = fromX;
      next.right[0] = fromY;
    } else changes.unshift({ left: [fromX, toX], right: [fromY, toY] });
    [x, y] = [fromX, fromY];
  }
  return changes;
}

const NO_END = "\\ No newline at end of file\n";

function marked(mark: string, line: string): string {
  return line.endsWith("\n") ? mark + line : `${mark}${line}\n${NO_END}`;
}

function plain(changes: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const range = ([from, to]: readonly [number, number]) =>
    to - from > 1 ? `${from + 1},${to}` : to === from ? `${from}` : `${to}`;
  return changes.map(({ left, right }) => {
    const kind = left[0] === left[1] ? "a" : right[0] === right[1] ? "d" : "c";
    const gone = a.slice(...left).map((line) => marked("< ", line)).join("");
    const come = b.slice(...right).map((line) => marked("> ", line)).join("");
    return `${range(left)}${kind}${range(right)}\n${gone}${kind === "c" ? "---\n" : ""}${come}`;
  }).join("");
}

function unified(
  changes: readonly Change[],
  a: readonly string[],
  b: readonly string[],
  around: number,
  [left, right]: readonly [string, string],
): string {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last && change.left[0] - last.left[1] <= 2 * around) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  const range = (from: number, to: number) =>
    `${to === from ? from : from + 1}${to - from === 1 ? "" : `,${to - from}`}`;
  const texts = hunks.map((hunk) => {
    const [first, last] = [hunk[0], hunk.at(-1)];
    if (!first || !last) return "";
    const ahead = Math.min(around, first.left[0]);
    const behind = Math.min(around, a.length - last.left[1]);
    let text = `@@ -${range(first.left[0] - ahead, last.left[1] + behind)} +${
      range(first.right[0] - ahead, last.right[1] + behind)
    } @@\n`;
    let at = first.left[0] - ahead;
    for (const change of hunk) {
      for (const line of a.slice(at, change.left[0])) text += marked(" ", line);
      for (const line of a.slice(...change.left)) text += marked("-", line);
      for (const line of b.slice(...change.right)) text += marked("+", line);
      at = change.left[1];
    }
    for (const line of a.slice(at, at + behind)) text += marked(" ", line);
    return text;
  });
  return `--- ${left}\n+++ ${right}\n${texts.join("")}`;
}
