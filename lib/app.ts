/** The composition: from settings to the parts that all commands run on. */
import { type Audit, type AuditPlace, NO_AUDIT, openAudit } from "./audit.ts";
import { lazyBrokers } from "./broker/lazy.ts";
import type { ProgramBrokers } from "./broker/types.ts";
import { createClusters } from "./clusters.ts";
import type { Followed } from "./config/file_watch.ts";
import type { Config } from "./config/schema.ts";
import type { Settings } from "./config/settings.ts";
import type { EvalLimits } from "./eval/limits.ts";
import type { Evaluator } from "./eval/types.ts";
import type { KubeClient } from "./kube/client.ts";
import type { InstalledPrograms } from "./programs/run/find.ts";
import type { ProgramRunner } from "./programs/run/run.ts";
import type { Policy } from "./policy/types.ts";
import type { ClusterAccess } from "./kube/types.ts";
import { createLogger, type Logger } from "./log.ts";
import { once } from "./std/async.ts";
import { createNotices, type Notices } from "./std/notices.ts";

/** The running parts. */
export interface App {
  readonly settings: Settings;
  /** The contents of the config file; empty where there is none. */
  readonly config: Config;
  /** The path of that file. */
  readonly configPath?: string;
  /** The policy in force. */
  readonly policy: () => Policy;
  /** Starts to apply changes of the policy in the config file; undefined where there is no file. */
  readonly followConfig?: () => Promise<Followed>;
  /** What a person should see at once: a login that waits for them. */
  readonly notices: Notices;
  readonly logger: Logger;
  readonly audit: Audit;
  /** The current context as the audit names it, as far as it is known. */
  readonly auditPlace: () => AuditPlace;
  readonly brokers: ProgramBrokers;
  readonly evaluator: Evaluator & { warm(): void };
  /** The programs of this machine that tools may run, and what runs them. */
  readonly programs: () => Promise<Programs>;
  /** Patterns of the contexts that scripts may use besides the current one. */
  readonly allowedContexts: readonly string[];
  /** How a context is reached, and the client for it that the brokers use: see clusters.ts. */
  access(context?: string): Promise<ClusterAccess>;
  connect(context?: string): Promise<KubeClient>;
  /** Names of all contexts; undefined where the configuration cannot be read. */
  contextNames(): Promise<readonly string[] | undefined>;
  /** Ends children, connections and the demo cluster. */
  close(): Promise<void>;
}

/** The programs that tools may run. */
export interface Programs {
  readonly installed: InstalledPrograms;
  readonly runner: ProgramRunner;
}

/** What is known of a run besides its settings. */
export interface AppOptions {
  readonly limits?: Partial<EvalLimits>;
  /** All that is run has a plan and is tried out, so that nothing can change. */
  readonly triesOnly?: boolean;
}

/**
 * Makes the parts. The config file is read at once; other files are read and connections made only
 * when needed.
 *
 * @throws {ConfigError} a config file that cannot be used
 */
export async function createApp(
  given: Settings,
  { limits = {}, triesOnly = false }: AppOptions = {},
): Promise<App> {
  const [{ findConfigFile }, { keepPolicy, policyOfTrials }, { withConfig }] = await Promise.all([
    import("./config/config_path.ts"),
    import("./config/policy_source.ts"),
    import("./config/settings.ts"),
  ]);
  const file = await findConfigFile(given.config, (name) => Deno.env.get(name));
  const settings = withConfig(given, file?.config ?? {});
  // The file's own profile may change with it; one that is given stays.
  const policy = keepPolicy(file, settings.mode, given.profile);
  const current = triesOnly ? () => policyOfTrials(policy.current()) : policy.current;
  const logger = createLogger(settings.logLevel);
  const audit = settings.audit === undefined ? NO_AUDIT : await openAudit(settings.audit, logger);
  const notices = createNotices();
  const { access, connect, contexts: list, place, close: closeClusters } = createClusters(
    settings,
    logger,
    notices.tell,
  );
  // The audit names the cluster in each line, also before the first request to it.
  if (settings.audit !== undefined) access().catch(() => {});
  const allowed = settings.contexts ?? [];
  const brokers = lazyBrokers(once(async () => {
    const { createBrokers } = await import("./broker/broker.ts");
    return createBrokers({
      connect,
      contexts: { allowed, list },
      policy: current,
      logger,
      audit,
    });
  }));
  const programs = lazyPrograms(file?.config ?? {});
  let followed: Followed | undefined;
  const evaluator = lazyEvaluator(async () => {
    const [{ parseCall }, { childCommand }, { createEvaluator }] = await Promise.all([
      import("./broker/calls.ts"),
      import("./sandbox/parent/command.ts"),
      import("./eval/parent/evaluator.ts"),
    ]);
    const command = childCommand("script");
    return createEvaluator({ brokers, parseCall, command, logger, limits });
  });
  return {
    settings,
    config: file?.config ?? {},
    configPath: file?.path,
    policy: current,
    followConfig: file && (async () => {
      const { followFile } = await import("./config/file_watch.ts");
      followed = followFile(file.path, policy.reload, logger);
      return followed;
    }),
    allowedContexts: allowed,
    notices,
    logger,
    audit,
    auditPlace: place,
    brokers,
    evaluator,
    programs: programs.get,
    access,
    connect,
    contextNames: () => list().then((entries) => entries.map(({ name }) => name), () => undefined),
    async close() {
      followed?.close();
      await Promise.all([evaluator.close(), programs.close(), closeClusters()]);
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

/** An evaluator that is loaded with the first script. */
function lazyEvaluator(load: () => Promise<App["evaluator"]>): App["evaluator"] {
  let made: ReturnType<typeof load> | undefined;
  const get = () => made ??= load();
  return {
    evaluate: async (request, options) => await (await get()).evaluate(request, options),
    warm: () => void get().then((evaluator) => evaluator.warm(), () => {}),
    close: async () => await (await made)?.close(),
  };
}
