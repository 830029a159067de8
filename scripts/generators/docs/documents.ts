/**
 * Parts of documents that are made from the program: each stands between two comments,
 * `<!-- settings -->` and `<!-- /settings -->`, and `deno task generate docs` writes it anew.
 */
import { ROOT } from "../../files.ts";
import { commandsReference } from "./commands_reference.ts";
import * as scripts from "./scripts_reference.ts";
import { configTable, settingsTable } from "./settings_tables.ts";
import { commandsTable, promptsReference, toolsReference } from "./tools_reference.ts";
import { valuesTable } from "./values_table.ts";

/** What makes the parts of one document, by the name in their comments. */
export type Parts = Readonly<Record<string, () => string | Promise<string>>>;

/** All documents that have such parts. */
export const DOCUMENTS: Readonly<Record<string, Parts>> = {
  "docs/operations.md": { values: valuesTable },
  "docs/tools.md": { commands: commandsTable },
  "docs/reference/settings.md": { settings: settingsTable, "config-file": configTable },
  "docs/reference/commands.md": { "command-line": commandsReference },
  "docs/reference/tools.md": { tools: toolsReference },
  "docs/reference/prompts.md": { prompts: promptsReference },
  "docs/reference/scripts.md": {
    verbs: scripts.verbsTable,
    options: scripts.optionsTable,
    globals: scripts.globalsTable,
    errors: scripts.errorsTable,
  },
  "docs/reference/limits.md": {
    limits: scripts.limitsTable,
    "exit-codes": scripts.exitCodesTable,
  },
};

/**
 * The text with its parts as they are to be.
 *
 * @throws {Error} a part whose comments are missing
 */
export async function withParts(before: string, parts: Parts): Promise<string> {
  let text = before;
  for (const [name, make] of Object.entries(parts)) {
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) {
      throw new Error(`Cannot write the part ${name}: its comments are not in the text`);
    }
    text = `${text.slice(0, start)}${open}\n${await make()}\n${text.slice(end)}`;
  }
  return text;
}

/** Writes the parts of all documents. */
export async function writeDocuments(): Promise<void> {
  for (const [path, parts] of Object.entries(DOCUMENTS)) {
    const file = `${ROOT}/${path}`;
    await Deno.writeTextFile(file, await withParts(await Deno.readTextFile(file), parts));
  }
}
