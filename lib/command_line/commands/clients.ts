/** `kubecode install` and `kubecode uninstall`. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { InstallCommand } from "../../cli/install.ts";
import type { Setting } from "../../config/settings/setting.ts";
import { variablesRead } from "../../config/settings/settings.ts";
import { isSwitch, longFlag, ROWS } from "../../config/settings/table.ts";
import { InputError } from "../../errors.ts";
import { CLIENTS } from "../../install/clients.ts";
import { SCOPES } from "../../install/find.ts";
import { didYouMean } from "../../std/nearest.ts";
import { addServerSettings, flagsOf, settingsOf } from "../flags.ts";
import type { Choose } from "../task.ts";

/** Adds the commands. */
export function defineClients(program: Command, choose: Choose): void {
  const install = shared(
    program.command("install [CLIENT...]")
      .summary("add kubecode to your assistants, after showing the change"),
    "replace",
  ).description(
    `Add kubecode to the configurations of assistants: those named, or all that are found on this machine.

The change to each file is shown first, and made only after a yes. Flags of the server become its arguments, with absolute paths; variables of its settings are added if the assistant does not pass them on. Running it again changes nothing; kubecode uninstall removes the entry. Exit codes: 0 done or already there, 1 something was not done, 2 usage.

CLIENT is one of ${CLIENTS.map(({ id }) => id).join(", ")}.

  kubecode install cursor --context staging --read-write`,
  );
  addServerSettings(install);
  install.action((clients: string[]) =>
    choose({
      kind: "clients",
      command: {
        ...commandOf("install", install, clients),
        args: serverArguments(program),
        variables: serverVariables(program),
      },
    })
  );
  const uninstall = shared(
    program.command("uninstall [CLIENT...]")
      .summary("remove kubecode from your assistants"),
    "remove",
  ).description(
    `Remove kubecode from the configurations of assistants: those named, or all that have it.

Everything else in the files stays the same, byte for byte.`,
  );
  uninstall.action((clients: string[]) =>
    choose({ kind: "clients", command: commandOf("uninstall", uninstall, clients) })
  );

  function shared(command: Command, force: string): Command {
    return command.copyInheritedSettings(program)
      .option(
        "--scope <SCOPE>",
        "user (everywhere) or project (this folder)",
        "user",
      )
      .option("--name <ID>", "the server's name in the configuration", "kubecode")
      .option("-y, --yes", "do not ask")
      .option("--force", `${force} an entry of that name even if it does not start kubecode`);
  }
}

function commandOf(
  kind: InstallCommand["kind"],
  command: Command,
  clients: readonly string[],
): InstallCommand {
  const given = command.opts() as { scope: string; name: string; yes?: true; force?: true };
  const scope = SCOPES.find((each) => each === given.scope);
  if (scope === undefined) {
    throw new InputError(
      `Cannot use --scope "${given.scope}": it must be ${SCOPES.join(" or ")}${
        didYouMean(given.scope, SCOPES)
      }`,
    );
  }
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(given.name)) {
    throw new InputError(
      `Cannot use --name "${given.name}": it must be letters, digits, "-" and "_"`,
    );
  }
  return {
    kind,
    clients: [...new Set(clients)],
    args: [],
    variables: {},
    scope,
    name: given.name,
    yes: given.yes === true,
    force: given.force === true,
  };
}

/**
 * The flags that are given, as arguments of a server that a client starts on standard input.
 *
 * @throws {InputError} a flag of a server over HTTP
 * @throws {ConfigError} a value that cannot be used
 */
function serverArguments(program: Command): string[] {
  settingsOf(program);
  const flags = flagsOf(program);
  return ROWS.flatMap(([name, row]) => {
    const value = flags[name];
    if (value === undefined) return [];
    const flag = longFlag(row);
    if (row.group.startsWith("HTTP")) {
      throw new InputError(`Cannot use ${flag} here: an assistant starts the server itself`, {
        hint: "It reaches a server that runs already by its URL: add that to its configuration.",
      });
    }
    if (isSwitch(row)) return value === "true" ? [flag] : [`${flag}=${value}`];
    // The name of a context may look like a flag.
    if (value.startsWith("-") && !isPath(row, value)) return [`${flag}=${value}`];
    return [flag, absolute(row, value)];
  });
}

/** The variables of settings that count beside the flags; those of a server over HTTP do not. */
function serverVariables(program: Command): Record<string, string> {
  const read = variablesRead(flagsOf(program), (name) => Deno.env.get(name));
  return Object.fromEntries(
    read.filter(({ row }) => !row.group.startsWith("HTTP"))
      .map(({ row, variable, text }) => [variable, absolute(row, text)]),
  );
}

/** A value as it is right in any folder. */
function absolute(row: Setting, value: string): string {
  return isPath(row, value) ? resolve(value) : value;
}

function isPath(row: Setting, value: string): boolean {
  return row.flag.endsWith("<PATH>") && value !== "" &&
    !(longFlag(row) === "--audit" && value === "stderr");
}
