/** The tables of flags, variables and the config file, made from lib/config/. */
import { z } from "zod";
import { CONFIG_SCHEMA } from "../../../lib/config/schema.ts";
import { type Place, schemaAt, settingsAt } from "../../../lib/config/schema_paths.ts";
import { helpOf, ROWS } from "../../../lib/config/settings/table.ts";
import { code, table } from "./markdown.ts";

/** A table for each group of flags, in the order of `--help`. */
export function settingsTable(): string {
  const groups = Map.groupBy(ROWS, ([, { group }]) => group);
  return [...groups].map(([group, rows]) =>
    `### ${group}\n\n` + table(
      ["flag", "environment", "config file", "meaning"],
      rows.map(([, row]) => [
        code(row.flag.replaceAll(/[<>]/g, "")),
        [row.variable, row.otherVariable].filter((name) => name !== undefined).map(code)
          .join(", "),
        code(row.key),
        helpOf(row).replaceAll(/"([^"]*)"/g, "`$1`"),
      ]),
    )
  ).join("\n");
}

/** A row for each setting of the config file that holds no others. */
export function configTable(): string {
  return table(["setting", "value", "default"], configRows([], ""));
}

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
    const [, value = meaning, standard = ""] = /^(.*); ([^;]*)$/.exec(meaning) ?? [];
    return [[code(`${path}${name}`), value, standard]];
  });
}
