/** What the process has once, whoever calls: settings, the policy's source, logs, the audit, programs. */
import { type Audit, NO_AUDIT, openAudit } from "./audit.ts";
import type { KeptList, KeptLists } from "./broker/lists/types.ts";
import { createListStore } from "./broker/lists/list_store.ts";
import type { Followed } from "./config/file_watch.ts";
import type { Config } from "./config/schema.ts";
import type { Settings } from "./config/settings/settings.ts";
import type { EvalLimits } from "./eval/limits.ts";
import type { InstalledPrograms } from "./programs/run/find.ts";
import type { Transport } from "./kube/types.ts";
import type { ProgramRunner } from "./programs/run/run.ts";
import type { Policy } from "./policy/types.ts";
import { createLogger, type Logger } from "./log.ts";
import type { PoolOptions } from "./sandbox/parent/pool.ts";
import type { SharedTurns } from "./sandbox/parent/turns.ts";
import type { AroundCall } from "./server/tool_calls.ts";

const MIB = 1024 * 1024;

/** The parts that all tenants share. */
export interface Shared {
  readonly settings: Settings;
  /** The contents of the config file; empty where there is none. */
  readonly config: Config;
  /** The path of that file. */
  readonly configPath?: string;
  /** The policy in force, with the rules for all callers. */
  readonly wholePolicy: () => Policy;
  /** Starts to apply changes of the policy in the config file; undefined where there is no file. */
  readonly followConfig?: () => Promise<Followed>;
  readonly logger: Logger;
  readonly audit: Audit;
  /** Where large lists are kept that may be asked for again; undefined where none are. */
  readonly lists?: KeptLists["store"];
  /** Bounds of scripts that differ from the usual ones. */
  readonly limits: Partial<EvalLimits>;
  /** The programs of this machine that tools may run, and what runs them. */
  readonly programs: () => Promise<Programs>;
  /** What a server for many callers puts round the parts of its tenants. */
  readonly hooks?: Hooks;
  /** Ends programs, and writes out what is to be written. */
  close(): Promise<void>;
}

/** What all tenants share of the work: bounds for all of it together, and who watches it. */
export interface Hooks {
  /** Turns of sandbox children, over all tenants. */
  readonly turns: SharedTurns;
  readonly pool: PoolOptions;
  /** Watches the requests to clusters. */
  readonly transport: <Wire extends Transport>(transport: Wire) => Wire;
  /** Is told of each answer of a cluster that something was hidden in. */
  readonly onRedacted: () => void;
  /** Watches the calls of tools. @param user whose they are */
  readonly around: (user: string) => AroundCall;
}

/** The programs that tools may run. */
export interface Programs {
  readonly installed: InstalledPrograms;
  readonly runner: ProgramRunner;
}

/** What is known of a run besides its settings. */
export interface SharedOptions {
  readonly limits?: Partial<EvalLimits>;
  /** All that is run has a plan and is tried out, so that nothing can change. */
  readonly triesOnly?: boolean;
}

/**
 * Makes what all tenants share.
 *
 * @throws {ConfigError} a config file that cannot be used
 */
export async function createShared(
  given: Settings,
  { limits = {}, triesOnly = false }: SharedOptions = {},
): Promise<Shared> {
  const [
    { findConfigFile },
    { keepPolicy, policyOfTrials },
    { withConfig },
    { strayVariables },
  ] = await Promise.all([
    import("./config/config_path.ts"),
    import("./config/policy_source.ts"),
    import("./config/settings/settings.ts"),
    import("./config/settings/stray_variables.ts"),
  ]);
  const file = await findConfigFile(given.config, (name) => Deno.env.get(name));
  const settings = withConfig(given, file?.config ?? {});
  // The file's own profile may change with it; one that is given stays.
  const policy = keepPolicy(file, settings.mode, given.profile);
  const logger = createLogger(settings.logLevel);
  for (const sentence of strayVariables()) logger.warn(sentence);
  const audit = settings.audit === undefined ? NO_AUDIT : await openAudit(settings.audit, logger, {
    outputIsTaken: settings.transport === "stdio",
  });
  const programs = lazyPrograms(file?.config ?? {});
  const triedPolicy = () => policyOfTrials(policy.current());
  const { listCacheMib } = settings;
  const lists = listCacheMib > 0 ? createListStore<KeptList>(listCacheMib * MIB) : undefined;
  let followed: Followed | undefined;
  return {
    settings,
    config: file?.config ?? {},
    configPath: file?.path,
    wholePolicy: triesOnly ? triedPolicy : policy.current,
    followConfig: file && (async () => {
      const { followFile } = await import("./config/file_watch.ts");
      followed = followFile(file.path, policy.reload, logger);
      return followed;
    }),
    logger,
    audit,
    lists,
    limits,
    programs: programs.get,
    async close() {
      followed?.close();
      lists?.[Symbol.dispose]();
      await programs.close();
      await audit.close();
      await logger.flush();
    },
  };
}

/** The programs, looked for once they are asked for. */
function lazyPrograms({ programs = {} }: Config) {
  let found: Promise<Programs> | undefined;
  const find = async (): Promise<Programs> => {
    const [{ findPrograms }, { createProgramRunner }] = await Promise.all([
      import("./programs/run/find.ts"),
      import("./programs/run/run.ts"),
    ]);
    const installed = await findPrograms({
      kubectl: programs.kubectl?.path,
      helm: programs.helm?.path,
      istioctl: programs.istioctl?.path,
      argocd: programs.argocd?.path,
    }, Deno.env.get("PATH"));
    return { installed, runner: createProgramRunner() };
  };
  return {
    get: () => found ??= find(),
    close: async () => await (await found?.catch(() => undefined))?.runner.close(),
  };
}
