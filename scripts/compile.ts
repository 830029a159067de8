/**
 * Builds the program as one file.
 *
 *     deno task compile [--target <target>] [--output <file>] [--entry <file>]
 *
 * The base runtime comes from DENORT_BIN where that is set, else from Deno's own download, else,
 * where that cannot be reached, from npm. The same commit, base and name of the file give the same
 * bytes.
 */
import { parseArgs } from "node:util";
import { basename, dirname, resolve } from "node:path";
import { PERMISSION_FLAGS } from "../lib/surroundings.ts";
import { type Compiler, NPM_BASE_TARGET, NPM_BASE_VERSION, npmCompiler } from "./base_runtime.ts";
import { bundleParts } from "./bundle.ts";
import { ROOT } from "./files.ts";

/** What to build. */
export interface CompileOptions {
  /** Absolute path of the main module; main.ts by default. */
  readonly entry?: string;
  /** Absolute path of the binary; in dist/ by default. */
  readonly output?: string;
  /** A target of `deno compile`; this machine's own by default. */
  readonly target?: string;
  /** Told in short lines what is going on; standard error by default. */
  readonly log?: (line: string) => void;
  /** Ends the compilation when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * What the program may do, for good; docs/decisions/build.md says why. Everything else is denied:
 * native code, modules from elsewhere, facts about the machine, and whatever lies below /proc, /dev
 * and /sys.
 */
export const PERMISSIONS: readonly string[] = [
  "--no-prompt",
  ...PERMISSION_FLAGS,
  // Without it some hosts may be imported from.
  "--deny-import",
];

/** The download of a base runtime must answer within this time to be waited for. */
const PROBE_TIMEOUT_MS = 5_000;
/** How the compiler tells what it downloads. */
const BASE_URL = /Download (https?:\S*\/denort-\S+)/;
/** The longest that a compilation may take, its download included. */
const COMPILE_TIMEOUT_MS = 10 * 60_000;

/**
 * Builds the binary and resolves with its path.
 *
 * @throws {Error} when it cannot be built, with what the compiler said
 */
export async function compile(options: CompileOptions = {}): Promise<string> {
  const log = options.log ?? ((line) => console.error(line));
  const entry = options.entry ?? `${ROOT}/main.ts`;
  const output = options.output ?? `${ROOT}/dist/${binaryName(options.target)}`;
  const started = performance.now();
  await Deno.mkdir(dirname(output), { recursive: true });
  // Beside its place: it gets there by one rename, and a compiler that is ended leaves nothing.
  const work = await Deno.makeTempDir({ dir: dirname(output), prefix: ".compile-" });
  const made = `${work}/${basename(output)}`;
  try {
    const bundled = await bundleParts(entry, `${work}/bundle`);
    const args = (file: string, module: string) => [
      "compile",
      ...["--no-check", "--no-config", "--no-lock", "--unstable-worker-options"],
      ...PERMISSIONS,
      // It would be read from, and written to, a name in the folder for temporary files that anybody on
      // the machine can take first, and what is read there is run.
      "--no-code-cache",
      // The runtime's own choice keeps 50 MB of short-lived objects in a server that is asked often.
      "--v8-flags=--max-semi-space-size=4",
      ...(options.target === undefined ? [] : ["--target", options.target]),
      ...["--output", file, module],
    ];
    const { compiler, how } = await compileSomehow(args(made, bundled), options, log);
    await Deno.writeTextFile(`${work}/empty.js`, "");
    const empty = `${work}/empty${made.endsWith(".exe") ? ".exe" : ""}`;
    const { ok } = await attempt(compiler, args(empty, `${work}/empty.js`), options);
    const all = (await Deno.stat(made)).size;
    await Deno.rename(made, output);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    log(`Compiled ${output} in ${seconds} s, base ${how}`);
    if (ok) log(sizes(all, (await Deno.stat(empty)).size, await sizeOf(dirname(bundled))));
    return output;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Name of the binary for a target: `kubecode`, `kubecode-<target>`, with `.exe` for Windows. */
export function binaryName(target?: string): string {
  const windows = (target ?? Deno.build.target).includes("windows");
  return `kubecode${target === undefined ? "" : `-${target}`}${windows ? ".exe" : ""}`;
}

/** A line on the sizes in bytes: of the binary, of an empty program, of the code in it. */
function sizes(all: number, empty: number, bundle: number): string {
  const [inAll, base, code] = [all, empty, bundle].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
  return `${inAll}: ${base} for an empty program, which is the base runtime, and ${code} of code`;
}

/** Bytes of all files in a folder. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) {
    bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

/** Tries one base after the other; resolves with the compiler, and a word on the base that was used. */
async function compileSomehow(
  args: readonly string[],
  options: CompileOptions,
  log: (line: string) => void,
): Promise<{ readonly compiler: Compiler; readonly how: string }> {
  const own: Compiler = { deno: Deno.execPath(), env: {} };
  const given = Deno.env.get("DENORT_BIN");
  const first = await attempt(own, args, options);
  if (first.ok) {
    const how = given ? `from DENORT_BIN (${given})` : `of Deno ${Deno.version.deno}`;
    return { compiler: own, how };
  }
  const target = options.target ?? Deno.build.target;
  if (!first.noBase) throw new Error(`Cannot compile for ${target}: ${first.said}`);
  if (given) throw new Error(`Cannot compile with DENORT_BIN (${given}): ${first.said}`);
  if (target !== NPM_BASE_TARGET) throw new Error(withoutBase(target, first.said));
  const { deno } = Deno.version;
  log(
    `The base runtime of Deno ${deno} cannot be downloaded; using npm's, of ${NPM_BASE_VERSION}.`,
  );
  const compiler = await npmCompiler(log, options.signal);
  const second = await attempt(compiler, args, options);
  if (!second.ok) throw new Error(`Cannot compile with npm's base runtime: ${second.said}`);
  return { compiler, how: "from npm" };
}

function withoutBase(target: string, said: string): string {
  const url = BASE_URL.exec(said)?.[1];
  return `Cannot compile for ${target}: its base runtime cannot be downloaded` +
    `${
      url ? ` from ${url}` : ""
    }. Let the variable DENORT_BIN name an unpacked one (denort of Deno ` +
    `${Deno.version.deno} for ${target}), or compile where it can be reached.`;
}

/** Runs the compiler once, and ends it early when its download does not answer. */
async function attempt(
  compiler: Compiler,
  args: readonly string[],
  { signal }: CompileOptions,
): Promise<{ ok: boolean; noBase: boolean; said: string }> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const until = [stop.signal, AbortSignal.timeout(COMPILE_TIMEOUT_MS), ...signal ? [signal] : []];
  const child = new Deno.Command(compiler.deno, {
    args: [...args],
    env: { ...compiler.env, NO_COLOR: "1", RUST_BACKTRACE: "0" },
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.any(until),
  }).spawn();
  let said = "";
  let probe: Promise<void> | undefined;
  let unreachable = false;
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    const url = BASE_URL.exec(said)?.[1];
    if (url === undefined || probe !== undefined) continue;
    probe = answers(url).then((reachable) => {
      if (reachable) return;
      unreachable = true;
      stop.abort();
    });
  }
  const { success } = await child.status;
  await probe;
  signal?.throwIfAborted();
  return {
    ok: success,
    noBase: unreachable || said.includes("Setting up base binary"),
    said: said.replace(/\n+Stack backtrace:.*$/s, "").trim(),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const response = await fetch(url, { method: "HEAD", signal });
    return response.ok;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      target: { type: "string" },
      output: { type: "string" },
      entry: { type: "string" },
    },
  });
  try {
    await compile({
      target: values.target,
      output: values.output && resolve(values.output),
      entry: values.entry && resolve(values.entry),
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
