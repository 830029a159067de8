/**
 * Configurations on disk: read whole, and written whole or not at all. A link stays a link, and what
 * it leads to is written; a file keeps its mode and its owner.
 */
import { dirname, isAbsolute, join, relative, sep as SEPARATOR } from "node:path";
import { describeFileError } from "../std/files.ts";
import { ConfigFault } from "./formats/format.ts";

/** A configuration as it was read. */
export interface ConfigFile {
  /** Where it really lies: without symbolic links. */
  readonly path: string;
  /** Undefined where there is none yet. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** Without its byte order mark. */
  readonly text: string;
  readonly hasMark: boolean;
}

/** Larger ones are taken for something else. */
const LIMIT_BYTES = 32 * 1024 * 1024;

const MARK = "\ufeff";

/**
 * Reads a configuration that is to be changed.
 *
 * @param within a folder that it must not lead out of: who has written a project may have put links
 * there
 * @throws {ConfigFault} it cannot be read or will not be written: saying why
 */
export async function readConfig(path: string, within?: string): Promise<ConfigFile> {
  const real = await realPath(path);
  if (within !== undefined) await requireWithin(real ?? path, within);
  if (real === undefined) return { path, text: "", hasMark: false };
  const info = await Deno.stat(real).catch((error) => failToRead(error));
  if (info.isDirectory) throw new ConfigFault("it is a directory");
  if (!info.isFile) throw new ConfigFault("it is not a regular file");
  if (info.size > LIMIT_BYTES) throw new ConfigFault("it is larger than 32 MiB");
  if ((info.nlink ?? 1) > 1) {
    throw new ConfigFault("it has a second name (a hard link), which would keep the old text");
  }
  if (info.mode !== null && (info.mode & 0o200) === 0) throw new ConfigFault("it is read-only");
  const bytes = await Deno.readFile(real).catch((error) => failToRead(error));
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const hasMark = text.startsWith(MARK);
    return { path: real, bytes, text: hasMark ? text.slice(1) : text, hasMark };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigFault("it is not text in UTF-8");
  }
}

/** Undefined where there is no file. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return failToRead(error);
  }
  const info = await Deno.lstat(path).catch(() => undefined);
  if (info?.isSymlink) throw new ConfigFault("it is a link to a file that is not there");
  return undefined;
}

/** A file that is not there yet is where its folder is, or the next one above that is there. */
async function requireWithin(path: string, folder: string): Promise<void> {
  let there = path;
  let real = await Deno.realPath(there).catch(() => undefined);
  while (real === undefined && dirname(there) !== there) {
    there = dirname(there);
    real = await Deno.realPath(there).catch(() => undefined);
  }
  const way = relative(await Deno.realPath(folder).catch(failToRead), real ?? there);
  if (way !== ".." && !way.startsWith(`..${SEPARATOR}`) && !isAbsolute(way)) return;
  throw new ConfigFault(`it is a link out of the project, to "${real ?? there}"`, {
    hint: "Find out who has made that link. Without --scope project, links are followed.",
  });
}

/**
 * Puts a text in the place of a configuration: written beside it, then renamed, if it is still what
 * was read.
 *
 * @throws {ConfigFault} nothing was changed: saying why
 */
export async function writeConfig(
  { path, bytes, hasMark }: ConfigFile,
  text: string,
): Promise<void> {
  const next = new TextEncoder().encode(`${hasMark ? MARK : ""}${text}`);
  const info = bytes === undefined ? undefined : await Deno.stat(path).catch(failToWrite);
  if (info === undefined) await Deno.mkdir(dirname(path), { recursive: true }).catch(failToWrite);
  const draft = join(dirname(path), `.kubecode-${crypto.randomUUID()}`);
  try {
    // Configurations hold tokens.
    using file = await Deno.open(draft, { write: true, createNew: true, mode: 0o600 });
    const own = await file.stat();
    if (info && own.uid !== info.uid) {
      throw new ConfigFault("it belongs to another user: run this as that user");
    }
    for (let rest = next; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.sync();
    if (info?.mode != null && Deno.build.os !== "windows") {
      await Deno.chmod(draft, info.mode & 0o7777);
    }
    if (!await isStill(path, bytes)) {
      throw new ConfigFault("another program has changed it in the meantime: run this again");
    }
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    failToWrite(error);
  }
}

/** Removes a configuration that was made by an installation, if it is still what was read. */
export async function removeConfig({ path, bytes }: ConfigFile): Promise<void> {
  if (!await isStill(path, bytes)) {
    throw new ConfigFault("another program has changed it in the meantime: run this again");
  }
  await Deno.remove(path).catch(failToWrite);
}

async function isStill(path: string, bytes: Uint8Array | undefined): Promise<boolean> {
  try {
    const now = await Deno.readFile(path);
    return bytes !== undefined && now.length === bytes.length &&
      now.every((byte, at) => byte === bytes[at]);
  } catch (error) {
    return bytes === undefined && error instanceof Deno.errors.NotFound;
  }
}

function failToRead(error: unknown): never {
  if (error instanceof ConfigFault) throw error;
  throw new ConfigFault(`it cannot be read: ${describeFileError(error)}`, { cause: error });
}

function failToWrite(error: unknown): never {
  if (error instanceof ConfigFault) throw error;
  throw new ConfigFault(`it cannot be written: ${describeFileError(error)}`, { cause: error });
}
