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
  const make = token.command("new <NAME>").summary("print a new token, which is kept nowhere")
    .copyInheritedSettings(program)
    .option("--groups <NAMES>", "the caller's groups, with commas between them")
    .option("--expires <DURATION>", "how long it is good: 12h, 720h; for ever if left out")
    .option("--file <PATH>", "the tokens file that the line is added to, instead of printing it")
    .description(
      `Print a new token, which is kept nowhere.

The line for the tokens file, printed below the token, holds a hash of it only. A server that was started with --tokens-file takes new lines at once, and knows no token whose line is gone.

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
