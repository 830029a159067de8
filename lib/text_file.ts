/** Text files that settings name, such as a key or a certificate. */
import { ConfigError } from "./errors.ts";
import { describeFileError } from "./std/files.ts";

/**
 * The text of a file.
 *
 * @param what what it is for, as its user calls it: `tokens file`
 * @throws {ConfigError} it cannot be read: saying which, and why
 */
export async function readTextFile(what: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new ConfigError(`Cannot read the ${what} "${path}": ${describeFileError(cause)}`, {
      cause,
    });
  }
}
