/**
 * What the steps of a release share: their command line, the folder that each leaves its files in for
 * the next, and programs that are run for real or only shown.
 *
 *     deno run -A scripts/release/<step>.ts [--dry-run] [--output FOLDER] [--target NAME]…
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { VERSION } from "../../../lib/version.ts";
import { ROOT } from "../../files.ts";
import { programName, type Target, TARGETS } from "./project.ts";

/** A release under way. */
export interface Release {
  readonly version: string;
  /** Nothing leaves this machine; what is missing here is said and left out. */
  readonly dryRun: boolean;
  /** Absolute path of the folder with all files of the release. */
  readonly folder: string;
  /** The systems that it is for. */
  readonly targets: readonly Target[];
  /** The time that files in archives have: the same commit gives the same bytes. */
  readonly time: Date;
  readonly log: (line: string) => void;
}

/** A step: a file of this folder. */
export type Step = (release: Release) => Promise<void>;

/** Runs one step as a program, and ends the process with 1 where it fails. */
export async function runStep(step: Step, args: readonly string[] = Deno.args): Promise<void> {
  try {
    await step(await readRelease(args));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

/**
 * Reads the command line of a step.
 *
 * @throws {Error} an unknown option or target
 */
export async function readRelease(args: readonly string[]): Promise<Release> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "dry-run": { type: "boolean" },
      output: { type: "string" },
      target: { type: "string", multiple: true },
    },
  });
  const folder = resolve(values.output ?? `${ROOT}/dist/release`);
  await Deno.mkdir(folder, { recursive: true });
  return {
    version: VERSION,
    dryRun: values["dry-run"] === true,
    folder,
    targets: targetsOf(values.target),
    time: await sourceTime(),
    log: (line) => console.error(line),
  };
}

function targetsOf(names: readonly string[] | undefined): readonly Target[] {
  const unknown = names?.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = TARGETS.map(({ name }) => name).join(", ");
    throw new Error(`Cannot build for "${unknown}": the targets are ${known}`);
  }
  return names === undefined ? TARGETS : TARGETS.filter(({ name }) => names.includes(name));
}

/**
 * SOURCE_DATE_EPOCH, else the time of the last commit.
 *
 * @see {@link https://reproducible-builds.org/specs/source-date-epoch/}
 */
async function sourceTime(): Promise<Date> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  const seconds = given ?? await output("git", ["log", "-1", "--format=%ct"]);
  if (!/^\d{1,12}$/.test(seconds)) {
    throw new Error(`Cannot use SOURCE_DATE_EPOCH "${seconds}": it must be seconds since 1970`);
  }
  return new Date(Number(seconds) * 1000);
}

/** Where the binary of a target lies. */
export function binaryPath({ folder }: Pick<Release, "folder">, target: Target): string {
  return `${folder}/bin/${target.name}/${programName(target)}`;
}

/**
 * The targets whose binary has been built. In a dry run the others are named and left out.
 *
 * @throws {Error} in a real run one is missing, and in any run all are
 */
export async function builtTargets(release: Release): Promise<readonly Target[]> {
  const exist = await Promise.all(release.targets.map((each) => exists(binaryPath(release, each))));
  const missing = release.targets.filter((_, at) => !exist[at]).map(({ name }) => name);
  const built = release.targets.filter((_, at) => exist[at]);
  if (missing.length > 0 && (!release.dryRun || built.length === 0)) {
    throw new Error(
      `Cannot go on: there is no binary for ${missing.join(", ")}; run build.ts first`,
    );
  }
  if (missing.length > 0) release.log(`Left out, for want of a binary: ${missing.join(", ")}`);
  return built;
}

/** Whether there is a file or folder. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** SHA-256 of a file in hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Runs a program that changes something elsewhere; a dry run only shows it. */
export async function perform(
  { dryRun, log }: Pick<Release, "dryRun" | "log">,
  program: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const words = [program, ...args].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`
  );
  log(`${dryRun ? "Would run" : "Runs"}: ${words.join(" ")}`);
  if (dryRun) return;
  const { success } = await spawn(program, args, options.env).status;
  if (!success) throw new Error(`Cannot go on: ${program} ${args[0] ?? ""} has failed`);
}

function spawn(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      cwd: ROOT,
      env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot go on: there is no program "${program}" on the PATH`);
  }
}

/**
 * What a program prints, without the line break at its end.
 *
 * @throws {Error} it fails, with what it said
 */
export async function output(
  program: string,
  args: readonly string[],
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trimEnd();
  throw new Error(`Cannot run ${program} ${args[0] ?? ""}: ${decoder.decode(stderr).trim()}`);
}
