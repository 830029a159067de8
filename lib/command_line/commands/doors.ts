/** `kubecode run` and `kubecode proxy`. */
import type { Command } from "commander";
import { parseDuration } from "../../config/duration.ts";
import type { Settings } from "../../config/settings/settings.ts";
import { InputError } from "../../errors.ts";
import { inherit, settingsOf } from "../flags.ts";
import type { Choose } from "../task.ts";

/** Adds the commands. */
export function defineDoors(program: Command, choose: Choose): void {
  const run = inherit(program, "run <PROGRAM> [ARG...]", "run kubectl, helm, ... under the policy")
    .usage("[flags] -- <PROGRAM> [ARG...]")
    .option("--dry-run", "show what would change, without changing it")
    .description(
      `Run a program, such as kubectl or helm, under the policy.

The program gets a kubeconfig that leads to kubecode, without credentials or the cluster's address. Write -- before it. This command exits with its exit code.

  kubecode run -- kubectl get pods -A`,
    );
  run.action((name: string, args: readonly string[]) =>
    choose({
      kind: "run",
      settings: doorSettings(program),
      command: [name, ...args],
      dryRun: (run.opts() as { dryRun?: boolean }).dryRun === true,
    })
  );
  const proxy = inherit(
    program,
    "proxy",
    "give programs on this machine a kubeconfig under the policy",
  )
    .option("--port <NUMBER>", "the loopback port (default: a free one)")
    .option("--kubeconfig-out <FILE>", "where to write the kubeconfig for the programs")
    .option("--for <DURATION>", "how long it runs: 30m, 8h (default: until Ctrl-C)")
    .description(
      `Give programs on this machine a kubeconfig under the policy.

It prints the line that sets KUBECONFIG, and stays until Ctrl-C. With --approve, this terminal asks about each change.

  kubecode proxy --for 8h`,
    );
  proxy.action(() => {
    const given = proxy.opts() as { kubeconfigOut?: string; for?: string };
    // The server over HTTP has a flag of that name, and the parser keeps the value at the program.
    const port = program.getOptionValue("port") as string | undefined;
    choose({
      kind: "proxy",
      settings: doorSettings(program),
      ...(port === undefined ? {} : { port: readPort(port) }),
      ...(given.kubeconfigOut === undefined ? {} : { kubeconfigOut: given.kubeconfigOut }),
      ...(given.for === undefined ? {} : { forMs: readLifetime(given.for) }),
    });
  });
}

/** A program's kubeconfig names one namespace. */
function doorSettings(program: Command): Settings {
  const settings = settingsOf(program);
  if (!settings.allNamespaces) return settings;
  throw new InputError("Cannot use --all-namespaces here: the program decides on its namespaces", {
    hint: "Give it to the program: kubecode run -- kubectl get pods -A",
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
