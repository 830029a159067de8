/** The files that go beside a binary: licence, README, completions of shells and the manual page. */
import { ROOT } from "../../files.ts";
import type { Entry } from "./archive.ts";
import { PROJECT } from "./project.ts";
import { output } from "./step.ts";

/** Where each shell's completion stands in an archive. */
export const COMPLETIONS = {
  bash: `completions/${PROJECT.name}.bash`,
  zsh: `completions/_${PROJECT.name}`,
  fish: `completions/${PROJECT.name}.fish`,
  powershell: `completions/${PROJECT.name}.ps1`,
  /** A program, which kubectl starts to complete the words of `kubectl code`. */
  kubectl: `completions/kubectl_complete-${PROJECT.plugin}`,
} as const;

/** Where the manual page stands in an archive. */
export const MANUAL = `man/${PROJECT.name}.1`;

/**
 * The documents of this source tree, made by the program itself.
 *
 * @throws {Error} the program cannot print one of them
 */
export async function documents(): Promise<Entry[]> {
  const printed = [
    ...Object.entries(COMPLETIONS).map(([shell, path]) => [path, ["completion", shell]] as const),
    [MANUAL, ["man"]] as const,
  ];
  return [
    ...await Promise.all(["LICENSE", "README.md"].map(readEntry)),
    ...await Promise.all(printed.map(async ([path, words]) => ({
      path,
      data: new TextEncoder().encode(`${await printedBy(words)}\n`),
      executable: path === COMPLETIONS.kubectl,
    }))),
  ];
}

/** A file of this source tree under its own name. */
export async function readEntry(path: string): Promise<Entry> {
  return { path, data: await Deno.readFile(`${ROOT}/${path}`) };
}

async function printedBy(words: readonly string[]): Promise<string> {
  const options = ["run", "--allow-all", "--quiet", "--no-check", `${ROOT}/main.ts`];
  const text = await output(Deno.execPath(), [...options, ...words]);
  if (text === "") throw new Error(`Cannot pack: kubecode ${words.join(" ")} prints nothing`);
  return text;
}
