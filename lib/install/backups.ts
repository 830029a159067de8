/**
 * What a configuration was before kubecode was added to it. It lies with the state of this user's
 * programs, not beside the configuration: a project's folder is shared, and the file may hold tokens.
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { describeFileError } from "../std/files.ts";
import { ConfigFault } from "./formats/format.ts";
import type { Folders } from "./folders.ts";

/** Where the backup of a file is. @param path of the file, without symbolic links */
export function backupPath({ state }: Folders, path: string): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 12);
  return join(state, "kubecode", "backups", `${hash}-${basename(path)}`);
}

/** Keeps a backup. @throws {ConfigFault} it cannot be written */
export async function keepBackup(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    await Deno.writeFile(draft, bytes, { createNew: true, mode: 0o600 });
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    const reason = describeFileError(error);
    throw new ConfigFault(`its backup "${path}" cannot be written: ${reason}`, { cause: error });
  }
}

/** The text that a backup holds, without its byte order mark; undefined where there is none. */
export async function readBackup(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch {
    return undefined;
  }
}

/** Removes a backup that is not needed any more. */
export async function dropBackup(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}
