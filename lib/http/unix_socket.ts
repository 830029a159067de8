/** A Unix socket to listen on, which only the user that runs the server can use. */
import { ConfigError } from "../errors.ts";

/**
 * Makes room at a path: a socket that nobody listens on any more is removed.
 *
 * @throws {ConfigError} somebody listens there, or there is something else
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusable(path, error);
  });
  if (found === undefined) return;
  if (!found.isSocket) throw unusable(path, "there is something else than a socket");
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw unusable(path, error);
    await Deno.remove(path);
    return;
  }
  throw unusable(path, "another program listens there");
}

/** Runs what makes the socket, so that there is no moment at which others could connect. */
export function privately(make: () => void): void {
  const mask = Deno.build.os === "windows" ? undefined : Deno.umask(0o177);
  try {
    make();
  } finally {
    if (mask !== undefined) Deno.umask(mask);
  }
}

function unusable(path: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message.replace(/ \(os error.*/, "") : String(cause);
  return new ConfigError(`Cannot listen on "${path}": ${why}`, { cause });
}
