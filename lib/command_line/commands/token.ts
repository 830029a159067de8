/** `kubecode token`. */
import type { Command } from "commander";
import { parseDuration } from "../../config/duration.ts";
import { InputError } from "../../errors.ts";
import type { Choose } from "../task.ts";

/** Adds the command. */
export function defineToken(program: Command, choose: Choose): void {
  const token = program.command("token").summary("make tokens for the callers of a shared server")
    .description("Make tokens for the callers of a shared server.")
    .copyInheritedSettings(program)
    .helpCommand(false);
  const make = token.command("new <NAME>").summary("print a new token, which is not stored")
    .copyInheritedSettings(program)
    .option("--groups <NAMES>", "the caller's groups, separated by commas")
    .option("--expires <DURATION>", "how long it is valid: 12h, 720h (default: for ever)")
    .option("--file <PATH>", "the tokens file that the line is added to, instead of printing it")
    .description(
      `Print a new token, which is not stored.

The line for the tokens file, printed below the token, holds only its hash. A server started with --tokens-file accepts new lines at once, and rejects tokens whose line is gone.

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
