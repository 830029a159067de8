/** `kubecode doctor`: one line for each thing that must work, in the order in which they stand. */
import type { Broker } from "../broker/types.ts";
import type { Settings } from "../config/settings.ts";
import { describeError } from "../errors.ts";
import type { Evaluator } from "../eval/types.ts";
import type { KubeClient } from "../kube/client.ts";
import { describeCredentials } from "../kube/kubeconfig_user.ts";
import type { ClusterAccess } from "../kube/types.ts";
import { VERSION } from "../version.ts";
import { type Printer, processPrinter } from "./print.ts";

/** The parts that are looked at. */
export interface DoctorParts {
  readonly settings: Settings;
  readonly broker: Broker;
  readonly evaluator: Evaluator;
  access(): Promise<ClusterAccess>;
  connect(): Promise<KubeClient>;
}

/** Looks at each part in turn. @returns 0 when all is well, 1 when something is not */
export async function diagnose(
  parts: DoctorParts,
  signal: AbortSignal,
  printer: Printer = processPrinter(),
): Promise<number> {
  let failures = 0;
  const line = (ok: boolean, what: string, text: string) => {
    if (!ok) failures += 1;
    printer.out(`${ok ? "ok  " : "FAIL"} ${what.padEnd(11)} ${text.replaceAll("\n", ". ")}`);
  };
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

  const { settings } = parts;
  line(true, "kubecode", `${VERSION}, Deno ${Deno.version.deno}, ${Deno.build.target}`);
  line(true, "mode", settings.readWrite ? "read-write" : "read-only (--read-write allows changes)");
  await step("sandbox", () => checkSandbox(parts.evaluator, signal));
  const found = await step("config", async () => {
    const access = await parts.access();
    const from = access.sources?.join(", ") ?? "embedded";
    return `${from}: context "${access.context}", namespace "${access.namespace}"`;
  });
  if (found) {
    const access = await parts.access();
    line(true, "credentials", describeCredentials(access));
    const reached = await step("server", async () => {
      const client = await parts.connect();
      const version = await client.getJson("/version", { signal }) as { gitVersion?: string };
      return `${access.server} is Kubernetes ${version.gitVersion ?? "of unknown version"}, {ms}`;
    });
    if (reached) {
      await step("api", async () => {
        const index = await (await parts.connect()).index({ signal });
        const resources = index.versions.reduce((sum, { resources }) => sum + resources.length, 0);
        const broken = index.broken.map(({ groupVersion }) => groupVersion).join(", ");
        return `${resources} resources in ${index.versions.length} group versions, {ms}${
          broken && `; without an answer: ${broken}`
        }`;
      });
      await step("user", () => whoAmI(parts, signal));
    }
  }
  return failures === 0 ? 0 : 1;
}

async function checkSandbox(evaluator: Evaluator, signal: AbortSignal): Promise<string> {
  const evaluation = await evaluator.evaluate({ script: "6 * 7" }, { signal });
  if (!evaluation.ok) throw new Error(evaluation.failure.message);
  return `a script runs, {ms} with a cold start`;
}

/** Asks the cluster who it takes us for (SelfSubjectReview, KEP-3325). */
async function whoAmI({ broker }: DoctorParts, signal: AbortSignal): Promise<string> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const call = {
    op: "request",
    verb: "create",
    group: "authentication.k8s.io",
    version: "v1",
    resource: "selfsubjectreviews",
  } as const;
  const body = new TextEncoder().encode(JSON.stringify(review));
  for await (const answer of broker.call(call, body, signal)) {
    const { status } = JSON.parse(new TextDecoder().decode(answer.body)) as {
      status?: { userInfo?: { username?: string; groups?: string[] } };
    };
    const { username = "unknown", groups = [] } = status?.userInfo ?? {};
    return `${username}${groups.length > 0 ? ` (${groups.join(", ")})` : ""}`;
  }
  throw new Error("the cluster gave no answer");
}
