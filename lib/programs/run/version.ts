/** Which version a program is of: for `kubecode doctor`. */
import { ConfigError } from "../../errors.ts";
import type { ProgramName } from "../types.ts";
import type { ProgramRunner } from "./run.ts";

/** How each program tells its own version without asking a server. */
const QUESTIONS: Readonly<Record<ProgramName, readonly string[]>> = {
  kubectl: ["version", "--client"],
  helm: ["version", "--short"],
  istioctl: ["version", "--remote=false", "--short"],
  argocd: ["version", "--client", "--short"],
};

const LIMITS = { timeoutMs: 10_000, outputBytes: 64 * 1024 };

/**
 * The version of a program, by its own words.
 *
 * @throws {ConfigError} it cannot be started, or does not say
 */
export async function programVersion(
  name: ProgramName,
  path: string,
  runner: ProgramRunner,
  signal: AbortSignal,
): Promise<string> {
  await using folder = await runner.openFolder();
  const { stdout, ending } = await runner.run({
    path,
    argv: QUESTIONS[name],
    kubeconfig: "",
    folder: folder.path,
    limits: LIMITS,
    signal,
  });
  const [version] = /\bv?\d+\.\d+[\w.+-]*/.exec(new TextDecoder().decode(stdout)) ?? [];
  if (version !== undefined) return version;
  throw new ConfigError(
    `Cannot tell the version of "${path}": ${
      ending === "exit" ? "it does not say" : "it does not answer"
    }`,
  );
}
