/** From the words of the command line to what is to be done. */
import { Command, CommanderError, Option } from "commander";
import { readSettings, type Settings } from "../config/settings.ts";
import { InputError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { nearestNames } from "../std/nearest.ts";
import { VERSION } from "../version.ts";
import type { PolicyCommand } from "./policy.ts";
import { MAX_TIMEOUT, readTimeout } from "./timeout.ts";

/** What is to be done. */
export type Task =
  | { readonly kind: "serve" | "doctor" | "demo"; readonly settings: Settings }
  | {
    readonly kind: "eval";
    readonly settings: Settings;
    /** The script itself, or where to read it: a path, or "-" for standard input. */
    readonly source: { readonly text: string } | { readonly path: string };
    readonly timeoutMs?: number;
    readonly output: string;
    readonly dryRun: boolean;
  }
  | {
    readonly kind: "policy";
    readonly settings: Settings;
    readonly command: PolicyCommand;
  }
  /** Nothing more: help or the version was printed, or a mistake was. */
  | { readonly kind: "end"; readonly exitCode: number };

/**
 * Reads the command line; help, version and what is wrong with the words are printed by the parser.
 *
 * @throws {ConfigError} a flag's value that cannot be used
 */
export async function readCommandLine(args: readonly string[]): Promise<Task> {
  let task: Task = { kind: "end", exitCode: EXIT.usage };
  const program = defineProgram((given) => task = given);
  try {
    await program.parseAsync(spellOut(args), { from: "user" });
    return task;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
}

/** Flags that are on or off, and may be written with the word behind them: `--read-write=true`. */
const SWITCHES = /^--(read-write|approve|serve-resources)=(.*)$/;

/** Their variables: not the parser's own `env`, for which "false" turns a flag on too. */
const SWITCH_VARIABLES: readonly (readonly [option: string, variable: string])[] = [
  ["readWrite", "KUBECODE_READ_WRITE"],
  ["approve", "KUBECODE_APPROVE"],
  ["serveResources", "KUBECODE_SERVE_RESOURCES"],
];

/** Such a flag as the parser knows it: `--read-write`, `--no-read-write`. */
function spellOut(args: readonly string[]): string[] {
  return args.map((arg) => {
    const [, name = "", word = ""] = SWITCHES.exec(arg) ?? [];
    if (/^(true|1|yes|on)$/i.test(word)) return `--${name}`;
    return /^(false|0|no|off)$/i.test(word) ? `--no-${name}` : arg;
  });
}

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
  addServerSettings(addSettings(program)).allowExcessArguments().action(() => {
    const [unknown] = program.args;
    if (unknown === undefined) return choose({ kind: "serve", settings: settingsOf(program) });
    const [near] = nearestNames(unknown, program.commands.map((command) => command.name()));
    program.error(`error: unknown command '${unknown}'${near ? `; did you mean ${near}?` : ""}`);
  });

  const evaluate = inherit(program, "eval [FILE]", "run a script and print its result")
    .option("-e, --expression <SCRIPT>", "the script itself, instead of a FILE")
    .option("-o, --output <FORMAT>", "json or yaml", "json")
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
      settings: settingsOf(evaluate),
      source: expression === undefined ? { path: file ?? "-" } : { text: expression },
      timeoutMs: readTimeout(timeout ?? "30s"),
      output: output ?? "json",
      dryRun: dryRun === true,
    });
  });
  definePolicy(
    program,
    (command, chosen) => choose({ kind: "policy", settings: settingsOf(command), command: chosen }),
  );
  for (
    const [kind, description] of [
      ["doctor", "say what configuration is used, and whether the cluster can be reached"],
      ["demo", "show some scripts and their answers over the embedded demo cluster"],
    ] as const
  ) {
    const command = inherit(program, kind, description);
    command.action(() => choose({ kind, settings: settingsOf(command) }));
  }
  return program;
}

/** What the flags say, and the variables of those that are not given. */
function settingsOf(command: Command): Settings {
  const flags: Record<string, unknown> = command.optsWithGlobals();
  const variables: Record<string, string> = {};
  for (const { name, envVar } of optionsOf(command)) {
    const from = command.getOptionValueSourceWithGlobals(name);
    if (envVar !== undefined && from === "env") variables[name] = envVar;
  }
  const given: Record<string, unknown> = {};
  const changes = flags.readWrite || flags.approve;
  for (const [name, variable] of SWITCH_VARIABLES) {
    if (flags[name] !== undefined || (changes && name !== "serveResources")) continue;
    given[name] = Deno.env.get(variable);
    variables[name] = variable;
  }
  return readSettings({ ...given, ...flags }, variables);
}

function optionsOf(command: Command): { readonly name: string; readonly envVar?: string }[] {
  const own = command.options.map((option) => ({
    name: option.attributeName(),
    envVar: option.envVar,
  }));
  return [...own, ...command.parent ? optionsOf(command.parent) : []];
}

function definePolicy(
  program: Command,
  choose: (command: Command, chosen: PolicyCommand) => void,
): void {
  const policy = program.command("policy").description("say what is allowed, and by which rule")
    .copyInheritedSettings(program);
  const check = inherit(policy, "check <VERB> <RESOURCE> [NAME]", "say what would be decided")
    .option("--tool <NAME>", "the tool that asks", "evaluate_script")
    .addHelpText(
      "after",
      `
RESOURCE is a plural name with its group where it has one, and a subresource: pods, pods/log,
deployments.apps/scale. Without -n a list is one over all namespaces. What a body would bring about
besides is asked by the verbs bind and escalate. Exit codes: 0 allowed, 1 refused, or to be approved.

  kubecode policy check delete deployments.apps web -n shop`,
    );
  check.action((verb: string, resource: string, name: string | undefined) =>
    choose(check, {
      kind: "check",
      verb,
      resource,
      ...(name === undefined ? {} : { name }),
      tool: (check.opts() as { tool: string }).tool,
    })
  );
  const show = inherit(policy, "show [PROFILE]", "print the rules in force, or those of a profile");
  show.action((profile: string | undefined) =>
    choose(show, { kind: "show", ...(profile === undefined ? {} : { profile }) })
  );
}

function inherit(program: Command, usage: string, description: string): Command {
  return addSettings(
    program.command(usage).description(description).copyInheritedSettings(program),
  );
}

/** The flags that every command takes. */
function addSettings(command: Command): Command {
  return command
    .addOption(
      new Option("--config <PATH>", "the config file (default: ~/.config/kubecode/config.yaml)")
        .env("KUBECODE_CONFIG"),
    )
    .addOption(
      new Option(
        "--kubeconfig <PATH>",
        "the kubeconfig; as kubectl finds it if left out (env: KUBECONFIG)",
      ),
    )
    .addOption(
      new Option("--context <NAME>", "the kubeconfig's context").env("KUBECODE_CONTEXT"),
    )
    .addOption(
      new Option(
        "--contexts <NAMES>",
        'other contexts that scripts may use, as "staging,prod-*" (default: none)',
      ).env("KUBECODE_CONTEXTS"),
    )
    .addOption(
      new Option("-n, --namespace <NAME>", "the default namespace").env("KUBECODE_NAMESPACE"),
    )
    .addOption(new Option("--demo", "use the embedded demo cluster"))
    .addOption(
      new Option("--read-write", "allow changes to the cluster (env: KUBECODE_READ_WRITE=true)"),
    )
    .addOption(new Option("--no-read-write").hideHelp())
    .addOption(
      new Option("--approve", "allow changes that a person approves (env: KUBECODE_APPROVE=true)"),
    )
    .addOption(new Option("--no-approve").hideHelp())
    .addOption(
      new Option("--audit <PATH>", 'write each call and request as JSON to a file, or "stderr"')
        .env("KUBECODE_AUDIT"),
    )
    .addOption(
      new Option("--enable-rate-limiting [BOOL]", "limit the calls of a client (default: true)")
        .env("KUBECODE_ENABLE_RATE_LIMITING"),
    )
    .addOption(
      new Option("--connect-timeout <DURATION>", "how long to wait for a server (default: 10s)")
        .env("KUBECODE_CONNECT_TIMEOUT"),
    )
    .addOption(
      new Option("--log-level <LEVEL>", "debug, info, warn, error or silent (default: warn)")
        .env("KUBECODE_LOG_LEVEL"),
    );
}

/** The flags that only the server takes. */
function addServerSettings(command: Command): Command {
  return command
    .addOption(
      new Option("--toolsets <NAMES>", "code, resources, guarded (default: code,resources)")
        .env("KUBECODE_TOOLSETS"),
    )
    .addOption(
      new Option(
        "--serve-resources",
        "tell in resources/list what the cluster serves (default; --serve-resources=false: not) " +
          "(env: KUBECODE_SERVE_RESOURCES)",
      ),
    )
    .addOption(new Option("--no-serve-resources").hideHelp())
    .addOption(
      new Option("--max-replicas <COUNT>", "the most that k8s_patch scales to (default: 100)")
        .env("KUBECODE_MAX_REPLICAS"),
    )
    .addOption(new Option("--transport <NAME>", "stdio, the default").env("MCP_TRANSPORT"));
}
