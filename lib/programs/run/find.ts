/** Which programs are installed: on the path, or where the config file says. */
import { ConfigError } from "../../errors.ts";
import { PROGRAM_NAMES, type ProgramName } from "../types.ts";

/** The installed programs, each with its file. */
export type InstalledPrograms = ReadonlyMap<ProgramName, string>;

/**
 * Looks for all programs.
 *
 * @param configured files that the config file names
 * @param path the variable `PATH`
 * @throws {ConfigError} a configured file that is no program
 */
export async function findPrograms(
  configured: Readonly<Partial<Record<ProgramName, string>>>,
  path: string | undefined,
): Promise<InstalledPrograms> {
  // An entry that is not absolute would mean the folder in which the server happens to run.
  const folders = (path ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const found = await Promise.all(PROGRAM_NAMES.map(async (name) => {
    const file = configured[name];
    if (file === undefined) return [name, await findIn(folders, name)] as const;
    if (await isProgram(file)) return [name, file] as const;
    throw new ConfigError(`Cannot use programs.${name}.path "${file}": there is no such program`, {
      hint: `Name its file by a whole path, or leave it out to find ${name} on PATH.`,
    });
  }));
  return new Map(
    found.flatMap(([name, file]) => file === undefined ? [] : [[name, file] as const]),
  );
}

async function findIn(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = `${folder.replace(/\/+$/, "")}/${name}`;
    if (await isProgram(file)) return file;
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(file);
    return file.startsWith("/") && isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
