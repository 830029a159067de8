/** grep, egrep and fgrep. */
import { type Command, defineCommand, type ResolvedCommandContext } from "just-bash";
import { failure, fromText, result, toText } from "../base/bytes.ts";
import { type Options, readOptions, UsageError } from "../base/options.ts";
import { linesOf, readCount, readInput } from "../base/text_command.ts";
import { expressionOf, type PatternKind } from "./grep_pattern.ts";

const TABLE = {
  flags: "EFGPivwxcLlqsonbHhazyrRITUu",
  values: "efmABCO",
  number: "C",
  long: {
    "extended-regexp": "E",
    "fixed-strings": "F",
    "basic-regexp": "G",
    "perl-regexp": "P",
    regexp: "e",
    file: "f",
    "ignore-case": "i",
    "invert-match": "v",
    "word-regexp": "w",
    "line-regexp": "x",
    count: "c",
    "files-without-match": "L",
    "files-with-matches": "l",
    "max-count": "m",
    quiet: "q",
    silent: "q",
    "no-messages": "s",
    "only-matching": "o",
    "line-number": "n",
    "byte-offset": "b",
    "with-filename": "H",
    "no-filename": "h",
    text: "a",
    "after-context": "A",
    "before-context": "B",
    context: "C",
    "null-data": "z",
    recursive: "r",
    "line-buffered": "U",
    color: "O",
    colour: "O",
  },
};

/** One file's lines as they are, and whether each is selected. */
interface Search {
  readonly name: string;
  readonly lines: readonly string[];
  readonly selected: readonly number[];
}

/** What a search is for. */
interface Wanted {
  readonly options: Options;
  readonly expression: RegExp;
  readonly isNamed: boolean;
}

/** Makes the command. @param first how patterns are written where no option says so */
function command(name: string, first: PatternKind): Command {
  // Without a value it means auto.
  const rewrite = (words: readonly string[]) =>
    words.map((word) => word.replace(/^--colou?r$/, "--color=auto"));
  return defineCommand(name, async (words, context) => {
    try {
      const options = readOptions(rewrite(words), TABLE);
      return await search(name, options, await readPatterns(options, first, context), context);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return failure(name, error.message, 2);
    }
  });
}

/** grep. */
export const grep = command("grep", "basic");
/** grep -E. */
export const egrep = command("egrep", "extended");
/** grep -F. */
export const fgrep = command("fgrep", "fixed");

async function readPatterns(
  options: Options,
  first: PatternKind,
  context: ResolvedCommandContext,
): Promise<{ expression: RegExp; operands: readonly string[] }> {
  const patterns: string[] = [];
  for (const [letter, value] of options.given) {
    if (letter === "e") patterns.push(...value.split("\n"));
    if (letter !== "f") continue;
    const text = await readInput(value, context);
    if (typeof text !== "string") throw new UsageError(text.why);
    patterns.push(...linesOf(toText(text)));
  }
  const isGiven = options.has("e") || options.has("f");
  const [pattern, ...rest] = options.operands;
  if (!isGiven && pattern === undefined) throw new UsageError("no pattern; see grep's usage");
  if (!isGiven) patterns.push(...(pattern ?? "").split("\n"));
  const kinds: Readonly<Record<string, PatternKind>> = {
    E: "extended",
    F: "fixed",
    G: "basic",
    P: "perl",
  };
  const letter = options.given.findLast(([given]) => given in kinds)?.[0] ?? "";
  const expression = patterns.length === 0
    ? /(?!)/g
    : expressionOf(patterns, kinds[letter] ?? first, {
      ignoreCase: options.has("i") || options.has("y"),
      word: options.has("w"),
      line: options.has("x"),
    });
  return { expression, operands: isGiven ? options.operands : rest };
}

async function search(
  name: string,
  options: Options,
  { expression, operands }: { expression: RegExp; operands: readonly string[] },
  context: ResolvedCommandContext,
) {
  const isDeep = options.has("r") || options.has("R");
  const files = isDeep
    ? await filesBelow(operands.length > 0 ? operands : ["."], context)
    : operands;
  const isNamed = !options.has("h") && (options.has("H") || files.length > 1 || isDeep);
  const wanted = { options, expression, isNamed };
  let [stdout, stderr, isFound, isWrong] = ["", "", false, false];
  for (const file of files.length > 0 ? files : ["-"]) {
    const text = await readInput(file, context);
    if (typeof text !== "string") {
      isWrong = true;
      if (!options.has("s")) stderr += `${name}: ${text.why}\n`;
      continue;
    }
    const found = select(file === "-" ? "(standard input)" : file, text, wanted);
    isFound ||= options.has("L") ? found.selected.length === 0 : found.selected.length > 0;
    if (!options.has("q")) stdout += shown(found, wanted);
  }
  return result(stdout, stderr, isFound && (options.has("q") || !isWrong) ? 0 : isWrong ? 2 : 1);
}

function select(name: string, text: string, { options, expression }: Wanted): Search {
  const lines = linesOf(text, options.has("z") ? "\0" : "\n");
  const most = readCount(options.value("m") ?? `${lines.length}`, "lines");
  const isInverted = options.has("v");
  const selected: number[] = [];
  for (let index = 0; index < lines.length && selected.length < most; index++) {
    expression.lastIndex = 0;
    if (expression.test(toText(lines[index] ?? "")) !== isInverted) selected.push(index);
  }
  return { name, lines, selected };
}

function shown(found: Search, { options, expression, isNamed }: Wanted): string {
  const { name, lines, selected } = found;
  if (options.has("l") || options.has("L")) {
    return (selected.length > 0) === options.has("l") ? `${fromText(name)}\n` : "";
  }
  if (options.has("c")) return `${isNamed ? `${fromText(name)}:` : ""}${selected.length}\n`;
  const offsets = options.has("b") ? offsetsOf(lines) : [];
  const head = (index: number, sign: string, offset = 0) =>
    (isNamed ? fromText(name) + sign : "") + (options.has("n") ? `${index + 1}${sign}` : "") +
    (options.has("b") ? `${(offsets[index] ?? 0) + offset}${sign}` : "");
  const end = options.has("z") ? "\0" : "\n";
  if (options.has("o")) {
    if (options.has("v")) return "";
    const offset = options.has("b")
      ? (line: string, at: number) => fromText(line.slice(0, at)).length
      : () => 0;
    return selected.flatMap((index) => {
      const line = toText(lines[index] ?? "");
      expression.lastIndex = 0;
      return [...line.matchAll(expression)].filter(([match]) => match !== "").map((match) =>
        head(index, ":", offset(line, match.index)) + fromText(match[0]) + end
      );
    }).join("");
  }
  const context = options.value("C") ?? "0";
  const before = readCount(options.value("B") ?? context, "lines");
  const after = readCount(options.value("A") ?? context, "lines");
  const hits = new Set(selected);
  let [made, next] = ["", 0];
  for (const index of selected) {
    const from = Math.max(next, index - before);
    if (before + after > 0 && next > 0 && from > next) made += "--\n";
    const to = Math.min(lines.length - 1, index + after);
    for (let at = from; at <= to; at++) {
      made += head(at, hits.has(at) ? ":" : "-") + (lines[at] ?? "") + end;
    }
    next = Math.max(next, to + 1);
  }
  return made;
}

function offsetsOf(lines: readonly string[]): number[] {
  let at = 0;
  return lines.map((line) => {
    const offset = at;
    at += line.length + 1;
    return offset;
  });
}

async function filesBelow(
  operands: readonly string[],
  { fs, cwd }: ResolvedCommandContext,
): Promise<string[]> {
  const files: string[] = [];
  const waiting = [...operands];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const path = fs.resolvePath(cwd, next);
    const isFolder = await fs.exists(path) && (await fs.stat(path)).isDirectory;
    if (!isFolder) files.push(next);
    else {waiting.unshift(...(await fs.readdir(path)).map((name) =>
        `${next?.replace(/\/$/, "")}/${name}`
      ));}
  }
  return files;
}
