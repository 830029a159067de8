/** The policy of a run, from the config file and the flags. */
import { makePolicy } from "../policy/profiles.ts";
import type { Mode, Policy } from "../policy/types.ts";
import { configError, type ConfigFile, readConfigFile } from "./file.ts";

/**
 * The policy of a run.
 *
 * @param mode what the command line and the environment say, if they do: it goes before the file's
 */
export function policyOf(file: ConfigFile | undefined, mode: Mode | undefined): Policy {
  const section = file?.config.policy;
  const name = file?.path.split(/[\\/]/).at(-1);
  return makePolicy({
    mode: mode ?? section?.mode,
    profile: section?.profile,
    rules: section?.rules.map((rule, index) => ({
      ...rule,
      name: rule.name ?? `#${index + 1}`,
      source: `${name}:${file?.lineOf(["policy", "rules", index])}`,
    })),
  });
}

/** The policy in force, and the way to another. */
export interface KeptPolicy {
  current(): Policy;
  /**
   * Takes the policy of the file as it is now, whole or not at all. Its mode stays that of the
   * start: clients have been told what the tools can do.
   *
   * @throws {ConfigError} the file cannot be used, or asks for another mode
   */
  reload(): Promise<void>;
}

/** Keeps the policy of a run: see {@linkcode policyOf}. */
export function keepPolicy(file: ConfigFile | undefined, mode: Mode | undefined): KeptPolicy {
  let policy = policyOf(file, mode);
  return {
    current: () => policy,
    async reload() {
      if (file === undefined) return;
      const changed = await readConfigFile(file.path);
      const next = policyOf(changed, mode);
      if (next.mode !== policy.mode) {
        throw configError(
          changed.path,
          changed.lineOf(["policy", "mode"]),
          `policy.mode: it cannot become ${next.mode} while the server runs`,
          "Start the server again.",
        );
      }
      policy = next;
    },
  };
}
