/** Parses the command line into a task. */
import { Command, CommanderError, Option } from "commander";
import { parseDuration } from "../config/duration.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { helpOf, isSwitch, longFlag, ROWS } from "../config/settings_table.ts";
import { InputError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { nearestNames } from "../std/nearest.ts";
import { VERSION } from "../version.ts";
import type { PolicyCommand } from "./policy.ts";
import { MAX_TIMEOUT, readTimeout } from "./timeout.ts";

/** The command to run, with its arguments. */
export type Task =
  | { readonly kind: "serve" | "doctor" | "demo"; readonly settings: Settings }
  | {
    readonly kind: "eval";
    readonly settings: Settings;
    /** The script itself, or where to read it: a path, or "-" for standard input. */
    readonly source: { readonly text: string } | { readonly path: string };
    readonly timeoutMs?: number;
    readonly output?: string;
    readonly dryRun: boolean;
  }
  | {
    readonly kind: "run";
    readonly settings: Settings;
    /** The program and its arguments. */
    readonly command: readonly string[];
    readonly dryRun: boolean;
  }
  | {
    readonly kind: "proxy";
    readonly settings: Settings;
    readonly port?: number;
    readonly kubeconfigOut?: string;
    readonly forMs?: number;
  }
  | {
    readonly kind: "policy";
    readonly settings: Settings;
    readonly command: PolicyCommand;
  }
  | {
    readonly kind: "token";
    readonly name: string;
    readonly groups: readonly string[];
    readonly lifeMs?: number;
    /** The file that the line is added to. */
    readonly file?: string;
  }
  /** Nothing is left to do: help, the version or a usage error was printed. */
  | { readonly kind: "end"; readonly exitCode: number };

/**
 * Parses the command line; the parser prints help, the version and usage errors.
 *
 * @throws {ConfigError} a flag's value that cannot be used
 */
export async function readCommandLine(args: readonly string[]): Promise<Task> {
  let task: Task = { kind: "end", exitCode: EXIT.usage };
  const program = defineProgram((given) => task = given);
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : spellOut(args);
  try {
    refuseUnknownCommand(program, words);
    await program.parseAsync(words, { from: "user" });
    return withProgramApart(task, words);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
}

/** Writes `--demo`, `--no-demo` and `--demo false` as the parser needs it: `--demo=false`. */
function spellOut(args: readonly string[]): string[] {
  const spelled: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return [...spelled, ...args.slice(at)];
    const [, no, name = ""] = /^--(no-)?([a-z-]+)$/.exec(arg) ?? [];
    if (!SWITCHES.has(`--${name}`)) spelled.push(arg);
    else if (no) spelled.push(`--${name}=false`);
    else if (/^(true|false)$/i.test(args[at + 1] ?? "")) spelled.push(`${arg}=${args[++at]}`);
    else spelled.push(`${arg}=true`);
  }
  return spelled;
}

const SWITCHES: ReadonlySet<string> = new Set(
  ROWS.filter(([, row]) => isSwitch(row)).map(([, row]) => longFlag(row)),
);

function defineProgram(choose: (task: Task) => void): Command {
  const program = new Command("kubecode")
    .description(
      "MCP server for Kubernetes with a code mode. Without a command it serves an MCP client on " +
        "standard input and output; everything is read-only unless --read-write is given.",
    )
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(kubecode --help lists commands and flags)");
  addSettings(program).action(() => choose({ kind: "serve", settings: settingsOf(program) }));

  const evaluate = inherit(program, "eval [FILE]", "run a script and print its result")
    .option("-e, --expression <SCRIPT>", "the script itself, instead of a FILE")
    .option("-o, --output <FORMAT>", "json, yaml, table, wide or name")
    .option("--dry-run", "try changes out, and list them instead of making them")
    .option("--timeout <DURATION>", `time the script may take, at most ${MAX_TIMEOUT}`, "30s")
    .addHelpText(
      "after",
      `
Without FILE and -e the script is read from standard input. Exit codes: 0, 1 the script failed,
2 usage or configuration, 124 timed out, 130 interrupted.

  kubecode eval -e 'k8s.coreV1().pods("").list().items.length'`,
    );
  evaluate.action((file: string | undefined) => {
    const { expression, output, timeout } = evaluate.opts() as Record<string, string | undefined>;
    const { dryRun } = evaluate.opts() as { dryRun?: boolean };
    if (file !== undefined && expression !== undefined) {
      throw new InputError("Cannot run both a FILE and -e: give one of them");
    }
    choose({
      kind: "eval",
      settings: settingsOf(program),
      source: expression === undefined ? { path: file ?? "-" } : { text: expression },
      timeoutMs: readTimeout(timeout ?? "30s"),
      ...(output === undefined ? {} : { output }),
      dryRun: dryRun === true,
    });
  });
  defineDoors(program, choose);
  defineToken(program, choose);
  definePolicy(
    program,
    (command) => choose({ kind: "policy", settings: settingsOf(program), command }),
  );
  for (
    const [kind, description] of [
      ["doctor", "say what configuration is used, and whether the cluster can be reached"],
      ["demo", "show some scripts and their answers over the embedded demo cluster"],
    ] as const
  ) {
    const command = inherit(program, kind, description);
    command.action(() => choose({ kind, settings: settingsOf(program) }));
  }
  return program;
}

/** Words for what the program does without a command. */
const SERVER_WORDS: ReadonlySet<string> = new Set(["mcp", "serve", "server", "start", "stdio"]);

/**
 * Refuses a command that is none before anything else is looked at: `kubecode serve --help` must not
 * print the help as if there were one.
 */
function refuseUnknownCommand(program: Command, words: readonly string[]): void {
  // A program of its own: what is parsed leaves its values there.
  const [command] = addSettings(new Command()).parseOptions([...words]).operands;
  const known = program.commands.map((command) => command.name());
  if (command === undefined || known.includes(command)) return;
  const [near] = nearestNames(command, known);
  const hint = SERVER_WORDS.has(command)
    ? "; without a command it is the server"
    : near === undefined
    ? ""
    : `; did you mean ${near}?`;
  program.error(`error: unknown command '${command}'${hint}`);
}

/** Reads flags and environment; the parser keeps the flags of every command at the program. */
function settingsOf(program: Command): Settings {
  const flags = ROWS.map(([name, { flag }]) =>
    [name, program.getOptionValue(new Option(flag).attributeName())] as const
  );
  return readSettings(Object.fromEntries(flags), (name) => Deno.env.get(name));
}

function defineDoors(program: Command, choose: (task: Task) => void): void {
  const run = inherit(program, "run <PROGRAM> [ARG...]", "run kubectl, helm, ... under the policy")
    .option("--dry-run", "try changes out, and list them instead of making them")
    .addHelpText(
      "after",
      `
The program gets a kubeconfig that leads to kubecode: no credentials, no address of the cluster. Write
-- before it. Its exit code is the one of this command.

  kubecode run -- kubectl get pods -A`,
    );
  run.action((name: string, args: readonly string[]) =>
    choose({
      kind: "run",
      settings: settingsOf(program),
      command: [name, ...args],
      dryRun: (run.opts() as { dryRun?: boolean }).dryRun === true,
    })
  );
  const proxy = inherit(program, "proxy", "let programs of this machine in under the policy")
    .option("--port <NUMBER>", "the port on the loopback; a free one if left out")
    .option("--kubeconfig-out <FILE>", "where to write the kubeconfig for the programs")
    .option("--for <DURATION>", "when it ends by itself: 30m, 8h")
    .addHelpText(
      "after",
      `
It prints the line that sets KUBECONFIG, and stays until Ctrl-C. With --approve each change is asked
about at this terminal.

  kubecode proxy --for 8h`,
    );
  proxy.action(() => {
    const given = proxy.opts() as { port?: string; kubeconfigOut?: string; for?: string };
    choose({
      kind: "proxy",
      settings: settingsOf(program),
      ...(given.port === undefined ? {} : { port: readPort(given.port) }),
      ...(given.kubeconfigOut === undefined ? {} : { kubeconfigOut: given.kubeconfigOut }),
      ...(given.for === undefined ? {} : { forMs: readLifetime(given.for) }),
    });
  });
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= 0 && port < 65_536) return port;
  throw new InputError(`Cannot use --port "${text}": it must be a number from 0 to 65535`);
}

function readLifetime(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= MAX_LIFETIME_MS) {
    return milliseconds;
  }
  throw new InputError(
    `Cannot use --for "${text}": it must be a duration such as "30m" or "8h", at most 576h`,
  );
}

/** A timer of the runtime has 31 bits. */
const MAX_LIFETIME_MS = 576 * 3_600_000;

function defineToken(program: Command, choose: (task: Task) => void): void {
  const token = program.command("token").description(
    "make tokens for the callers of a shared server",
  )
    .copyInheritedSettings(program);
  const make = token.command("new <NAME>").description("print a new token, which is kept nowhere")
    .copyInheritedSettings(program)
    .option("--groups <NAMES>", "the caller's groups, with commas between them")
    .option("--expires <DURATION>", "how long it is good: 12h, 720h; for ever if left out")
    .option("--file <PATH>", "the tokens file that the line is added to, instead of printing it")
    .addHelpText(
      "after",
      `
The line for the tokens file, printed below the token, holds a hash of it only. A server that was
started with --tokens-file takes new lines at once, and knows no token whose line is gone.

  kubecode token new alice --groups dev,oncall --expires 720h --file tokens`,
    );
  make.action((name: string) => {
    const { groups, expires, file } = make.opts() as Record<string, string | undefined>;
    choose({
      kind: "token",
      name,
      groups: (groups ?? "").split(",").filter((group) => group !== ""),
      ...(expires === undefined ? {} : { lifeMs: readLife(expires) }),
      ...(file === undefined ? {} : { file }),
    });
  });
}

function readLife(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw new InputError(`Cannot use --expires "${text}": it must be a duration such as "720h"`);
}

function definePolicy(program: Command, choose: (chosen: PolicyCommand) => void): void {
  const policy = program.command("policy").description("say what is allowed, and by which rule")
    .copyInheritedSettings(program);
  const check = inherit(policy, "check <VERB> <RESOURCE> [NAME]", "say what would be decided")
    .option("--tool <NAME>", "the tool that asks", "evaluate_script")
    .option("--as <USER>", "the user of a shared server who asks")
    .option(
      "--as-group <GROUP>",
      "a group of that user; may be repeated",
      (group: string, others: string[]) => [...others, group],
      [],
    )
    .addHelpText(
      "after",
      `
RESOURCE is a plural name with its group where it has one, and a subresource: pods, pods/log,
deployments.apps/scale. Without -n a list is one over all namespaces. What a body would bring about
besides is asked by the verbs bind and escalate. Exit codes: 0 allowed, 1 refused, or to be approved.

  kubecode policy check delete deployments.apps web -n shop`,
    );
  check.action((verb: string, resource: string, name: string | undefined) => {
    const { as: user, asGroup: groups } = check.opts() as { as?: string; asGroup: string[] };
    if (user === undefined && groups.length > 0) {
      throw new InputError("Cannot use --as-group without --as");
    }
    choose({
      kind: "check",
      verb,
      resource,
      ...(name === undefined ? {} : { name }),
      tool: (check.opts() as { tool: string }).tool,
      ...(user === undefined ? {} : { user }),
      groups,
    });
  });
  const show = inherit(policy, "show [PROFILE]", "print the rules in force, or those of a profile");
  show.action((profile: string | undefined) =>
    choose({ kind: "show", ...(profile === undefined ? {} : { profile }) })
  );
}

function inherit(program: Command, usage: string, description: string): Command {
  return addSettings(
    program.command(usage).description(description).copyInheritedSettings(program),
  );
}

/** Flags of the program that is run must not be taken for ours. */
function withProgramApart(task: Task, words: readonly string[]): Task {
  if (task.kind !== "run") return task;
  const { command } = task;
  const dashes = words.indexOf("--");
  if (dashes >= 0 && words.length - dashes - 1 === command.length) return task;
  throw new InputError("Cannot tell the program's flags from those of kubecode", {
    hint: `Write -- before the program: kubecode run -- ${command[0]} …`,
  });
}

/** Adds the flags of the settings; the program itself, the server, takes all of them. */
function addSettings(command: Command): Command {
  for (const [, row] of ROWS) {
    if (row.serverOnly && command.parent) continue;
    const variable = row.variable === undefined ? "" : ` (env: ${row.variable})`;
    command.addOption(new Option(row.flag, `${helpOf(row)}${variable}`));
  }
  return command;
}
