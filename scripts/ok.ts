/**
 * The gate: everything that must hold before a commit, in order, up to the first failure.
 *
 *     deno task ok [step …]
 *
 * Steps: generate, fmt, lint, check, layers, versions, test; all of them by default.
 */
import { CODE, ROOT } from "./files.ts";

/** One step of the gate: the arguments of a run of Deno that must succeed. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether its output is shown as it comes, and not only when it fails. */
  readonly live?: boolean;
}

/** In CI the lock file must hold what is needed; elsewhere it is brought up to date. */
const FROZEN: readonly string[] = Deno.env.get("CI") ? ["--frozen"] : [];

const STEPS: readonly Step[] = [
  { name: "generate", args: ["run", "-A", ...FROZEN, "scripts/generate.ts"] },
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "check", args: ["check", "--quiet", ...FROZEN, ...CODE] },
  { name: "layers", args: ["run", "-A", ...FROZEN, "scripts/check_layers.ts"] },
  { name: "versions", args: ["run", "-A", ...FROZEN, "scripts/check_versions.ts"] },
  { name: "test", args: ["run", "-A", ...FROZEN, "scripts/test.ts"], live: true },
];

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs one step; whether it succeeded. */
async function run(step: Step): Promise<boolean> {
  const started = performance.now();
  const done = (word: string) =>
    console.log(`${step.name}: ${word} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (step.live) console.log(`${step.name}: runs`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    cwd: ROOT,
    stdin: "null",
    stdout: step.live ? "inherit" : "piped",
    stderr: step.live ? "inherit" : "piped",
  }).spawn();
  // A step that is interrupted still cleans up; the gate waits for it.
  const pass = SIGNALS.map((name) => [name, () => child.kill(name)] as const);
  for (const [name, listener] of pass) Deno.addSignalListener(name, listener);
  const { success, output } =
    await (step.live
      ? child.status.then(({ success }) => ({ success, output: "" }))
      : child.output().then(({ success, stdout, stderr }) => ({
        success,
        output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr),
      })));
  for (const [name, listener] of pass) Deno.removeSignalListener(name, listener);
  // The last line of the tests stays the last line.
  if (!step.live) done(success ? "ok" : "FAILED");
  if (!success) console.log(output.trimEnd());
  return success;
}

if (import.meta.main) {
  const unknown = Deno.args.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(
      `Cannot run "${unknown[0]}": the steps are ${STEPS.map((s) => s.name).join(" ")}`,
    );
    Deno.exit(2);
  }
  for (const step of STEPS) {
    if (Deno.args.length > 0 && !Deno.args.includes(step.name)) continue;
    if (!await run(step)) Deno.exit(1);
  }
}
