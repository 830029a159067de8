/**
 * Writes lib/programs/words/trees/: the verbs and flags of the programs, from their own help.
 *
 *     deno task generate program-trees kubectl=PATH helm=PATH istioctl=PATH argocd=PATH
 *
 * A PATH that is a folder has the pages that cobra writes of a program (program_docs.ts). A program that is not named keeps its table. What is new in one has to be classified in
 * lib/programs/words/powers/: until then it is refused.
 */
import { stat, writeFile } from "node:fs/promises";
import { PROGRAM_NAMES, type ProgramName } from "../../lib/programs/types.ts";
import { writeVerbLine } from "../../lib/programs/words/trees/tree.ts";
import { ROOT } from "../files.ts";
import { readProgramPages } from "./program_docs.ts";
import { readProgramTree } from "./program_help.ts";

/** Writes the tables of the programs that are named. */
export async function makeProgramTrees(programs: readonly string[]): Promise<void> {
  if (programs.length === 0) throw new Error("Cannot make the tables: name PROGRAM=PATH");
  for (const program of programs) {
    const [name, path] = program.split("=");
    if (!PROGRAM_NAMES.includes(name as ProgramName) || path === undefined) {
      throw new Error(
        `Cannot make the table of "${program}": write one of ${PROGRAM_NAMES}, =PATH`,
      );
    }
    const isFolder = (await stat(path)).isDirectory();
    const verbs =
      await (isFolder ? readProgramPages(path) : readProgramTree(name as ProgramName, path));
    const lines = verbs.map(writeVerbLine);
    const file = `lib/programs/words/trees/${name}_tree.ts`;
    await writeFile(`${ROOT}/${file}`, textOf(name as ProgramName, lines));
    console.error(`Wrote ${file}: ${lines.length} verbs`);
  }
}

function textOf(name: ProgramName, lines: readonly string[]): string {
  return `/** The verbs and flags of ${name}: made by \`deno task generate program-trees\`; see tree.ts. */
export const ${name.toUpperCase()}_TREE: readonly string[] = [
${lines.map((line) => `  ${JSON.stringify(line)},`).join("\n")}
];
`;
}
