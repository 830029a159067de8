/**
 * Runs the tests: starts the test cluster, builds the binary, runs `deno test`, and ends with the
 * line `<n> passed, <n> failed`.
 *
 *     deno task test [--quick] [--no-cluster] [--no-binary] [paths and options of deno test]
 *
 * `--no-cluster` and `--no-binary` leave out what they name; `--quick` leaves out both, the tests that
 * take long unless paths are given, and runs files side by side. Tests that need what is left out are ignored, and
 * counted by what they need (tests/support/needs.ts). Without these options all tests run, or fail.
 *
 * Tests find the cluster by KUBECODE_TEST_KUBECONFIG and KUBECODE_TEST_ASSETS (the folder of its
 * programs), the binary by KUBECODE_TEST_BINARY. Nothing of the caller's own cluster reaches them.
 */
import { type Need, WITHOUT_VARIABLE } from "../tests/support/needs.ts";
import { compile } from "./compile.ts";
import { ROOT } from "./files.ts";
import { generate } from "./generate.ts";
import { onLauncherGone } from "./launchers.ts";
import { runGroup } from "./process_group.ts";
import { ignoredReport, summarize, summaryLine, type TestSummary } from "./test_summary.ts";

/** A run that writes nothing for so long is taken to hang. */
const SILENCE_MS = 10 * 60_000;

/** What each option leaves out. */
const LEFT_OUT: Readonly<Record<string, readonly Need[]>> = {
  "--quick": ["a control plane", "the binary", "time"],
  "--no-cluster": ["a control plane"],
  "--no-binary": ["the binary"],
};

/** How the caller reaches clusters of its own, or another run's; tests must not. */
const OTHER_CLUSTERS = [
  "KUBECONFIG",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  "KUBECODE_TEST_KUBECONFIG",
  "KUBECODE_TEST_ASSETS",
];

const NOTHING_RAN: TestSummary = { passed: 0, failed: 1, ignored: [] };

/** Sets up what is asked for, runs the tests, and takes it all down again. */
async function runTests(args: readonly string[], signal: AbortSignal): Promise<TestSummary> {
  const env = Deno.env.toObject();
  for (const name of OTHER_CLUSTERS) delete env[name];
  const without = new Set(args.flatMap((each) => LEFT_OUT[each] ?? []));
  // Whoever names files wants all of them that there can be.
  if ((await pathsOf(args)).length > 0) without.delete("time");
  // The test cluster brings its own.
  if (without.has("a control plane") && !await has("kubectl", "version", "--client")) {
    without.add("kubectl");
  }
  env[WITHOUT_VARIABLE] = [...without].join();
  await generate();
  if (!without.has("the binary")) {
    say("Compiling the binary");
    env.KUBECODE_TEST_BINARY = await compile({ log: say, signal });
  }
  if (without.has("a control plane")) return await denoTest(args, env, signal);
  // Loaded here: without a cluster nothing of it is needed.
  const { ensureAssets } = await import("../tests/cluster/assets.ts");
  const { startCluster } = await import("../tests/cluster/cluster.ts");
  say("Looking for the test cluster's programs");
  await ensureAssets({ log: say });
  signal.throwIfAborted();
  say("Starting the test cluster");
  const started = performance.now();
  const cluster = await startCluster();
  try {
    say(`Test cluster at ${cluster.server}, ready after ${seconds(started)}`);
    env.KUBECODE_TEST_KUBECONFIG = cluster.kubeconfig;
    env.KUBECODE_TEST_ASSETS = cluster.assets;
    return await denoTest(args, env, signal);
  } finally {
    await cluster.close();
  }
}

async function denoTest(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TestSummary> {
  const rest = args.filter((each) => !Object.hasOwn(LEFT_OUT, each));
  const frozen = Deno.env.get("CI") ? ["--frozen"] : [];
  const decoder = new TextDecoder();
  let output = "";
  const { code, silent } = await runGroup({
    program: Deno.execPath(),
    // Types are checked by the gate; here they would only cost time.
    args: [
      "test",
      "--allow-all",
      "--no-check",
      "--sanitize-ops",
      "--sanitize-resources",
      ...args.includes("--quick") ? ["--parallel"] : [],
      ...frozen,
      ...rest,
      ...(await pathsOf(args)).length > 0 ? [] : ["tests/"],
    ],
    cwd: ROOT,
    env,
    onOutput: (chunk) => {
      output += decoder.decode(chunk, { stream: true });
      write(chunk);
    },
    signal,
    silenceMs: SILENCE_MS,
  });
  if (silent) say(`Nothing was written for ${SILENCE_MS / 60_000} minutes: ended.`);
  return summarize(output, code);
}

async function has(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdin: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The arguments that are paths inside the repository, and so no options or their values. */
async function pathsOf(args: readonly string[]): Promise<string[]> {
  const candidates = args.filter((each) => !each.startsWith("-"));
  const exist = await Promise.all(
    candidates.map((path) => Deno.stat(`${ROOT}/${path}`).then(() => true, () => false)),
  );
  return candidates.filter((_, index) => exist[index]);
}

function say(line: string): void {
  write(new TextEncoder().encode(`${line}\n`));
}

function write(chunk: Uint8Array): void {
  try {
    for (let at = 0; at < chunk.length;) at += Deno.stdout.writeSync(chunk.subarray(at));
  } catch {
    // Nobody reads any more; what was started is still to be taken down.
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

if (import.meta.main) {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => controller.abort(new Error(`Ended by ${name}.`)));
  }
  using _ = onLauncherGone(() => controller.abort(new Error("Ended: its caller is gone.")));
  const started = performance.now();
  let summary = NOTHING_RAN;
  try {
    summary = await runTests(Deno.args, controller.signal);
  } catch (error) {
    say(`Cannot run the tests: ${error instanceof Error ? error.message : error}`);
  }
  const ignored = ignoredReport(summary.ignored);
  if (ignored.length > 0) say(["", ...ignored].join("\n"));
  say(`\nTook ${seconds(started)}`);
  say(summaryLine(summary));
  Deno.exit(summary.failed === 0 && !controller.signal.aborted ? 0 : 1);
}
