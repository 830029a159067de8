/** A release in a folder of its own, of which a test runs single steps as the workflow does. */
import assert from "node:assert/strict";
import { ROOT } from "../../scripts/files.ts";
import { programName, type Target, TARGETS } from "../../scripts/release/parts/project.ts";
import { binaryPath, sha256 } from "../../scripts/release/parts/step.ts";

/** The folder of a release, without any binary at first. */
export interface TestRelease extends AsyncDisposable {
  readonly folder: string;
  /** Puts a file in the place of a target's binary. */
  place(target: Target, data: Uint8Array | { readonly path: string }): Promise<void>;
  /** Runs a step dry; what it said. @throws {Error} it failed, with what it said */
  run(step: string, ...args: string[]): Promise<string>;
  /** SHA-256 of one of its files. */
  hash(name: string): Promise<string>;
}

/** Makes an empty one. */
export async function testRelease(): Promise<TestRelease> {
  const folder = await Deno.makeTempDir({ prefix: "kubecode release " });
  return {
    folder,
    async place(target, data) {
      const path = binaryPath({ folder }, target);
      await Deno.mkdir(path.slice(0, -programName(target).length), { recursive: true });
      await Deno.remove(path).catch(() => {});
      if (data instanceof Uint8Array) await Deno.writeFile(path, data);
      else await Deno.symlink(data.path, path);
    },
    async run(step, ...args) {
      const command = ["run", "-A", "--quiet", `${ROOT}/scripts/release/${step}.ts`];
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...command, "--dry-run", "--output", folder, ...args],
        // The time of the files, wherever the sources are.
        env: { SOURCE_DATE_EPOCH: "1700000000" },
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stderr);
      if (!success) throw new Error(said);
      return said;
    },
    hash: (name) => sha256(`${folder}/${name}`),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const STAND_IN = new TextEncoder().encode("#!/bin/sh\necho stand-in\n");

/** One with stand-ins for the binaries of all targets. */
export async function releaseOfStandIns(): Promise<TestRelease> {
  const release = await testRelease();
  for (const each of TARGETS) await release.place(each, STAND_IN);
  return release;
}

/** A target by its name. */
export function target(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  assert.ok(found, name);
  return found;
}

/** The target of this machine. */
export const OWN_TARGET: Target = target(
  `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "amd64"}`,
);

/** The binary that `deno task test` has compiled. */
export function testBinary(): string {
  const path = Deno.env.get("KUBECODE_TEST_BINARY");
  assert.ok(path, "no binary to test: run the tests by `deno task test`");
  return path;
}

/** What a program that was run to its end gave. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with nothing of the caller's environment but what is needed to find programs. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: options.cwd,
    clearEnv: true,
    env: { ...baseEnvironment(), ...options.env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What programs are found by, and how npm reaches its registry. */
export function baseEnvironment(): Record<string, string> {
  const passed = /^(PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_.*|.*_proxy)$/i;
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => passed.test(name)),
  );
}
