/**
 * The README's tables that are made from the program: each stands between two comments,
 * `<!-- settings -->` and `<!-- /settings -->`, and is written anew by `deno task generate readme`.
 */
import { helpOf, ROWS } from "../lib/config/settings_table.ts";

/** The tables, by the name in their comments. */
export const README_TABLES: Readonly<Record<string, () => string>> = {
  settings: () =>
    table(
      ["flag", "environment", "config file", "meaning"],
      ROWS.map(([, row]) => [
        code(row.flag.replaceAll(/[<>]/g, "")),
        code(row.variable),
        code(row.key),
        helpOf(row).replaceAll(/"([^"]*)"/g, "`$1`"),
      ]),
    ),
};

/**
 * The text with its tables as they are to be.
 *
 * @throws {Error} a table whose comments are missing
 */
export function withTables(readme: string): string {
  let text = readme;
  for (const [name, make] of Object.entries(README_TABLES)) {
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) {
      throw new Error(`Cannot write the table ${name}: its comments are not in the README`);
    }
    text = `${text.slice(0, start)}${open}\n${make()}\n${text.slice(end)}`;
  }
  return text;
}

/** As `deno fmt` has it: cells of one width. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => (row[at] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}
