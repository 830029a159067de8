/** Folders for files that are there for a while. */
import { ConfigError } from "../../errors.ts";
import { describeWriteError } from "../../std/files.ts";

/**
 * Makes a folder that only this user can read, where the system has its temporary files.
 *
 * @throws {ConfigError} there is no such place, as in a container whose files cannot be written
 */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix });
  } catch (cause) {
    const parent = Deno.env.get(Deno.build.os === "windows" ? "TEMP" : "TMPDIR") || "/tmp";
    throw new ConfigError(
      `Cannot make a temporary folder in "${parent}": ${describeWriteError(cause)}`,
      { hint: "Name a writable folder in TMPDIR; in a container, mount one.", cause },
    );
  }
}
