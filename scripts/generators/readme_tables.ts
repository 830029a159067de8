/**
 * The README's tables that are made from the program: each stands between two comments,
 * `<!-- settings -->` and `<!-- /settings -->`, and is written anew by `deno task generate readme`.
 */
import { z } from "zod";
import { CONFIG_SCHEMA } from "../../lib/config/schema.ts";
import { type Place, schemaAt, settingsAt } from "../../lib/config/schema_paths.ts";
import { helpOf, ROWS } from "../../lib/config/settings_table.ts";
import { OWN_COMMANDS, PACKAGE_COMMANDS } from "../../lib/shell/offered.ts";

/** The tables, by the name in their comments. */
export const README_TABLES: Readonly<Record<string, () => string>> = {
  settings: () =>
    table(
      ["flag", "environment", "config file", "meaning"],
      ROWS.map(([, row]) => [
        code(row.flag.replaceAll(/[<>]/g, "")),
        [row.variable, row.otherVariable].filter((name) => name !== undefined).map(code).join(", "),
        code(row.key),
        helpOf(row).replaceAll(/"([^"]*)"/g, "`$1`"),
      ]),
    ),
  commands: () =>
    table(["commands", ""], [
      [
        OWN_COMMANDS.map(code).join(" "),
        "kubecode's, held to GNU's, to jq's and to mikefarah's yq",
      ],
      [PACKAGE_COMMANDS.map(code).join(" "), "just-bash's"],
    ]),
  "config-file": () => table(["setting", "value; the default"], configRows([], "")),
};

/**
 * The text with its tables as they are to be.
 *
 * @param tables those of the README unless told otherwise
 * @throws {Error} a table whose comments are missing
 */
export function withTables(
  before: string,
  tables: Readonly<Record<string, () => string>> = README_TABLES,
): string {
  let text = before;
  for (const [name, make] of Object.entries(tables)) {
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) {
      throw new Error(`Cannot write the table ${name}: its comments are not in the text`);
    }
    text = `${text.slice(0, start)}${open}\n${make()}\n${text.slice(end)}`;
  }
  return text;
}

/** A row for each setting of the config file that holds no others. */
function configRows(place: Place, path: string): string[][] {
  return settingsAt(CONFIG_SCHEMA, place).flatMap((name) => {
    const at = [...place, name];
    const below = [
      ...configRows(at, `${path}${name}.`),
      ...configRows([...at, 0], `${path}${name}[].`),
    ];
    if (below.length > 0) return below;
    const meaning = z.globalRegistry.get(schemaAt(CONFIG_SCHEMA, at))?.description;
    if (meaning === undefined) throw new Error(`${path}${name} has no description`);
    return [[code(`${path}${name}`), meaning]];
  });
}

/** A table as `deno fmt` has it: cells of one width. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => (row[at] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

/** Words in the type of code; nothing for nothing. */
export function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}
