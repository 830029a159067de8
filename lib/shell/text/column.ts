/** column: tables (`-t`), as util-linux makes them. */
import { fromText, toText } from "../base/bytes.ts";
import { width } from "./wc.ts";
import { linesOf, textCommand, textOf } from "../base/text_command.ts";

/** column. */
export const column = textCommand(
  "column",
  {
    flags: "tnxLe",
    values: "socNRH",
    long: {
      table: "t",
      separator: "s",
      "output-separator": "o",
      "table-columns": "N",
      "table-right": "R",
      "table-hide": "H",
      "keep-empty-lines": "L",
    },
  },
  (options, inputs) => {
    const text = toText(inputs.map((input) => input.text).join(""));
    const lines = linesOf(text).filter((line) => options.has("L") || line.trim() !== "");
    if (!options.has("t")) return { stdout: fromText(textOf(lines)) };
    const separators = options.value("s");
    const cellsOf = (line: string) =>
      separators === undefined
        ? line.trim().split(/[ \t]+/)
        : line.split(new RegExp(`[${separators.replace(/[\\\]^-]/g, "\\$&")}]`));
    const names = options.value("N")?.split(",");
    const rows = [...(names ? [names] : []), ...lines.map(cellsOf)];
    const right = new Set(options.value("R")?.split(",") ?? []);
    const joint = options.value("o") ?? "  ";
    const widths: number[] = [];
    for (const row of rows) {
      for (const [index, cell] of row.entries()) {
        widths[index] = Math.max(widths[index] ?? 0, width(cell));
      }
    }
    const isRight = (index: number) =>
      right.has(String(index + 1)) || right.has(names?.[index] ?? "");
    const made = rows.map((row) =>
      widths.map((wide, index) => {
        const cell = row[index] ?? "";
        const blanks = " ".repeat(wide - width(cell));
        if (isRight(index)) return blanks + cell;
        return index === widths.length - 1 ? cell : cell + blanks;
      }).join(joint)
    );
    return { stdout: fromText(textOf(made)) };
  },
);
