/** head and tail, with counts from the other end (`head -n -2`, `tail -n +2`). */
import type { Options } from "../base/options.ts";
import { linesOf, readCount, textCommand } from "../base/text_command.ts";

const LONG = {
  bytes: "c",
  lines: "n",
  quiet: "q",
  silent: "q",
  verbose: "v",
  "zero-terminated": "z",
};

function command(name: "head" | "tail", take: (text: string, options: Options) => string) {
  const table = { flags: "qvzfF", values: "nc", number: "n", long: { ...LONG, follow: "f" } };
  return textCommand(name, table, (options, inputs) => {
    const named = !options.has("q") && (options.has("v") || inputs.length > 1);
    const parts = inputs.map((input, index) => {
      const head = `${index > 0 ? "\n" : ""}==> ${input.name || "standard input"} <==\n`;
      return (named ? head : "") + take(input.text, options);
    });
    return { stdout: parts.join("") };
  });
}

/** What is counted: the pieces of a text, each with its end. */
function piecesOf(text: string, options: Options): { pieces: ArrayLike<string>; count: string } {
  const bytes = options.value("c");
  if (bytes !== undefined) return { pieces: text, count: bytes };
  const end = options.has("z") ? "\0" : "\n";
  const lines = linesOf(text, end);
  const last = lines.length - 1;
  const isWhole = text.endsWith(end);
  const pieces = lines.map((line, index) => index < last || isWhole ? line + end : line);
  return { pieces, count: options.value("n") ?? "10" };
}

function slice(pieces: ArrayLike<string>, from: number, to: number): string {
  return typeof pieces === "string"
    ? pieces.slice(from, to)
    : (pieces as readonly string[]).slice(from, to).join("");
}

/** head. */
export const head = command("head", (text, options) => {
  const { pieces, count } = piecesOf(text, options);
  const number = readCount(count, options.has("c") ? "bytes" : "lines");
  return slice(pieces, 0, count.startsWith("-") ? Math.max(0, pieces.length - number) : number);
});

/** tail; what it would follow does not grow. */
export const tail = command("tail", (text, options) => {
  const { pieces, count } = piecesOf(text, options);
  const number = readCount(count, options.has("c") ? "bytes" : "lines");
  const from = count.startsWith("+")
    ? Math.max(0, number - 1)
    : Math.max(0, pieces.length - number);
  return slice(pieces, from, pieces.length);
});
