/** paste. */
import { type Input, linesOf, textCommand, textOf } from "../base/text_command.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", "0": "" };

/** The delimiters in turn: `\n`, `\t`, `\\` and `\0` (none) are written so. */
function delimitersOf(list: string): string[] {
  const parts = list.match(/\\.|[^\\]|\\$/gs) ?? [];
  return parts.length === 0
    ? [""]
    : parts.map((part) => part.length === 2 ? ESCAPES[part.charAt(1)] ?? part.charAt(1) : part);
}

/** paste. */
export const paste = textCommand(
  "paste",
  { flags: "sz", values: "d", long: { delimiters: "d", serial: "s", "zero-terminated": "z" } },
  (options, inputs) => {
    const delimiters = delimitersOf(options.value("d") ?? "\t");
    const join = (cells: readonly string[]) =>
      cells.map((cell, index) =>
        index === 0 ? cell : (delimiters[(index - 1) % delimiters.length] ?? "") + cell
      ).join("");
    const end = options.has("z") ? "\0" : "\n";
    if (options.has("s")) {
      return { stdout: inputs.map(({ text }) => join(linesOf(text, end)) + end).join("") };
    }
    const columns = columnsOf(inputs, end);
    const height = Math.max(0, ...columns.map((column) => column.length));
    const rows = Array.from(
      { length: height },
      (_, row) => join(columns.map((column) => column[row] ?? "")),
    );
    return { stdout: textOf(rows, end) };
  },
);

/** The columns: those of standard input that is named twice take its lines in turn. */
function columnsOf(inputs: readonly Input[], end: string): string[][] {
  const shared = inputs.filter(({ name }) => name === "-");
  const lines = linesOf(shared[0]?.text ?? "", end);
  return inputs.map((input) =>
    input.name !== "-"
      ? linesOf(input.text, end)
      : lines.filter((_, index) => index % shared.length === shared.indexOf(input))
  );
}
