/** xargs: each start is one of the shell's own commands. */
import { type Command, defineCommand, type ExecResult } from "just-bash";
import { failure, result, stdinOf, toText } from "../base/bytes.ts";
import { type Options, readOptions, UsageError } from "../base/options.ts";

/** Characters of the words of one start, as Linux has them. */
const WORDS_BYTES = 64 * 1024;

const TABLE = {
  flags: "0rtxpo",
  values: "nLIdPsEai",
  long: {
    null: "0",
    "no-run-if-empty": "r",
    verbose: "t",
    exit: "x",
    "max-args": "n",
    "max-lines": "L",
    replace: "I",
    delimiter: "d",
    "max-procs": "P",
    "max-chars": "s",
  },
};

/** xargs. */
export const xargs: Command = defineCommand(
  "xargs",
  async (words, context): Promise<ExecResult> => {
    const { exec, cwd, signal } = context;
    if (exec === undefined) return failure("xargs", "no shell");
    let options: Options;
    let command: string[];
    try {
      const own = ownWords(words);
      options = readOptions(words.slice(0, own), TABLE);
      command = words.slice(own);
      if (command.length === 0) command = ["echo"];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return failure("xargs", error.message);
    }
    const items = itemsOf(toText(stdinOf(context)), options);
    let [stdout, stderr, exitCode] = ["", "", 0];
    for (const args of startsOf(items, command, options)) {
      const [name = "", ...rest] = args;
      if (options.has("t")) stderr += `${args.join(" ")}\n`;
      const ended = await exec(quote(name), {
        cwd,
        args: rest,
        stdin: "",
        ...(signal ? { signal } : {}),
      });
      stdout += ended.stdoutKind === "bytes" ? toText(ended.stdout) : ended.stdout;
      stderr += ended.stderr;
      if (ended.exitCode === 127 || ended.exitCode === 126) {
        exitCode = ended.exitCode;
        break;
      }
      if (ended.exitCode === 255) {
        stderr += `xargs: ${name}: exited with status 255; aborting\n`;
        exitCode = 124;
        break;
      }
      if (ended.exitCode !== 0) exitCode = 123;
    }
    return {
      ...result("", stderr, exitCode),
      stdout,
      stdoutKind: "text",
      stdoutEncoding: undefined,
    };
  },
);

/** How many words are xargs' own: all before the first that is no option, nor an option's value. */
function ownWords(words: readonly string[]): number {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return at + 1;
    if (!word.startsWith("-") || word === "-") return at;
    const isLong = word.startsWith("--");
    const letter = isLong ? "" : [...word.slice(1)].find((each) => TABLE.values.includes(each));
    const longTakes = isLong && !word.includes("=") &&
      TABLE.values.includes(
        (TABLE.long as Readonly<Record<string, string>>)[word.slice(2)] ?? "-",
      );
    if (longTakes || letter !== undefined && word.endsWith(letter)) at += 1;
  }
  return at;
}

/** The items of standard input; each line's together, where lines count. */
function itemsOf(text: string, options: Options): string[][] {
  const delimiter = options.has("0")
    ? "\0"
    : options.value("d")?.replace("\\n", "\n").replace("\\t", "\t");
  if (delimiter !== undefined) {
    const items = text.split(delimiter);
    if (items.at(-1) === "") items.pop();
    return items.map((item) => [item]);
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (options.has("I")) return lines.map((line) => [unquoted(line.trim())]);
  return lines.map((line) =>
    (line.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? []).map(unquoted)
  );
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"([^"]*)"|\\(.)/g,
    (_, single, double, escaped) => single ?? double ?? escaped,
  );
}

/** The words of each start. */
function startsOf(
  items: readonly string[][],
  command: readonly string[],
  options: Options,
): string[][] {
  const mark = options.value("I");
  if (mark !== undefined) {
    return items.map(([item = ""]) => command.map((word) => word.replaceAll(mark, item)));
  }
  const lines = Number(options.value("L") ?? NaN);
  if (lines > 0) {
    const starts: string[][] = [];
    for (let at = 0; at < items.length; at += lines) {
      starts.push([...command, ...items.slice(at, at + lines).flat()]);
    }
    return starts;
  }
  const all = items.flat();
  if (all.length === 0) return options.has("r") ? [] : [[...command]];
  const most = Number(options.value("n") ?? Infinity);
  const starts: string[][] = [];
  let bytes = 0;
  for (const item of all) {
    const last = starts.at(-1);
    bytes += item.length + 1;
    if (last && last.length - command.length < most && bytes < WORDS_BYTES) last.push(item);
    else {
      starts.push([...command, item]);
      bytes = item.length + 1;
    }
  }
  return starts;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
