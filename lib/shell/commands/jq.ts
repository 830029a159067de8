/**
 * jq: the real one, compiled to WebAssembly. Each run has an instance of its own; the files that its
 * words name are put into that instance's file system.
 */
import { loadJq } from "jq-wasm";
import wasm from "jq-wasm/jq.wasm";
import { type Command, defineCommand, type ResolvedCommandContext } from "just-bash";
import { failure, result, stdinOf, toBinary, toBytes, toText } from "../base/bytes.ts";

/** jq's instance as the bundler exposes it (scripts/generators/bundle_shell.ts). */
interface JqInstance {
  run(
    args: readonly string[],
    stdin: Uint8Array,
    prepare: (fs: JqFiles) => void,
  ): { stdout: Uint8Array; stderr: Uint8Array; exitCode: number };
}

/** The part of Emscripten's file system that is used. */
interface JqFiles {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  chdir(path: string): void;
}

/** What Emscripten puts into every environment. */
const NONE = { USER: undefined, LOGNAME: undefined, PATH: undefined, _: undefined };

let compiled: Promise<WebAssembly.Module> | undefined;

/** Runs jq on bytes; also what yq is made with. */
async function runJq(
  args: readonly string[],
  stdin: Uint8Array,
  environment: Readonly<Record<string, string | undefined>> = {},
  prepare: (fs: JqFiles) => void = () => {},
): Promise<{ stdout: Uint8Array; stderr: Uint8Array; exitCode: number }> {
  compiled ??= WebAssembly.compile(wasm as unknown as BufferSource);
  const jq = await loadJq(
    { wasmModule: await compiled, environment } as object,
  ) as unknown as JqInstance;
  return jq.run(args, stdin, prepare);
}

/** jq as a command. */
export const jq: Command = defineCommand("jq", async (words, context) => {
  const files = await filesOf(words, context);
  try {
    const { stdout, stderr, exitCode } = await runJq(
      words.some((word) => /^(-[a-z]*C|--color-output)/.test(word)) ? words : ["-M", ...words],
      toBytes(stdinOf(context)),
      { ...NONE, ...Object.fromEntries(context.env) },
      (fs) => {
        fs.mkdirTree(context.cwd);
        fs.chdir(context.cwd);
        for (const [path, bytes] of files) {
          fs.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
          fs.writeFile(path, bytes);
        }
      },
    );
    return result(toBinary(stdout), toText(toBinary(stderr)), exitCode);
  } catch (error) {
    // The end of its stack or of its memory: a fault of WebAssembly, which takes no other run with it.
    const why = error instanceof Error ? error.message : String(error);
    return failure("jq", `error: ${why}`, 5);
  }
});

/** The files that its words name. */
async function filesOf(
  words: readonly string[],
  { fs, cwd }: ResolvedCommandContext,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const word of words) {
    if (word === "" || word.length > 4096) continue;
    const path = fs.resolvePath(cwd, word);
    if (await fs.exists(path) && (await fs.stat(path)).isFile) {
      files.set(path, await fs.readFileBuffer(path));
    }
  }
  return files;
}
