/** `kubecode eval`. */
import type { Command } from "commander";
import { MAX_TIMEOUT, readTimeout } from "../../cli/timeout.ts";
import { InputError } from "../../errors.ts";
import { inherit, settingsOf } from "../flags.ts";
import type { Choose } from "../task.ts";

/** Adds the command. */
export function defineEval(program: Command, choose: Choose): void {
  const evaluate = inherit(program, "eval [FILE]", "run a script and print its result")
    .option("-e, --expression <SCRIPT>", "the script itself, instead of a FILE")
    .option("-o, --output <FORMAT>", "json, yaml, table, wide or name")
    .option("--dry-run", "show what would change, without changing it")
    .option("--timeout <DURATION>", `time the script may take, at most ${MAX_TIMEOUT}`, "30s")
    .description(
      `Run a script and print its result.

Without FILE and -e the script is read from standard input. Exit codes: 0, 1 the script failed, 2 usage or configuration, 124 timed out, 130 interrupted.

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
}
