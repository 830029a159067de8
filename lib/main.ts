/**
 * The process: from the words of its command line to its exit code. What a command does not use is
 * not loaded.
 */
import { type App, createApp } from "./app.ts";
import type { InstallCommand } from "./cli/install.ts";
import { processPrinter } from "./cli/print.ts";
import type { Task } from "./command_line/task.ts";
import { describeError, KubecodeError, LimitError } from "./errors.ts";
import { CHILDREN } from "./sandbox/parent/command.ts";
import { surroundingsError } from "./surroundings.ts";
import { EXIT } from "./exit.ts";

/**
 * Runs the program for the words of its command line.
 *
 * @returns the process's exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  // A child runs until its parent goes.
  if (args[0] === CHILDREN.script.command) await import("./eval/child/child_main.ts");
  if (args[0] === CHILDREN.shell.command) await import("./shell/child/child_main.ts");
  if (args[0] === "__complete") return await answerShell(args.slice(1));
  const [{ readCommandLine }, { untilInterrupted }] = await Promise.all([
    import("./command_line/read.ts"),
    import("./cli/signals.ts"),
  ]);
  try {
    const task = await readCommandLine(args);
    if (task.kind === "end") return task.exitCode;
    if (task.kind === "print") {
      processPrinter().out(task.text);
      return EXIT.ok;
    }
    if (task.kind === "token") {
      const { newToken } = await import("./identity/tokens/new_token.ts");
      for (const line of await newToken(task)) processPrinter().out(line);
      return EXIT.ok;
    }
    if (task.kind === "clients") return await performInstall(task.command);
    // The program that is run decides what a signal means.
    if (task.kind === "run") return await perform(task, new AbortController().signal, () => {});
    return await untilInterrupted(async (signal, onHangUp) => {
      try {
        return await perform(task, signal, onHangUp);
      } catch (error) {
        if (!signal.aborted || !(error instanceof KubecodeError)) throw error;
        processPrinter().err(`kubecode: ${describeError(error)}`);
        return EXIT.interrupted;
      }
    });
  } catch (error) {
    const shown = surroundingsError(error) ?? error;
    if (!(shown instanceof KubecodeError)) throw error;
    processPrinter().err(`kubecode: ${describeError(shown)}`);
    return shown instanceof LimitError ? EXIT.failed : EXIT.usage;
  }
}

/** What a person's terminal, or the pipe behind it, takes: more than a model's context. */
const TERMINAL_RESULT_CHARACTERS = 16 * 1024 * 1024;

type RunnableTask = Exclude<Task, { kind: "clients" | "end" | "print" | "token" }>;

async function performInstall(command: InstallCommand): Promise<number> {
  const [{ changeClients }, { terminalQuestion }, { loadKubeconfig }, { strayVariables }] =
    await Promise.all([
      import("./cli/install.ts"),
      import("./cli/question.ts"),
      import("./kube/kubeconfig/load.ts"),
      import("./config/settings/stray_variables.ts"),
    ]);
  for (const sentence of strayVariables()) {
    processPrinter().err(`kubecode: ${sentence}`, "warning");
  }
  // Nothing is open that Ctrl-C would have to close.
  const signal = new AbortController().signal;
  return await changeClients(command, {
    ask: terminalQuestion(signal, Deno.stdout),
    async kubeconfig(args) {
      const path = args[args.indexOf("--kubeconfig") + 1];
      try {
        const { contexts, users } = await loadKubeconfig({
          ...(path === undefined || !args.includes("--kubeconfig") ? {} : { path }),
          env: (name) => Deno.env.get(name),
        });
        const execPlugins = [...users.values()].flatMap(({ exec }) => exec?.command ?? []);
        return { contexts: [...contexts.keys()], execPlugins };
      } catch {
        // The server will say what is wrong with it.
        return undefined;
      }
    },
  });
}

/** Tells a shell what can stand at the end of a line. */
async function answerShell(args: readonly string[]): Promise<number> {
  const [completion, { loadKubeconfig }] = await Promise.all([
    import("./command_line/completion/answer.ts"),
    import("./kube/kubeconfig/load.ts"),
  ]);
  const lines = await completion.answerShell(args, {
    async contexts(path) {
      try {
        const { contexts } = await loadKubeconfig({
          ...(path === undefined ? {} : { path }),
          env: (name) => Deno.env.get(name),
          // A shell must not wait for what never comes.
          onlyFiles: true,
        });
        return [...contexts.keys()];
      } catch {
        // A person who types has no use for an error.
        return [];
      }
    },
  });
  for (const line of lines) processPrinter().out(line);
  return EXIT.ok;
}

async function perform(
  task: RunnableTask,
  signal: AbortSignal,
  onHangUp: (handle: () => void) => void,
): Promise<number> {
  const settings = task.kind === "demo"
    ? { ...task.settings, demo: true, config: "" }
    : task.settings;
  if (task.kind === "serve" && settings.transport !== "stdio") {
    return await (await import("./serve/http.ts")).serveHttp(settings, signal, onHangUp);
  }
  const app = await createApp(
    settings,
    task.kind === "eval"
      ? { limits: { resultCharacters: TERMINAL_RESULT_CHARACTERS }, triesOnly: task.dryRun }
      : task.kind === "run"
      ? { triesOnly: task.dryRun }
      : {},
  );
  const terminal = Deno.stderr.isTerminal();
  using _ = app.notices.follow((line) =>
    terminal ? console.error(line) : app.logger.warn("a login waits", { line })
  );
  try {
    switch (task.kind) {
      case "serve": {
        const followed = await app.followConfig?.();
        if (followed) onHangUp(followed.reload);
        return await (await import("./serve/stdio.ts")).serve(app, signal);
      }
      case "eval": {
        // The child starts while the script is read.
        app.evaluator.warm();
        await app.requireNamed();
        const [{ evaluateAtTerminal, readScript }, { terminalQuestion }, { mayAsk }] = await Promise
          .all([
            import("./cli/eval.ts"),
            import("./cli/question.ts"),
            import("./policy/decide.ts"),
          ]);
        return await evaluateAtTerminal(
          app.evaluator,
          {
            ...task,
            script: await readScript(task.source, signal),
            mayAsk: mayAsk(app.policy()),
            ask: terminalQuestion(signal),
            record: (entry) => app.audit.record({ ...entry, ...app.auditPlace() }),
          },
          signal,
        );
      }
      case "run":
        await app.requireNamed();
        return await performRun(app, task, signal);
      case "proxy":
        await app.requireNamed();
        return await performProxy(app, task, signal);
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

async function performRun(
  app: App,
  task: Extract<Task, { kind: "run" }>,
  signal: AbortSignal,
): Promise<number> {
  const [{ runAtTerminal }, { terminalQuestion }, { mayAsk }] = await Promise.all([
    import("./cli/run.ts"),
    import("./cli/question.ts"),
    import("./policy/decide.ts"),
  ]);
  const stdin = Deno.stdin.isTerminal() ? undefined : Deno.stdin.readable;
  return await runAtTerminal({ ...app, namespace: app.settings.namespace, stdin, signal }, {
    ...task,
    mayAsk: mayAsk(app.policy()),
    ask: terminalQuestion(signal),
    record: (entry) => app.audit.record({ ...entry, ...app.auditPlace() }),
  });
}

async function performProxy(
  app: App,
  task: Extract<Task, { kind: "proxy" }>,
  signal: AbortSignal,
): Promise<number> {
  const [{ proxyAtTerminal }, { terminalQuestion }, { mayAsk }, { rateLimitsOf }] = await Promise
    .all([
      import("./cli/proxy.ts"),
      import("./cli/question.ts"),
      import("./policy/decide.ts"),
      import("./config/rate_limits.ts"),
    ]);
  await app.followConfig?.();
  return await proxyAtTerminal({ ...app, namespace: app.settings.namespace }, {
    ...task,
    mode: app.policy().mode,
    rateLimits: rateLimitsOf(app.settings, app.config),
    mayAsk: mayAsk(app.policy()),
    ask: terminalQuestion(signal),
  }, signal);
}
