// deno-lint-ignore-file kubecode/no-exit -- a second Ctrl-C ends the program at once
/**
 * Puts the parts together: settings in, something that runs out. What a command does not use is not
 * loaded: parts are imported when they are needed.
 */
import type { Broker } from "./broker/types.ts";
import type { Task } from "./cli/command_line.ts";
import type { Settings } from "./config/settings.ts";
import { describeError, KubecodeError } from "./errors.ts";
import type { EvalLimits } from "./eval/limits.ts";
import type { Evaluator } from "./eval/types.ts";
import type { KubeClient } from "./kube/client.ts";
import type { ClusterAccess } from "./kube/types.ts";
import { createLogger, type Logger } from "./log.ts";
import { VERSION } from "./version.ts";

/** The hidden command under which the program runs as a sandbox child. */
const SANDBOX_COMMAND = "sandbox-child";

/** The running parts. */
export interface App {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly broker: Broker;
  readonly evaluator: Evaluator & { warm(): void };
  /** How the cluster is reached; throws a ConfigError when there is no usable configuration. */
  access(): Promise<ClusterAccess>;
  /** The client that the broker uses. */
  connect(): Promise<KubeClient>;
  /** Ends children, connections and the demo cluster. */
  close(): Promise<void>;
}

/** Makes the parts. No file is read and nothing is sent before it is needed. */
export async function createApp(
  settings: Settings,
  limits: Partial<EvalLimits> = {},
): Promise<App> {
  const [{ createBroker }, { parseCall }, { createEvaluator }] = await Promise.all([
    import("./broker/broker.ts"),
    import("./broker/parse_call.ts"),
    import("./eval/evaluator.ts"),
  ]);
  const logger = createLogger(settings.logLevel);
  const closers: (() => void | Promise<void>)[] = [];

  const access = shared(async () => {
    if (!settings.demo) return await configuredAccess(settings);
    const { startDemo } = await import("./demo/demo.ts");
    const demo = await startDemo();
    closers.push(() => demo.close());
    return settings.namespace ? { ...demo.access, namespace: settings.namespace } : demo.access;
  });
  const connect = shared(async () => {
    const [{ createTransport }, { createClient }] = await Promise.all([
      import("./kube/transport.ts"),
      import("./kube/client.ts"),
    ]);
    const chosen = await access();
    const transport = createTransport(chosen, {
      userAgent: `kubecode/${VERSION}`,
      logger,
      env: (name) => Deno.env.get(name),
      connectTimeoutMs: settings.connectTimeoutMs,
    });
    const client = createClient(chosen, transport, {
      discoveryTimeoutMs: settings.connectTimeoutMs,
    });
    closers.push(() => client.close());
    return client;
  });

  const broker = createBroker({ connect, mode: { readWrite: settings.readWrite }, logger });
  const evaluator = createEvaluator({
    broker,
    parseCall,
    command: sandboxCommand(),
    logger,
    limits,
  });
  closers.push(() => evaluator.close());
  return {
    settings,
    logger,
    broker,
    evaluator,
    access,
    connect,
    async close() {
      await Promise.all(closers.map((close) => close()));
      await logger.flush();
    },
  };
}

async function configuredAccess(settings: Settings): Promise<ClusterAccess> {
  const [{ loadKubeconfig }, { resolveAccess }] = await Promise.all([
    import("./kube/kubeconfig.ts"),
    import("./kube/kubeconfig_access.ts"),
  ]);
  const kubeconfig = await loadKubeconfig({
    env: (name) => Deno.env.get(name),
    ...(settings.kubeconfig ? { path: settings.kubeconfig } : {}),
  });
  return await resolveAccess(kubeconfig, {
    ...(settings.context ? { context: settings.context } : {}),
    ...(settings.namespace ? { namespace: settings.namespace } : {}),
  });
}

/** One outcome for all callers; a failure is forgotten, so that a mended configuration is found. */
function shared<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
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
  const entry = new URL("./eval/child_main.ts", import.meta.url).href;
  const flags = ["--quiet", "--no-prompt", "--cached-only", "--no-check"];
  return {
    program: Deno.execPath(),
    args: ["run", ...flags, "--unstable-worker-options", entry],
    env,
  };
}

/** Exit code for a usage or configuration that cannot be used. */
const EXIT_USAGE = 2;

/**
 * Runs the program for the words of its command line.
 *
 * @returns the process's exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === SANDBOX_COMMAND) {
    // Runs until its parent goes. Named here, it is cached with the rest when run from a URL.
    await import("./eval/child_main.ts");
  }
  const { readCommandLine } = await import("./cli/command_line.ts");
  try {
    const task = await readCommandLine(args);
    if (task.kind === "end") return task.exitCode;
    return await untilInterrupted((signal) => perform(task, signal));
  } catch (error) {
    if (!(error instanceof KubecodeError)) throw error;
    console.error(`kubecode: ${describeError(error)}`);
    return EXIT_USAGE;
  }
}

const TERMINAL_RESULT_CHARACTERS = 16 * 1024 * 1024;

type RunnableTask = Exclude<Task, { kind: "end" }>;

async function perform(task: RunnableTask, signal: AbortSignal): Promise<number> {
  const settings = task.kind === "demo" ? { ...task.settings, demo: true } : task.settings;
  // A person's terminal, or the pipe behind it, takes more than a model's context.
  const limits = task.kind === "eval" ? { resultCharacters: TERMINAL_RESULT_CHARACTERS } : {};
  const app = await createApp(settings, limits);
  try {
    switch (task.kind) {
      case "serve":
        return await serve(app, signal);
      case "eval": {
        // The child starts while the script is read.
        app.evaluator.warm();
        const { evaluateAtTerminal, readScript } = await import("./cli/eval.ts");
        return await evaluateAtTerminal(
          app.evaluator,
          { ...task, script: await readScript(task.source, signal) },
          signal,
        );
      }
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
    { codeTools },
  ] = await Promise.all([
    import("./server/server.ts"),
    import("./transport/stdio.ts"),
    import("./transport/standard_output.ts"),
    import("./tools/code_tools.ts"),
  ]);
  if (Deno.stdin.isTerminal()) {
    console.error("kubecode waits for an MCP client on standard input; see kubecode --help.");
  }
  const served = serveStdio({
    server: createServer({
      name: "kubecode",
      version: VERSION,
      tools: codeTools(app, { readOnly: !app.settings.readWrite }),
      instructions:
        "Answer questions about the Kubernetes cluster with short scripts that return " +
        "only what is needed.",
      logger: app.logger,
    }),
    input: Deno.stdin.readable,
    output: standardOutput(),
    signal,
    logger: app.logger,
  });
  app.evaluator.warm();
  await served;
  return 0;
}

/** Hands out a signal that aborts on Ctrl-C and on the signals by which others end a process. */
async function untilInterrupted<Value>(
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const interrupted = new AbortController();
  const abort = () => {
    // Whoever asks twice is not kept waiting for a tidy end.
    if (interrupted.signal.aborted) Deno.exit(130);
    interrupted.abort();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of signals) Deno.addSignalListener(name, abort);
  try {
    return await run(interrupted.signal);
  } finally {
    for (const name of signals) Deno.removeSignalListener(name, abort);
  }
}
