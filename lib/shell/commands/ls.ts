/** ls over the file system in memory: names, and with `-l` their sizes. */
import { type Command, defineCommand, type ResolvedCommandContext } from "just-bash";
import { failure, fromText, result } from "../base/bytes.ts";
import { readOptions, UsageError } from "../base/options.ts";

/** ls. */
export const ls: Command = defineCommand("ls", async (words, context) => {
  try {
    const options = readOptions(words, { flags: "1alhtrRAdFSX", values: "", long: { all: "a" } });
    const { operands } = options;
    const [files, folders, missing]: [string[], string[], string[]] = [[], [], []];
    for (const operand of operands.length > 0 ? operands : ["."]) {
      const path = context.fs.resolvePath(context.cwd, operand);
      if (!await context.fs.exists(path)) missing.push(operand);
      else if ((await context.fs.stat(path)).isDirectory && !options.has("d")) {
        folders.push(operand);
      } else files.push(operand);
    }
    const isLong = options.has("l");
    const blocks: string[] = [];
    if (files.length > 0) blocks.push(await listed(files.sort(), ".", isLong, context));
    for (const folder of folders) {
      const names = await context.fs.readdir(context.fs.resolvePath(context.cwd, folder));
      const shown = names.filter((name) =>
        options.has("a") || options.has("A") || !name.startsWith(".")
      );
      const text = await listed(shown.sort(), folder, isLong, context);
      blocks.push(folders.length + files.length > 1 ? `${folder}:\n${text}` : text);
    }
    const why = missing.map((name) => `ls: cannot access '${name}': No such file or directory\n`);
    return result(fromText(blocks.join("\n")), why.join(""), missing.length > 0 ? 2 : 0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failure("ls", error.message, 2);
  }
});

async function listed(
  names: readonly string[],
  folder: string,
  isLong: boolean,
  { fs, cwd }: ResolvedCommandContext,
): Promise<string> {
  const lines = await Promise.all(names.map(async (name) => {
    if (!isLong) return `${name}\n`;
    const path = fs.resolvePath(fs.resolvePath(cwd, folder), name);
    const { isDirectory, size, mtime } = await fs.stat(path);
    const time = mtime.toISOString().slice(0, 16).replace("T", " ");
    const kind = isDirectory ? "drwxr-xr-x" : "-rw-r--r--";
    return `${kind} 1 user user ${String(size).padStart(8)} ${time} ${name}\n`;
  }));
  return lines.join("");
}
