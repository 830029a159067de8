/**
 * Puts the parts together: settings in, something that runs out. What a command does not use is not
 * loaded: parts are imported when they are needed.
 */
import { existsSync } from "node:fs";
import { type Audit, NO_AUDIT, openAudit } from "./audit.ts";
import type { Brokers } from "./broker/types.ts";
import type { Task } from "./cli/command_line.ts";
import { createClusters } from "./clusters.ts";
import type { Followed } from "./config/follow.ts";
import type { Config } from "./config/schema.ts";
import type { Settings } from "./config/settings.ts";
import { ConfigError, describeError, KubecodeError } from "./errors.ts";
import type { EvalLimits } from "./eval/limits.ts";
import type { Evaluator } from "./eval/types.ts";
import type { KubeClient } from "./kube/client.ts";
import type { Policy } from "./policy/types.ts";
import type { ClusterAccess } from "./kube/types.ts";
import { createLogger, type Logger } from "./log.ts";
import { VERSION } from "./version.ts";

/** The hidden command under which the program runs as a sandbox child. */
const SANDBOX_COMMAND = "sandbox-child";

/** The running parts. */
export interface App {
  readonly settings: Settings;
  /** What the config file says; empty without one. */
  readonly config: Config;
  /** Where that file is; undefined where none is in force. */
  readonly configPath?: string;
  /** The policy in force. */
  readonly policy: () => Policy;
  /** Takes changes of the config file's policy from now on; undefined without such a file. */
  readonly followConfig?: () => Promise<Followed>;
  readonly logger: Logger;
  readonly audit: Audit;
  /** A path, or "stderr"; undefined where no audit is written. */
  readonly auditTarget?: string;
  readonly brokers: Brokers;
  readonly evaluator: Evaluator & { warm(): void };
  /** Patterns of the contexts that scripts may use besides the current one. */
  readonly allowedContexts: readonly string[];
  /** How the cluster is reached; throws a ConfigError when there is no usable configuration. */
  access(): Promise<ClusterAccess>;
  /** The client that the brokers use; that of another context where one is named. */
  connect(context?: string): Promise<KubeClient>;
  /** Ends children, connections and the demo cluster. */
  close(): Promise<void>;
}

/**
 * Makes the parts. The config file is read at once; no other file is, and nothing is sent, before
 * it is needed.
 *
 * @throws {ConfigError} a config file that cannot be used
 */
export async function createApp(
  settings: Settings,
  limits: Partial<EvalLimits> = {},
): Promise<App> {
  const [
    { createBrokers },
    { parseCall },
    { createEvaluator },
    { findConfigFile },
    { keepPolicy },
  ] = await Promise.all([
    import("./broker/broker.ts"),
    import("./broker/parse_call.ts"),
    import("./eval/parent/evaluator.ts"),
    import("./config/file.ts"),
    import("./config/policy.ts"),
  ]);
  const file = await findConfigFile(settings.config, (name) => Deno.env.get(name));
  const policy = keepPolicy(file, settings.mode);
  const logger = createLogger(settings.logLevel);
  const auditTarget = settings.audit ?? file?.config.audit?.file;
  const audit = auditTarget === undefined ? NO_AUDIT : await openAudit(auditTarget, logger);
  const { access, connect, contexts: list, close: closeClusters } = createClusters(
    settings,
    logger,
  );
  const allowed = settings.contexts ?? file?.config.contexts ?? [];
  const brokers = createBrokers({
    connect,
    contexts: { allowed, list },
    policy: policy.current,
    logger,
    audit,
  });
  let followed: Followed | undefined;
  const evaluator = createEvaluator({
    brokers,
    parseCall,
    command: sandboxCommand(),
    logger,
    limits,
  });
  return {
    settings,
    config: file?.config ?? {},
    configPath: file?.path,
    policy: policy.current,
    followConfig: file && (async () => {
      const { followFile } = await import("./config/follow.ts");
      followed = followFile(file.path, policy.reload, logger);
      return followed;
    }),
    allowedContexts: allowed,
    logger,
    audit,
    auditTarget,
    brokers,
    evaluator,
    access,
    connect,
    async close() {
      followed?.close();
      await Promise.all([evaluator.close(), closeClusters()]);
      await audit.close();
      await logger.flush();
    },
  };
}

/** Where Deno keeps modules; a child that runs from source needs it to find its own. */
const CACHE_VARIABLES = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA", "SystemRoot"];

/** How this program, in whatever form it runs, starts itself as a sandbox child. */
export function sandboxCommand() {
  if (Deno.build.standalone) {
    return { program: Deno.execPath(), args: [SANDBOX_COMMAND], env: {} };
  }
  const env: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of CACHE_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  const flags = ["--quiet", "--no-prompt", "--cached-only", "--no-check"];
  // One bundled module starts itself; from source the child loads nothing but its own part.
  const isSource = import.meta.url.endsWith(".ts");
  const entry = isSource
    ? [new URL("./eval/child/child_main.ts", import.meta.url).href]
    : [import.meta.url, SANDBOX_COMMAND];
  if (isSource) requireGenerated(new URL("./eval/child/sandbox.generated.ts", import.meta.url));
  return {
    program: Deno.execPath(),
    args: ["run", ...flags, "--unstable-worker-options", ...entry],
    env,
  };
}

/** @throws {ConfigError} the sandbox has not been built in this checkout */
function requireGenerated(file: URL): void {
  if (existsSync(file)) return;
  throw new ConfigError("Cannot start the sandbox: it is not built in this checkout", {
    hint: "Run deno task generate once, or start kubecode by deno task kubecode.",
  });
}

/** Exit code for a usage or configuration that cannot be used. */
const EXIT_USAGE = 2;
/** Exit code for a wait that Ctrl-C ended, as shells give it. */
const EXIT_INTERRUPTED = 130;

/**
 * Runs the program for the words of its command line.
 *
 * @returns the process's exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === SANDBOX_COMMAND) {
    // Runs until its parent goes.
    await import("./eval/child/child_main.ts");
  }
  const [{ readCommandLine }, { untilInterrupted }] = await Promise.all([
    import("./cli/command_line.ts"),
    import("./cli/signals.ts"),
  ]);
  try {
    const task = await readCommandLine(args);
    if (task.kind === "end") return task.exitCode;
    return await untilInterrupted(async (signal, onHangUp) => {
      try {
        return await perform(task, signal, onHangUp);
      } catch (error) {
        if (!signal.aborted || !(error instanceof KubecodeError)) throw error;
        console.error(`kubecode: ${describeError(error)}`);
        return EXIT_INTERRUPTED;
      }
    });
  } catch (error) {
    if (!(error instanceof KubecodeError)) throw error;
    console.error(`kubecode: ${describeError(error)}`);
    return EXIT_USAGE;
  }
}

const TERMINAL_RESULT_CHARACTERS = 16 * 1024 * 1024;

type RunnableTask = Exclude<Task, { kind: "end" }>;

async function perform(
  task: RunnableTask,
  signal: AbortSignal,
  onHangUp: (handle: () => void) => void,
): Promise<number> {
  const settings = task.kind === "demo"
    ? { ...task.settings, demo: true, config: "" }
    : task.settings;
  // A person's terminal, or the pipe behind it, takes more than a model's context.
  const limits = task.kind === "eval" ? { resultCharacters: TERMINAL_RESULT_CHARACTERS } : {};
  const app = await createApp(settings, limits);
  try {
    switch (task.kind) {
      case "serve": {
        const followed = await app.followConfig?.();
        if (followed) onHangUp(followed.reload);
        return await serve(app, signal);
      }
      case "eval": {
        // The child starts while the script is read.
        app.evaluator.warm();
        const [{ evaluateAtTerminal, readScript, terminalQuestion }, { mayAsk }] = await Promise
          .all([import("./cli/eval.ts"), import("./policy/decide.ts")]);
        const ask = terminalQuestion(task.source, signal);
        return await evaluateAtTerminal(
          app.evaluator,
          {
            ...task,
            script: await readScript(task.source, signal),
            mayAsk: mayAsk(app.policy()),
            ...(ask ? { ask } : {}),
          },
          signal,
        );
      }
      case "policy":
        return await (await import("./cli/policy.ts")).answerPolicy(app, task.command, signal);
      case "doctor":
        return await (await import("./cli/doctor.ts")).diagnose(app, signal);
      case "demo":
        return await (await import("./cli/tour.ts")).showTour(app.evaluator, signal);
    }
  } finally {
    await app.close();
  }
}

/** The MCP server on standard input and output, until its client goes. */
async function serve(app: App, signal: AbortSignal): Promise<number> {
  const [
    { createServer },
    { serveStdio },
    { standardOutput },
    { instructionsFor, toolsOf },
    { clusterResources },
    { mayAsk },
    { rateLimitsOf },
  ] = await Promise.all([
    import("./server/server.ts"),
    import("./transport/stdio.ts"),
    import("./transport/standard_output.ts"),
    import("./tools/tool_sets.ts"),
    import("./tools/mcp_resources/cluster_resources.ts"),
    import("./policy/decide.ts"),
    import("./config/rate_limits.ts"),
  ]);
  if (Deno.stdin.isTerminal()) {
    console.error("kubecode waits for an MCP client on standard input; see kubecode --help.");
  }
  const { toolsets } = app.settings;
  const served = serveStdio({
    server: createServer({
      name: "kubecode",
      version: VERSION,
      tools: toolsOf(toolsets, app, {
        readOnly: app.policy().mode === "read-only",
        contexts: app.allowedContexts.length > 0,
        version: VERSION,
        maxReplicas: app.settings.maxReplicas,
      }),
      // Of the set `resources`: the gate of `guarded` does not stand before them.
      ...(toolsets.includes("resources")
        ? {
          resources: {
            resources: clusterResources({ advertise: app.settings.serveResources }),
            brokers: app.brokers,
          },
        }
        : {}),
      instructions: instructionsFor(toolsets),
      approvals: () => mayAsk(app.policy()),
      rateLimits: rateLimitsOf(app),
      audit: app.audit,
      logger: app.logger,
    }),
    input: Deno.stdin.readable,
    output: standardOutput(),
    signal,
    logger: app.logger,
  });
  if (toolsets.includes("code")) app.evaluator.warm();
  await served;
  return 0;
}
