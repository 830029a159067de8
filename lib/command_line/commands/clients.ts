/** `kubecode install` and `kubecode uninstall`. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { InstallCommand } from "../../cli/install.ts";
import { isSwitch, longFlag, ROWS } from "../../config/settings/table.ts";
import { InputError } from "../../errors.ts";
import { CLIENTS } from "../../install/clients.ts";
import { SCOPES } from "../../install/find.ts";
import { didYouMean } from "../../std/nearest.ts";
import { addServerSettings, settingsOf } from "../flags.ts";
import type { Choose } from "../task.ts";

/** Adds the commands. */
export function defineClients(program: Command, choose: Choose): void {
  const install = shared(
    program.command("install [CLIENT...]")
      .summary("add kubecode to your assistants, after showing the change"),
    "replace",
  ).description(
    `Add kubecode to the configurations of assistants: those named, or all that are found on this machine.

The change to each file is shown first, and made only after a yes. Flags of the server become its arguments, with absolute paths. Running it again changes nothing; kubecode uninstall removes the entry. Exit codes: 0 done or already there, 1 something was not done, 2 usage.

CLIENT is one of ${CLIENTS.map(({ id }) => id).join(", ")}.

  kubecode install cursor --context staging --read-write`,
  );
  addServerSettings(install);
  install.action((clients: string[]) =>
    choose({
      kind: "clients",
      command: { ...commandOf("install", install, clients), args: serverArguments(program) },
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
  return ROWS.flatMap(([, row]) => {
    const value = program.getOptionValue(new Option(row.flag).attributeName()) as
      | string
      | undefined;
    if (value === undefined) return [];
    const flag = longFlag(row);
    if (row.group.startsWith("HTTP")) {
      throw new InputError(`Cannot use ${flag} here: an assistant starts the server itself`, {
        hint: "It reaches a server that runs already by its URL: add that to its configuration.",
      });
    }
    if (isSwitch(row)) return value === "true" ? [flag] : [`${flag}=${value}`];
    const isPath = row.flag.endsWith("<PATH>") && value !== "" &&
      !(flag === "--audit" && value === "stderr");
    // The name of a context may look like a flag.
    if (value.startsWith("-") && !isPath) return [`${flag}=${value}`];
    return [flag, isPath ? resolve(value) : value];
  });
}
