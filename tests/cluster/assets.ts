/**
 * Finds the programs of the test bed: in the folder KUBEBUILDER_ASSETS, in the cache, as official
 * downloads, or by a build from Go modules, in this order; what had to be fetched or built is
 * cached, by one process at a time.
 */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { download, UnreachableError } from "./download.ts";
import { goBuild, goVersion } from "./go_build.ts";
import { lockFile } from "./lock.ts";
import {
  BUILDS,
  currentPlatform,
  GO_FOLDERS,
  KUBERNETES_VERSION,
  officialDownload,
  PROGRAM_NAMES,
  type ProgramName,
} from "./programs.ts";
import { startSupervisor } from "./supervised.ts";

/** Absolute paths of the programs. */
export type Assets = Readonly<Record<ProgramName, string>>;

/** How programs are looked for. */
export interface AssetOptions {
  /** Told what is being done, when it takes long. */
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Reads the environment; this process's own unless told otherwise. */
  readonly env?: (name: string) => string | undefined;
  /** Ways to get a program that is nowhere yet, in order; downloads, then builds, by default. */
  readonly providers?: readonly Provider[];
}

/** A way to get a program. */
export interface Provider {
  /** What it does, for the message that names what was tried. */
  readonly name: string;
  /**
   * Makes the program at `path`.
   *
   * @param work an empty folder on the same file system, removed afterwards
   * @throws {Error} when it cannot; {@linkcode UnavailableError} when it cannot do any other either
   */
  provide(
    program: ProgramName,
    path: string,
    work: string,
    options: { readonly log: (line: string) => void; readonly signal: AbortSignal },
  ): Promise<void>;
}

/** A provider can do nothing on this machine, whichever the program. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/**
 * Paths of all programs.
 *
 * @throws {Error} when one of them cannot be had: the message says what was tried
 */
export async function ensureAssets(options: AssetOptions): Promise<Assets> {
  const { log, env = Deno.env.get, signal = new AbortController().signal } = options;
  const providers = options.providers ?? [OFFICIAL_DOWNLOADS, GO_MODULES];
  const folder = cacheFolder(env);
  const given = env("KUBEBUILDER_ASSETS");
  const search = async () => {
    const found = new Map<ProgramName, string>();
    for (const name of PROGRAM_NAMES) {
      for (const each of given ? [given, folder] : [folder]) {
        if (!found.has(name) && await isFile(`${each}/${name}`)) found.set(name, `${each}/${name}`);
      }
    }
    return found;
  };
  const before = await search();
  if (before.size === PROGRAM_NAMES.length) return toAssets(before);

  await Deno.mkdir(folder, { recursive: true });
  using _lock = await lockFile(`${folder}/.lock`, {
    signal,
    onWait: (ms) =>
      log(`Waiting for another run that fetches the test bed: ${Math.round(ms / 1000)} s so far`),
  });
  await removeLeftovers(folder);
  const found = await search();
  const missing = PROGRAM_NAMES.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const places = [`KUBEBUILDER_ASSETS: ${given ?? "not set"}`, `cache: ${folder}`];
    await provideAll(missing, folder, { providers, places, log, signal });
  }
  for (const name of missing) found.set(name, `${folder}/${name}`);
  return toAssets(found);
}

/** The cache folder of exactly these versions, build flags and modules, on this platform. */
export function cacheFolder(env: (name: string) => string | undefined): string {
  const base = env("KUBECODE_TESTBED_CACHE") ||
    `${env("XDG_CACHE_HOME") || `${env("HOME") || homedir()}/.cache`}/kubecode/testbed`;
  const platform = currentPlatform();
  const hash = createHash("sha256").update(JSON.stringify(BUILDS));
  for (const name of PROGRAM_NAMES) {
    hash.update(JSON.stringify(officialDownload(name, platform) ?? null));
  }
  for (const folder of GO_FOLDERS) {
    hash.update(Deno.readFileSync(`${import.meta.dirname}/go/${folder}/go.mod`));
  }
  const key = hash.digest("hex").slice(0, 12);
  return `${base}/${KUBERNETES_VERSION}-${key}-${platform.os}-${platform.arch}`;
}

const WORK_PREFIX = ".work-";

/** Release files with a published checksum. */
const OFFICIAL_DOWNLOADS: Provider = {
  name: "official download",
  async provide(program, path, work, { log, signal }) {
    const source = officialDownload(program, currentPlatform());
    if (source === undefined) throw new Error("none is published for this platform");
    log(`Downloading ${program}`);
    try {
      await download(source, work, path, signal);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      throw new UnavailableError(error.message, { cause: error });
    }
  },
};

/** `go build` of the pinned modules. */
const GO_MODULES: Provider = {
  name: "build from Go modules",
  async provide(program, path, work, options) {
    if (await goVersion() === undefined) {
      throw new UnavailableError("go is not installed (https://go.dev/dl)");
    }
    const supervisor = await startSupervisor();
    try {
      await goBuild(supervisor, program, `${work}/${program}`, options);
    } finally {
      await supervisor.close();
    }
    await Deno.rename(`${work}/${program}`, path);
  },
};

async function provideAll(
  names: readonly ProgramName[],
  folder: string,
  options: {
    readonly providers: readonly Provider[];
    /** Where they were looked for in vain. */
    readonly places: readonly string[];
    readonly log: (line: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const unavailable = new Map<Provider, string>();
  for (const name of names) {
    const tried = [...options.places];
    let done = false;
    for (const provider of options.providers) {
      const known = unavailable.get(provider);
      if (known !== undefined) {
        tried.push(`${provider.name}: ${known}`);
        continue;
      }
      const work = await Deno.makeTempDir({ dir: folder, prefix: WORK_PREFIX });
      try {
        await provider.provide(name, `${folder}/${name}`, work, options);
        done = true;
        break;
      } catch (error) {
        options.signal.throwIfAborted();
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof UnavailableError) unavailable.set(provider, message);
        tried.push(`${provider.name}: ${message}`);
        options.log(`No ${provider.name} of ${name}: ${message}`);
      } finally {
        await Deno.remove(work, { recursive: true });
      }
    }
    if (!done) throw new Error(notFound(name, tried));
  }
}

/** What a run left that was killed; the lock is ours, so nobody works there. */
async function removeLeftovers(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(WORK_PREFIX)) {
      await Deno.remove(`${folder}/${entry.name}`, { recursive: true });
    }
  }
}

function notFound(name: ProgramName, tried: readonly string[]): string {
  return [
    `Cannot find "${name}" for the test bed. Tried:`,
    ...tried.map((each) => `  - ${each}`),
    "Install Go, let this machine reach the downloads, or name a folder with the programs in " +
    "KUBEBUILDER_ASSETS.",
  ].join("\n");
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

function toAssets(found: ReadonlyMap<ProgramName, string>): Assets {
  return Object.fromEntries(found) as Assets;
}
