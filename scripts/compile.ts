/**
 * Builds the program as one file.
 *
 *     deno task compile [--target <target>] [--output <file>] [--entry <file>]
 *
 * The base runtime comes from DENORT_BIN where that is set, else from Deno's own download, else,
 * where that cannot be reached, from npm.
 */
import { parseArgs } from "node:util";
import { basename, dirname, resolve } from "node:path";
import { type Compiler, NPM_BASE_TARGET, npmCompiler } from "./base_runtime.ts";
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

/** The download of a base runtime must answer within this time to be waited for. */
const PROBE_TIMEOUT_MS = 5_000;
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
    const args = [
      "compile",
      ...["--no-check", "--no-config", "--no-lock"],
      ...["--allow-all", "--no-prompt", "--unstable-worker-options"],
      // It would be read from, and written to, a name in the folder for temporary files that anybody on
      // the machine can take first, and what is read there is run.
      "--no-code-cache",
      // The runtime's own choice keeps 50 MB of short-lived objects in a server that is asked often.
      "--v8-flags=--max-semi-space-size=4",
      ...(options.target === undefined ? [] : ["--target", options.target]),
      ...["--output", made, await bundleParts(entry, `${work}/bundle`)],
    ];
    const how = await compileSomehow(args, options, log);
    const { size } = await Deno.stat(made);
    await Deno.rename(made, output);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    log(`Compiled ${output}: ${(size / 2 ** 20).toFixed(1)} MiB, base ${how}, ${seconds} s`);
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

/** Tries one base after the other; resolves with a word on the one that was used. */
async function compileSomehow(
  args: readonly string[],
  { target, signal }: CompileOptions,
  log: (line: string) => void,
): Promise<string> {
  const own: Compiler = { deno: Deno.execPath(), env: {} };
  const given = Deno.env.get("DENORT_BIN");
  const first = await attempt(own, args, signal);
  if (first.ok) return given ? `from DENORT_BIN (${given})` : `of Deno ${Deno.version.deno}`;
  const fromNpm = !given && first.noBase && (target ?? Deno.build.target) === NPM_BASE_TARGET;
  if (!fromNpm) throw new Error(`Cannot compile: ${first.said}`);
  log(`The base runtime of Deno ${Deno.version.deno} cannot be downloaded; using npm's.`);
  const second = await attempt(await npmCompiler(log, signal), args, signal);
  if (!second.ok) throw new Error(`Cannot compile with npm's base runtime: ${second.said}`);
  return "from npm";
}

/** Runs the compiler once, and ends it early when its download does not answer. */
async function attempt(
  compiler: Compiler,
  args: readonly string[],
  signal?: AbortSignal,
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
    const url = /Download (https?:\S*\/denort-\S+)/.exec(said)?.[1];
    if (url === undefined || probe !== undefined) continue;
    probe = answers(url).then((reachable) => {
      if (reachable) return;
      unreachable = true;
      said += `\nThe base runtime cannot be downloaded; DENORT_BIN may name a local one.`;
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
