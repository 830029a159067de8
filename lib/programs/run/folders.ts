/**
 * Folders for calls that start programs: one for each call, in one for each server. All are readable
 * by this user alone and removed at the end; those of a server that crashed, by the next one.
 */
import { FOLDERS } from "./environment.ts";
import { makeTemporaryFolder } from "./temporary_folder.ts";

/** Begins the names of the servers' folders. */
const PREFIX = "kubecode-programs-";
/** In a server's folder, locked while it runs. */
const LOCK = "lock";
/** A folder younger than that may belong to a server that is about to lock it. */
const YOUNG_MS = 60_000;

/** The folders of one server. */
export interface ServerFolders {
  readonly path: string;
  /** Makes the folder of a call, with the folders that its programs need. */
  open(): string;
  close(): Promise<void>;
}

/**
 * Makes the folder of a server, once those of crashed ones are removed.
 *
 * @throws {ConfigError} there is no place for temporary files
 */
export async function openFolders(): Promise<ServerFolders> {
  const path = await makeTemporaryFolder(PREFIX);
  const lock = await Deno.open(`${path}/${LOCK}`, { create: true, write: true, mode: 0o600 });
  await lock.lock(true);
  const { uid } = await Deno.lstat(path);
  await removeStale(path, uid);
  return {
    path,
    open() {
      const folder = Deno.makeTempDirSync({ dir: path });
      for (const name of Object.values(FOLDERS)) {
        Deno.mkdirSync(`${folder}/${name}`, { mode: 0o700 });
      }
      return folder;
    },
    async close() {
      await removeFolder(path);
      lock.close();
    },
  };
}

/** Removes a folder with all that is in it, whatever rights a program has taken from it. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    await makeWritable(path);
    await Deno.remove(path, { recursive: true });
  }
}

async function makeWritable(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o700);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await makeWritable(`${folder}/${name}`);
  }
}

/** Removes the folders beside ours whose servers have gone. @param owner this user */
async function removeStale(ours: string, owner: number | null): Promise<void> {
  const parent = ours.slice(0, ours.lastIndexOf("/"));
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    const path = `${parent}/${name}`;
    if (!name.startsWith(PREFIX) || !isDirectory || path === ours) continue;
    // One that cannot be removed is no reason to refuse a call.
    if (await isStale(path, owner).catch(() => false)) await removeFolder(path).catch(() => {});
  }
}

async function isStale(path: string, owner: number | null): Promise<boolean> {
  const { uid, mtime } = await Deno.lstat(path);
  if (uid !== owner || Date.now() - (mtime?.getTime() ?? 0) < YOUNG_MS) return false;
  try {
    using lock = await Deno.open(`${path}/${LOCK}`, { write: true });
    return await lock.tryLock(true);
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
