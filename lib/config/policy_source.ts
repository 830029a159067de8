/** The policy of a run, from the config file and the flags. */
import { makePolicy } from "../policy/profiles.ts";
import type { Mode, Policy, ProfileName } from "../policy/types.ts";
import type { ConfigFile } from "./file.ts";

/**
 * The policy that the config file and the command line make.
 *
 * @param mode from the command line or the environment; it overrides the file's
 * @param profile likewise
 */
export function policyOf(
  file: ConfigFile | undefined,
  mode: Mode | undefined,
  profile?: ProfileName,
): Policy {
  const section = file?.config.policy;
  const name = file?.path.split(/[\\/]/).at(-1);
  return makePolicy({
    mode: mode ?? section?.mode,
    profile: profile ?? section?.profile,
    rules: section?.rules.map((rule, index) => {
      const line = file?.lineOf(["policy", "rules", index]);
      return {
        ...rule,
        name: rule.name ?? `#${index + 1}`,
        source: `${name}:${line}`,
        file: file?.path,
        line,
      };
    }),
  });
}

/**
 * The policy of a run in which everything is tried out and nothing made: being read-only is no reason
 * to refuse there. What rules deny they deny all the same.
 */
export function policyOfTrials(policy: Policy): Policy {
  return policy.mode === "read-only" ? { ...policy, mode: "read-write" } : policy;
}

/** A policy that can be replaced while the server runs. */
export interface KeptPolicy {
  current(): Policy;
  /**
   * Reads the file again and takes its policy, whole or not at all. The mode cannot change: the
   * list of tools that clients have read depends on it.
   *
   * @throws {ConfigError} the file cannot be used, or asks for another mode
   */
  reload(): Promise<void>;
}

/** Holds the policy of a run; {@linkcode policyOf} makes it. */
export function keepPolicy(
  file: ConfigFile | undefined,
  mode: Mode | undefined,
  profile?: ProfileName,
): KeptPolicy {
  let policy = policyOf(file, mode, profile);
  return {
    current: () => policy,
    async reload() {
      if (file === undefined) return;
      const { configError, readConfigFile } = await import("./file.ts");
      const changed = await readConfigFile(file.path);
      const next = policyOf(changed, mode, profile);
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
