/**
 * Writes the committed files that are made from others.
 *
 *     deno task generate [--check]
 *
 * With `--check` nothing is written: a file that differs from what would be made fails.
 */
import { bundleSandbox } from "./bundle_sandbox.ts";
import { type Generated, ROOT } from "./files.ts";

/** Makes one file from others of the repository; the same input gives the same text. */
export type Generator = () => Promise<Generated>;

const GENERATORS: readonly Generator[] = [bundleSandbox];

/** The generated files that differ from what is on disk, or are not there yet. */
export async function outdated(
  generators: readonly Generator[] = GENERATORS,
  root: string = ROOT,
): Promise<Generated[]> {
  const made: Generated[] = [];
  for (const generate of generators) made.push(await generate());
  const current = await Promise.all(made.map(({ path }) => read(`${root}/${path}`)));
  return made.filter(({ text }, index) => current[index] !== text);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const check = Deno.args.includes("--check");
  const changed = await outdated();
  for (const { path, text } of changed) {
    if (check) {
      console.error(`${path} is out of date: run deno task generate.`);
    } else {
      await Deno.writeTextFile(`${ROOT}/${path}`, text);
      console.error(`Wrote ${path}`);
    }
  }
  if (check && changed.length > 0) Deno.exit(1);
}
