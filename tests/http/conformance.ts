/** Runs the conformance suite of the Model Context Protocol against a server, and reads its verdicts. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What one check of one scenario has found. */
export interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly error: string;
}

/** The longest that a run of the suite may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Runs all that a revision requires.
 *
 * @throws {Error} where the suite itself fails, with what it wrote
 */
export async function conformanceOf(url: string, revision: string): Promise<Check[]> {
  const folder = await Deno.makeTempDir({ prefix: "conformance-" });
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--no-check", "--quiet"],
        ...["--config", fileURLToPath(new URL("../../deno.json", import.meta.url))],
        "npm:@modelcontextprotocol/conformance@0.2.0-alpha.12",
        ...["server", "--url", url, "--requirements", revision, "--output-dir", folder],
      ],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).output();
    const checks: Check[] = [];
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      // server-<scenario>-<time>
      const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(name)?.[1];
      if (!isDirectory || scenario === undefined) continue;
      const found = JSON.parse(await Deno.readTextFile(join(folder, name, "checks.json")));
      for (const { id, status, errorMessage } of found) {
        checks.push({ scenario, id, status, error: String(errorMessage ?? "") });
      }
    }
    if (checks.length === 0) {
      const text = new TextDecoder();
      throw new Error(`the suite did nothing: ${text.decode(stderr)}${text.decode(stdout)}`);
    }
    return checks;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Scenarios, or `scenario:check`, that do not apply to a server, each with the reason. */
export type NotApplicable = Readonly<Record<string, string>>;

/**
 * What is wrong: checks that fail and are not excused, and excuses that nothing needs. Prints what is
 * excused.
 */
export function faultsOf(checks: readonly Check[], notApplicable: NotApplicable): string[] {
  const used = new Set<string>();
  const faults: string[] = [];
  for (const { scenario, id, status, error } of checks) {
    if (status !== "FAILURE") continue;
    const excuse = [`${scenario}:${id}`, scenario].find((name) =>
      Object.hasOwn(notApplicable, name)
    );
    if (excuse === undefined) faults.push(`${scenario}:${id}: ${error}`);
    else used.add(excuse);
  }
  for (const reason of new Set(Object.values(notApplicable))) {
    const names = [...used].filter((name) => notApplicable[name] === reason).sort();
    if (names.length > 0) console.log(`skipped, since it ${reason}: ${names.join(" ")}`);
  }
  for (const name of Object.keys(notApplicable)) {
    if (!used.has(name)) faults.push(`${name} is excused, and does not fail`);
  }
  return faults;
}
