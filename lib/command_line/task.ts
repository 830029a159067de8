/** What a command line asks for: one value, which main.ts carries out. */
import type { Settings } from "../config/settings/settings.ts";
import type { InstallCommand } from "../cli/install.ts";
import type { PolicyCommand } from "../cli/policy.ts";

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
  | { readonly kind: "clients"; readonly command: InstallCommand }
  /** A text to print on standard output. */
  | { readonly kind: "print"; readonly text: string }
  /** Nothing is left to do: help, the version or a usage error was printed. */
  | { readonly kind: "end"; readonly exitCode: number };

/** Takes the task that the words ask for. */
export type Choose = (task: Task) => void;
