/** `kubecode install` and `kubecode uninstall`: this program in the configurations of assistants. */
import { describeError, InputError, KubecodeError } from "../errors.ts";
import { EXIT } from "../exit.ts";
import { entryFor } from "../install/entry.ts";
import { environmentFor } from "../install/environment.ts";
import { chooseClients, type ClientFile, type Scope } from "../install/find.ts";
import { type Folders, foldersOf } from "../install/folders.ts";
import {
  diffOf,
  install,
  type Plan,
  planInstall,
  planUninstall,
  uninstall,
} from "../install/plan.ts";
import { installedAs } from "../installed/kind.ts";
import { runningProgram } from "../installed/program.ts";
import { onPath, startHere } from "../installed/machine.ts";
import type { StartCommand } from "../installed/start.ts";
import { didYouMean } from "../std/nearest.ts";
import { type Printer, processPrinter } from "./print.ts";
import type { AskPerson } from "./question.ts";

/** What is asked for. */
export interface InstallCommand {
  readonly kind: "install" | "uninstall";
  /** Names of clients; all that are found where there is none. */
  readonly clients: readonly string[];
  /** Arguments of the server. */
  readonly args: readonly string[];
  /** Variables of settings of the server, where no flag is given, with absolute paths. */
  readonly variables: Readonly<Record<string, string>>;
  readonly scope: Scope;
  /** What the server is called in the configuration. */
  readonly name: string;
  /** Nobody is asked. */
  readonly yes: boolean;
  /** Somebody else's entry of that name may be replaced or removed. */
  readonly force: boolean;
}

/** What it needs. */
export interface InstallParts {
  readonly ask: AskPerson;
  /** What the server will find; undefined where it cannot be read. @param args the server's arguments */
  kubeconfig(args: readonly string[]): Promise<FoundKubeconfig | undefined>;
}

/** What matters of a kubeconfig. */
export interface FoundKubeconfig {
  readonly contexts: readonly string[];
  /** Programs that its users are logged in by. */
  readonly execPlugins: readonly string[];
}

/**
 * Adds this program to configurations, or takes it out: shows each change, asks, and makes them.
 *
 * @returns the exit code: failed where something that was asked for has not been done
 */
export async function changeClients(
  command: InstallCommand,
  { ask, kubeconfig }: InstallParts,
  printer: Printer = processPrinter(),
): Promise<number> {
  const folders = foldersOf(Deno.build.os, (name) => Deno.env.get(name));
  const find = (name: string) => onPath(name, folders.windows, folders.env);
  if (installedAs(runningProgram()) === "container image") {
    throw new InputError("Cannot change the configurations of assistants from within a container", {
      hint:
        `Add this command to them yourself: docker run -i --rm -v ~/.kube/config:/kubeconfig:ro ` +
        `-e KUBECONFIG=/kubeconfig ghcr.io/kubecode/kubecode --transport stdio`,
    });
  }
  const chosen = await chooseClients(command.clients, command.scope, folders);
  if (chosen.length === 0) {
    printer.out("No assistant was found on this machine. Name one: kubecode install cursor");
    return EXIT.failed;
  }
  const start = startOf(command, find);
  const found = command.kind === "install" ? await kubeconfig(command.args) : undefined;
  const plugins = found?.execPlugins ?? [];
  tellOfContext(command, found, printer);
  const { plans, failed } = await planAll(chosen, printer, async (each) => {
    const words = [start.command, ...start.args];
    const { format, key, shape, keepsEnvironment = false } = each.client;
    const target = { format, key, name: command.name, start: words, force: command.force };
    if (command.kind === "uninstall") return await planUninstall(each, target);
    const env = command.scope === "project" ? {} : environmentFor(keepsEnvironment, folders, {
      programs: [...start.needs, ...plugins, ...programsOf(command)],
      kubeconfigGiven: command.args.includes("--kubeconfig"),
      settings: command.variables,
      onPath: find,
    });
    if (command.scope === "project" || keepsEnvironment) tellOfVariables(command, each, printer);
    const args = [...start.args, ...command.args];
    const wanted = entryFor(shape, command.name, { command: start.command, args, env });
    return await planInstall(each, target, wanted);
  });
  const changes = plans.filter(({ change }) => change.kind === "change");
  show(plans, command, printer);
  if (changes.length === 0) {
    if (command.kind === "uninstall" && failed === 0) printer.out("Nothing is left to remove.");
    return failed === 0 ? EXIT.ok : EXIT.failed;
  }
  if (!command.yes && !await agreed(changes, ask, printer)) return EXIT.failed;
  const undone = await carryOut(changes, command, folders, printer);
  return failed + undone === 0 ? EXIT.ok : EXIT.failed;
}

/** A project's file is for everybody who works on it: there the program goes by its name. */
function startOf(
  { scope }: InstallCommand,
  find: (name: string) => string | undefined,
): StartCommand {
  const start = startHere();
  if (scope === "user") return start;
  const name = /(?:^|[\\/])(kubecode|kubectl-code)(?:\.exe)?$/.exec(start.command)?.[1];
  return name !== undefined && find(name) ? { ...start, command: name } : start;
}

/** Programs that the tool set cli runs. */
function programsOf({ args, variables }: InstallCommand): string[] {
  const sets = args.includes("--toolsets")
    ? args[args.indexOf("--toolsets") + 1]
    : variables.KUBECODE_TOOLSETS;
  return sets?.split(",").some((name) => name.trim().toLowerCase() === "cli")
    ? ["kubectl", "helm", "istioctl", "argocd"]
    : [];
}

/** Variables that count in this shell, and are not written into an entry. */
function tellOfVariables(
  { variables, scope }: InstallCommand,
  { client }: ClientFile,
  printer: Printer,
): void {
  const names = Object.keys(variables);
  if (names.length === 0) return;
  const why = scope === "project"
    ? "others use the project's file; give flags for what is theirs too"
    : "it passes on those of the shell that it is started from";
  printer.err(`${client.title}: not written: ${names.join(", ")}: ${why}\n`, "warning");
}

/** A context that is not there may come: it is told, and no more. */
function tellOfContext(
  { args, variables }: InstallCommand,
  found: FoundKubeconfig | undefined,
  printer: Printer,
): void {
  const at = args.findIndex((arg) => /^--context(?:=|$)/.test(arg));
  const flag = args[at] === "--context" ? args[at + 1] : args[at]?.slice("--context=".length);
  const context = flag ?? variables.KUBECODE_CONTEXT ?? variables.K8S_CONTEXT;
  if (context === undefined || !found || found.contexts.includes(context)) return;
  const near = didYouMean(context, found.contexts);
  printer.err(`The kubeconfig has no context "${context}" now${near}\n`, "bad");
}

async function planAll(
  chosen: readonly ClientFile[],
  printer: Printer,
  plan: (each: ClientFile) => Promise<Plan>,
): Promise<{ plans: Plan[]; failed: number }> {
  const plans: Plan[] = [];
  let failed = 0;
  for (const each of chosen) {
    try {
      plans.push(await plan(each));
    } catch (error) {
      if (!(error instanceof KubecodeError)) throw error;
      failed += 1;
      fail(each, error, printer);
    }
  }
  return { plans, failed };
}

function fail({ client, path }: ClientFile, error: KubecodeError, printer: Printer): void {
  printer.err(`${client.title}: cannot change "${path}": ${describeError(error)}\n`, "bad");
}

function show(plans: readonly Plan[], { kind, clients }: InstallCommand, printer: Printer): void {
  for (const plan of plans) {
    const { client, path, change } = plan;
    if (change.kind === "change") {
      printer.out(`${client.title}:`);
      for (const line of diffOf(plan)) {
        printer.out(line, /^\+[^+]/.test(line) ? "good" : /^-[^-]/.test(line) ? "bad" : undefined);
      }
      printer.out("");
    } else if (kind === "install") {
      const { kept = [] } = change;
      const also = kept.length > 0 ? `, with ${kept.join(", ")} from before` : "";
      printer.out(`${client.title}: already there ("${path}")${also}`);
    } else if (clients.length > 0) {
      printer.out(`${client.title}: not there ("${path}")`);
    }
  }
}

async function agreed(
  changes: readonly Plan[],
  ask: AskPerson,
  printer: Printer,
): Promise<boolean> {
  const files = changes.length === 1 ? "this file" : `these ${changes.length} files`;
  const answer = await ask(changes.flatMap(diffOf).join("\n"), `Change ${files}? [y/N] `);
  if (answer === true) return true;
  printer.err(
    answer === false
      ? "Nothing was changed."
      : "Nothing was changed: there is no terminal to ask at. Give --yes to change them unasked.",
  );
  return false;
}

/** @returns how many of the changes could not be made */
async function carryOut(
  changes: readonly Plan[],
  { kind }: InstallCommand,
  folders: Folders,
  printer: Printer,
): Promise<number> {
  let undone = 0;
  for (const plan of changes) {
    try {
      if (kind === "install") {
        const backup = await install(plan, folders);
        printer.out(
          `${plan.client.title}: added to "${plan.file.path}"` +
            (backup === undefined ? "" : ` (as it was: "${backup}")`),
        );
      } else {
        await uninstall(plan, folders);
        printer.out(`${plan.client.title}: removed from "${plan.file.path}"`);
      }
    } catch (error) {
      if (!(error instanceof KubecodeError)) throw error;
      undone += 1;
      fail(plan, error, printer);
    }
  }
  if (undone < changes.length) printer.out("Assistants that are running must be restarted.");
  return undone;
}
