/** A Unix socket to listen on, which only the user that runs the server can use. */
import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { describeFileError, describeWriteError } from "../std/files.ts";

/**
 * Makes room at a path: a socket that nobody listens on any more is removed.
 *
 * @throws {ConfigError} somebody listens there, or there is something else
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusable(path, describeFileError(error), error);
  });
  if (found === undefined) return;
  if (!found.isSocket) throw unusable(path, "there is something else than a socket");
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) {
      throw unusable(path, describeFileError(error), error);
    }
    await Deno.remove(path);
    return;
  }
  throw unusable(path, "another program listens there");
}

/**
 * Makes a socket at a path so that there is no moment at which others could connect: in a folder that
 * only this user may enter, from where it is moved to its place. (Deno 2.9.6 lets only a program with
 * every `sys` permission set its umask.)
 *
 * @param make makes it at a path
 * @returns removes it, where it is still the same one
 * @throws {ConfigError} its folder is not there, or cannot be written to
 */
export async function makePrivately(
  path: string,
  make: (path: string) => Promise<void>,
): Promise<() => Promise<void>> {
  if (Deno.build.os === "windows") {
    await make(path);
    return () => Promise.resolve();
  }
  // A short name: the path of a socket has a hundred characters at most.
  const folder = await Deno.makeTempDir({ dir: dirname(path), prefix: ".k" })
    .catch((error) => {
      throw unusable(path, describeWriteError(error), error);
    });
  try {
    const made = join(folder, "s");
    await make(made);
    await Deno.chmod(made, 0o600);
    const { ino } = await Deno.lstat(made);
    await Deno.rename(made, path);
    return async () => {
      const found = await Deno.lstat(path).catch(() => undefined);
      if (found?.ino === ino) await Deno.remove(path);
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function unusable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`Cannot listen on "${path}": ${why}`, { cause });
}
