/**
 * `kubecode doctor`: one line for each thing that must work, in the order in which one depends on
 * another. Requests to a cluster go through the broker, as everywhere; only how a cluster is reached
 * is read straight from the configuration.
 */
import type { BrokerCall, Brokers, ContextEntry, NamesIndex } from "../broker/types.ts";
import type { Settings } from "../config/settings/settings.ts";
import { describeError } from "../errors.ts";
import type { Evaluator } from "../eval/types.ts";
import { EXIT } from "../exit.ts";
import { describeCredentials } from "../kube/kubeconfig/credentials_text.ts";
import type { ClusterAccess } from "../kube/types.ts";
import { describeVersion, installedAs } from "../installed/kind.ts";
import { runningProgram } from "../installed/program.ts";
import { apiVersionOf } from "../names/groups.ts";
import { idleRules } from "../policy/idle_rules.ts";
import { matchesOne } from "../policy/rules/patterns.ts";
import type { Policy } from "../policy/types.ts";
import type { InstalledPrograms } from "../programs/run/find.ts";
import type { ProgramRunner } from "../programs/run/run.ts";
import { programVersion } from "../programs/run/version.ts";
import { didYouMean } from "../std/nearest.ts";
import { shown } from "../std/shown.ts";
import { VERSION } from "../version.ts";
import { type Printer, processPrinter } from "./print.ts";

const ORIGIN = { tool: "doctor", session: "terminal" } as const;

/** The parts that are checked. */
export interface DoctorParts {
  readonly settings: Settings;
  /** The config file in force, if there is one. */
  readonly configPath?: string;
  readonly wholePolicy: () => Policy;
  readonly allowedContexts: readonly string[];
  readonly brokers: Brokers;
  readonly evaluator: Evaluator;
  programs(): Promise<{
    readonly installed: InstalledPrograms;
    readonly runner: ProgramRunner;
  }>;
  access(context?: string): Promise<ClusterAccess>;
  /** Names of all contexts; undefined where the configuration cannot be read. */
  contextNames(): Promise<readonly string[] | undefined>;
}

/** Checks each part in turn. @returns the exit code: failed when something is wrong */
export async function diagnose(
  parts: DoctorParts,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
): Promise<number> {
  let failures = 0;
  const print = (state: "ok" | "warn" | "FAIL", what: string, text: string) =>
    printer.out(
      `${state.padEnd(4)} ${what.padEnd(11)} ${shown(text.replaceAll("\n", ". "))}`,
      { ok: undefined, warn: "warning" as const, FAIL: "bad" as const }[state],
    );
  const line = (ok: boolean, what: string, text: string) => {
    if (!ok) failures += 1;
    print(ok ? "ok" : "FAIL", what, text);
  };
  const warn = (what: string, text: string) => print("warn", what, text);
  const step = async (what: string, look: () => Promise<string>): Promise<boolean> => {
    const started = performance.now();
    try {
      const text = await look();
      line(true, what, text.replace("{ms}", `${Math.round(performance.now() - started)} ms`));
      return true;
    } catch (error) {
      line(false, what, describeError(error));
      return false;
    }
  };

  const { mode, profile } = parts.wholePolicy();
  const version = describeVersion(VERSION, installedAs(runningProgram()), Deno.version.deno);
  line(true, "kubecode", `${version}, ${Deno.build.target}`);
  const modeText = mode === "read-only" ? "read-only (--read-write allows changes)" : mode;
  if (parts.configPath !== undefined) line(true, "config file", parts.configPath);
  line(true, "mode", `${modeText}, profile ${profile}`);
  for (const idle of idleRules(parts.wholePolicy(), await parts.contextNames())) {
    warn("policy", idle);
  }
  line(true, "tool sets", parts.settings.toolsets.join(", "));
  line(true, "audit", parts.settings.audit ?? "not written (--audit PATH writes one)");
  await checkPrograms(parts, { step, warn }, signal);
  await step("sandbox", () => checkSandbox(parts.evaluator, signal));
  const found = await step("config", async () => {
    const access = await parts.access();
    const from = access.sources?.join(", ") ?? "embedded";
    const where = access.namespace === "" ? "all namespaces" : `namespace "${access.namespace}"`;
    return `${from}: context "${access.context}", ${where}`;
  });
  if (found) {
    line(true, "credentials", describeCredentials(await parts.access()));
    const reached = await step("server", () => describeServer(parts, undefined, signal));
    if (reached) {
      await step("api", () => describeApi(parts, signal));
      await step("user", () => whoAmI(parts, signal));
    }
  }
  if (parts.allowedContexts.length > 0) await checkContexts(parts, { step, warn }, signal);
  return failures === 0 ? EXIT.ok : EXIT.failed;
}

/** What tells the outcome of a check. */
interface Reports {
  step(what: string, look: () => Promise<string>): Promise<boolean>;
  warn(what: string, text: string): void;
}

/** Names the programs that tools may run, with their versions. */
async function checkPrograms(
  parts: DoctorParts,
  { step, warn }: Reports,
  signal: AbortSignal,
): Promise<void> {
  await step("programs", async () => {
    const { installed, runner } = await parts.programs();
    const told = await Promise.all([...installed].map(async ([name, path]) => {
      try {
        return [`${name} ${await programVersion(name, path, runner, signal)} (${path})`];
      } catch (error) {
        warn("programs", describeError(error));
        return [];
      }
    }));
    const offered = parts.settings.toolsets.includes("cli") ? "" : "; offered by --toolsets cli";
    return told.flat().length > 0 ? `${told.flat().join(", ")}${offered}` : "none is installed";
  });
}

/** Checks the other contexts that scripts may use, and warns of patterns that match none. */
async function checkContexts(
  parts: DoctorParts,
  { step, warn }: Reports,
  signal: AbortSignal,
): Promise<void> {
  let others: readonly string[] = [];
  let idle: readonly string[] = [];
  await step("contexts", async () => {
    const entries = await askJson(parts, { op: "contexts" }, signal) as ContextEntry[];
    idle = parts.allowedContexts.filter((pattern) =>
      !entries.some(({ name }) => matchesOne([pattern], name))
    );
    others = entries.filter(({ current }) => !current).map(({ name }) => name);
    return others.length > 0
      ? `scripts may use ${others.length} besides the current one`
      : `none besides the current one fits "${parts.allowedContexts.join(",")}"`;
  });
  const known = await parts.contextNames() ?? [];
  for (const pattern of idle) {
    warn("contexts", `"${pattern}" fits no context of the kubeconfig${didYouMean(pattern, known)}`);
  }
  await Promise.all(others.map((name) =>
    step("context", async () => {
      const { namespace } = await parts.access(name);
      return `"${name}", namespace "${namespace}": ${await describeServer(parts, name, signal)}`;
    })
  ));
}

/** Where the server is, and its version. */
async function describeServer(
  parts: DoctorParts,
  context: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  // First, since the broker leaves out details when a kubeconfig cannot be used.
  const { server } = await parts.access(context);
  const call = { op: "path", path: "/version", context } as const;
  const { gitVersion } = await askJson(parts, call, signal) as { gitVersion?: string };
  return `${server} is Kubernetes ${gitVersion ?? "of unknown version"}, {ms}`;
}

async function describeApi(parts: DoctorParts, signal: AbortSignal): Promise<string> {
  const { versions } = await askJson(parts, { op: "names" }, signal) as NamesIndex;
  const served = versions.filter(({ broken, resources }) =>
    broken === undefined || resources.length > 0
  );
  const resources = served.reduce((sum, { resources }) => sum + resources.length, 0);
  const broken = versions.filter(({ broken }) => broken !== undefined).map(apiVersionOf).join(", ");
  return `${resources} resources in ${served.length} group versions, {ms}${
    broken && `; without an answer: ${broken}`
  }`;
}

async function checkSandbox(evaluator: Evaluator, signal: AbortSignal): Promise<string> {
  const evaluation = await evaluator.evaluate({ script: "6 * 7" }, { origin: ORIGIN, signal });
  if (!evaluation.ok) throw new Error(evaluation.failure.message);
  return `a script runs, {ms} with a cold start`;
}

/** Asks the cluster who it takes us for (SelfSubjectReview, KEP-3325). */
async function whoAmI(parts: DoctorParts, signal: AbortSignal): Promise<string> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const call = {
    op: "request",
    verb: "create",
    group: "authentication.k8s.io",
    version: "v1",
    resource: "selfsubjectreviews",
  } as const;
  const body = new TextEncoder().encode(JSON.stringify(review));
  const { status } = await askJson(parts, call, signal, body) as {
    status?: { userInfo?: { username?: string; groups?: string[] } };
  };
  const { username = "unknown", groups = [] } = status?.userInfo ?? {};
  return `${username}${groups.length > 0 ? ` (${groups.join(", ")})` : ""}`;
}

async function askJson(
  { brokers }: DoctorParts,
  call: BrokerCall,
  signal: AbortSignal,
  body?: Uint8Array<ArrayBuffer>,
): Promise<unknown> {
  for await (const answer of brokers.as(ORIGIN).call(call, body, signal)) {
    return JSON.parse(new TextDecoder().decode(answer.body));
  }
  throw new Error("the cluster gave no answer");
}
