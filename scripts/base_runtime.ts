/**
 * A base runtime for `deno compile` where the official one cannot be downloaded: npm carries one
 * inside a program that was made by Deno, and the compiler of the same version.
 */
import { createHash } from "node:crypto";
import { homedir } from "node:os";

/** A Deno that compiles, and the environment that it needs for it. */
export interface Compiler {
  /** Absolute path of the program. */
  readonly deno: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program inside an npm package; all of it is checked before it is used. */
interface NpmProgram {
  readonly name: string;
  readonly specifier: string;
  /** SHA-256 of the npm archive. */
  readonly archive: string;
  /** Path inside the archive. */
  readonly path: string;
  /** SHA-256 of the program as it is used. */
  readonly sha256: string;
  /** How many of the file's first bytes are the program; all of it when absent. */
  readonly bytes?: number;
}

/** The version of both. */
export const NPM_BASE_VERSION = "2.7.14";

const COMPILER: NpmProgram = {
  name: "deno",
  specifier: `@deno/linux-x64-glibc@${NPM_BASE_VERSION}`,
  archive: "92e82c38a71b413e346bffb73c4d664f2f17462a09101803e715ffd0b9878ba2",
  path: "package/deno",
  sha256: "83ae80d34812cb7a4f246a21f707901b71fa937461500f5f0a2e19865115f3fb",
};

/**
 * The base lies at the start of a program made by `deno compile`, which appends its own data to it:
 * the last 16 bytes are a mark, a hash, and the length of what was appended.
 */
const BASE: NpmProgram = {
  name: "denort",
  specifier: "@semantic-flow/weave-linux-x64@0.9.0",
  archive: "5dabab01cc77652723f2c2a403be42ba0d29835fc055e017fe40d0ae9bcfc22a",
  path: "package/bin/weave",
  sha256: "44fa11ae44592891a07ecc3967cdb091ae316a947d60929415d26dedbb8f55b7",
  bytes: 97_760_192,
};

/** The only system for which npm carries a base that is known here. */
export const NPM_BASE_TARGET = "x86_64-unknown-linux-gnu";

/** Where downloaded programs are kept: `kubecode` in XDG_CACHE_HOME, or in `~/.cache`. */
export function cacheFolder(env: (name: string) => string | undefined = Deno.env.get): string {
  return `${env("XDG_CACHE_HOME") || `${env("HOME") || homedir()}/.cache`}/kubecode`;
}

/**
 * The compiler and base that npm carries, fetched once.
 *
 * @param log told what is being fetched
 * @param signal ends the fetching when it aborts
 * @throws {Error} when npm cannot be run or reach its registry, or a checksum is wrong
 */
export async function npmCompiler(
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<Compiler> {
  const folder = `${cacheFolder()}/denort-${NPM_BASE_VERSION}`;
  await Deno.mkdir(folder, { recursive: true });
  const deno = await provide(COMPILER, folder, log, signal);
  return { deno, env: { DENORT_BIN: await provide(BASE, folder, log, signal) } };
}

async function provide(
  program: NpmProgram,
  folder: string,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const path = `${folder}/${program.name}`;
  if (await sha256(path) === program.sha256) return path;
  log(`Fetching ${program.specifier} by npm`);
  // Beside its place, so that it gets there by one rename, whoever else does the same.
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    await run(
      "npm",
      ["pack", program.specifier, "--pack-destination", work, "--silent"],
      work,
      signal,
    );
    const archive = (await Array.fromAsync(Deno.readDir(work))).find((e) =>
      e.name.endsWith(".tgz")
    );
    if (archive === undefined) throw new Error(`Cannot fetch "${program.specifier}": no archive.`);
    await verify(`${work}/${archive.name}`, program.archive);
    await run("tar", ["-xzf", archive.name, program.path], work, signal);
    const extracted = `${work}/${program.path}`;
    if (program.bytes !== undefined) await Deno.truncate(extracted, program.bytes);
    await verify(extracted, program.sha256);
    await Deno.chmod(extracted, 0o755);
    await Deno.rename(extracted, path);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return path;
}

async function run(
  program: string,
  args: string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = new Deno.Command(program, { args, cwd, stdin: "null", signal });
  const { success, stdout, stderr } = await command.output();
  signal?.throwIfAborted();
  if (success) return;
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  throw new Error(`Cannot run "${program} ${args[0]}": ${said.trim()}`);
}

async function verify(path: string, expected: string): Promise<void> {
  const actual = await sha256(path);
  if (actual !== expected) {
    throw new Error(`Cannot use "${path}": its SHA-256 is ${actual} and should be ${expected}.`);
  }
}

/** SHA-256 of a file in hex; undefined when there is none. */
async function sha256(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    for await (const chunk of file.readable) hash.update(chunk);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return hash.digest("hex");
}
