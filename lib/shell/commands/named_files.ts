/**
 * Which files of the in-memory file system go with a start of a program: those that its words name.
 * The program finds them below its own folder, so that words which name them otherwise are changed.
 */
import type { ResolvedCommandContext } from "just-bash";
import { SHELL_LIMITS } from "../protocol.ts";

/** Where a line begins, and what a program's own folder stands for. */
export const WORK = "/work";
/** Below a program's folder: what does not lie below {@linkcode WORK}. */
const ELSEWHERE = "_root";
/** What is no file of anybody's. */
const SYSTEM = /^\/(bin|usr|proc|dev)(\/|$)/;

type Context = Pick<ResolvedCommandContext, "fs" | "cwd">;

/** The words as the program gets them, and the files that go with it, by their relative names. */
export async function namedFiles(
  words: readonly string[],
  context: Context,
): Promise<{ argv: string[]; files: [name: string, bytes: Uint8Array][] }> {
  const paths = new Set<string>();
  const argv: string[] = [];
  for (const word of words) argv.push(await readWord(word, context, paths));
  const files: [string, Uint8Array][] = [];
  for (const path of paths) {
    if (files.length > SHELL_LIMITS.files) break;
    files.push([nameOf(path), await context.fs.readFileBuffer(path)]);
  }
  return { argv, files };
}

/** Adds the files that a word names, as `x`, `-fx`, `--flag=x`, `key=x`, `@x` or `x,y`; gives the word. */
async function readWord(word: string, context: Context, paths: Set<string>): Promise<string> {
  const { fs, cwd } = context;
  // Long texts are no names: each would be looked for in the file system.
  if (word.length > 4096) return word;
  const pieces = word.split(/([=,@]|^-[a-zA-Z](?!-))/);
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1 || piece === undefined || piece === "" || piece === "-") continue;
    const path = fs.resolvePath(cwd, piece);
    if (SYSTEM.test(path) || path === "/" || !await fs.exists(path)) continue;
    // What a folder holds may name what lies beside it (kustomize).
    const isFolder = (await fs.stat(path)).isDirectory;
    const from = isFolder && isBelow(path, WORK) ? WORK : path;
    for (const file of isFolder ? await filesBelow(from, context) : [path]) paths.add(file);
    if (cwd !== WORK || piece.startsWith("/")) pieces[index] = nameOf(path);
  }
  return pieces.join("");
}

/** The files below a folder, as many as may go with a start and one more. */
async function filesBelow(folder: string, { fs }: Context): Promise<string[]> {
  const found: string[] = [];
  const folders = [folder];
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    for (const name of await fs.readdir(next)) {
      if (found.length > SHELL_LIMITS.files) return found;
      const path = next === "/" ? `/${name}` : `${next}/${name}`;
      if (SYSTEM.test(path)) continue;
      const { isDirectory, isSymbolicLink } = await fs.lstat(path);
      if (isDirectory) folders.push(path);
      else if (!isSymbolicLink) found.push(path);
    }
  }
  return found;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The name of a file or folder for a program whose own folder is {@linkcode WORK}. */
function nameOf(path: string): string {
  if (path === WORK) return ".";
  return isBelow(path, WORK) ? path.slice(WORK.length + 1) : `${ELSEWHERE}${path}`;
}
