/** Finds the config file of a run. */
import { homeOf } from "../std/files.ts";
import type { ConfigFile } from "./file.ts";

/**
 * Finds and reads the config file of a run; undefined where there is none.
 *
 * @param named the path given; "" means no config file, undefined the default path
 * @throws {ConfigError} naming file, line and reason
 */
export async function findConfigFile(
  named: string | undefined,
  env: (name: string) => string | undefined,
): Promise<ConfigFile | undefined> {
  const path = named ?? await defaultConfigPath(env);
  if (!path) return undefined;
  // Most runs have none, and need no parser for it.
  const { readConfigFile } = await import("./file.ts");
  return await readConfigFile(path);
}

/**
 * The default path of the config file: `kubecode/config.yaml` in `$XDG_CONFIG_HOME`
 * (`~/.config`), on Windows in `%APPDATA%`; undefined when no file is there.
 *
 * @param env the environment's variables by name
 */
export async function defaultConfigPath(
  env: (name: string) => string | undefined,
): Promise<string | undefined> {
  const home = homeOf(env);
  const folder = env("XDG_CONFIG_HOME") || env("APPDATA") || (home && `${home}/.config`);
  if (!folder) return undefined;
  const path = `${folder}/kubecode/config.yaml`;
  try {
    await Deno.lstat(path);
    return path;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    // The file may exist: the server must not run without rules that it could not read.
    return path;
  }
}
