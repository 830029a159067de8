/** The repository's files as the scripts see them: paths relative to its root, with "/". */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the repository, without a trailing slash. */
export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where code lies. */
export const CODE: readonly string[] = ["main.ts", "lib", "scripts", "tests"];

/**
 * The TypeScript files at the given files and folders, sorted; what does not exist is left out.
 */
export async function typescriptFiles(paths: readonly string[] = CODE): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const info = await Deno.stat(`${ROOT}/${path}`).catch(() => undefined);
    if (info?.isFile && path.endsWith(".ts")) found.push(path);
    if (!info?.isDirectory) continue;
    for await (const entry of Deno.readDir(`${ROOT}/${path}`)) {
      found.push(...await typescriptFiles([`${path}/${entry.name}`]));
    }
  }
  return found.sort();
}

/** A file as a generator makes it. */
export interface Generated {
  /** Relative to the repository; its name ends in `.generated.ts`. */
  readonly path: string;
  readonly text: string;
  /** The files that a bundle was made of, relative to the repository. */
  readonly inputs?: readonly string[];
}
