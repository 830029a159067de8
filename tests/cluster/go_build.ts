/** Builds a program from the Go modules that are pinned beside this file. */
import { BUILDS, type ProgramName } from "./programs.ts";
import type { Supervisor } from "./supervised.ts";

/** How often a build that goes on says so. */
const NOTICE_MS = 30_000;

/** What Go says of itself; undefined where it is not installed. */
export async function goVersion(): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("go", {
      args: ["version"],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Builds one program.
 *
 * @param supervisor runs the build, so that it ends with this process; closed by the caller
 * @param output where the program gets
 * @throws {Error} with the end of Go's output when the build fails
 */
export async function goBuild(
  supervisor: Supervisor,
  name: ProgramName,
  output: string,
  options: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { log, signal } = options;
  const build = BUILDS[name];
  signal.throwIfAborted();
  log(`Building ${name} from Go modules`);
  const started = performance.now();
  const process = await supervisor.start({
    name: `build-${name}`,
    program: "go",
    args: ["build", "-trimpath", "-ldflags", build.ldflags, "-o", output, build.package],
    // Workspaces and flags of the user must not change what is built.
    env: { ...Deno.env.toObject(), CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOWORK: "off" },
    cwd: `${import.meta.dirname}/go/${build.folder}`,
  });
  const timer = setInterval(
    () => log(`Building ${name}: ${seconds(started)} so far`),
    NOTICE_MS,
  );
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const code = await Promise.race([process.exited, aborted.promise]);
    if (code !== 0) {
      const lines = (await Deno.readTextFile(process.log)).trim().split("\n");
      throw new Error(
        `Cannot build "${name}": go exits with ${code}.\n${lines.slice(-10).join("\n")}`,
      );
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", onAbort);
  }
  log(`Built ${name} in ${seconds(started)}`);
}

function seconds(since: number): string {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}
