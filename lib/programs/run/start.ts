/** Starts the process of a program. */
import { ConfigError, InputError } from "../../errors.ts";
import { describeFileError } from "../../std/files.ts";
import { programEnvironment } from "./environment.ts";

/** What a process is started from. */
export interface ProcessStart {
  /** The program's file. */
  readonly path: string;
  readonly argv: readonly string[];
  /** Text of the kubeconfig that it gets. */
  readonly kubeconfig: string;
  /** The call's folder. */
  readonly folder: string;
  /** Files of its working folder, by plain paths. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly stdin?: Uint8Array;
  /** A file of its configuration, by its path in the call's folder. */
  readonly config?: { readonly path: string; readonly text: string };
}

/**
 * Writes the files of a start and starts its process, in a working folder of its own.
 *
 * @throws {ConfigError} the program cannot be started
 * @throws {InputError} more words than the system passes on
 */
export function startProcess(start: ProcessStart): Deno.ChildProcess {
  const { path, argv, folder, stdin } = start;
  const cwd = Deno.makeTempDirSync({ dir: folder, prefix: "work-" });
  const kubeconfig = `${cwd}.kubeconfig`;
  Deno.writeTextFileSync(kubeconfig, start.kubeconfig, { mode: 0o600 });
  writeFiles(cwd, start.files ?? new Map());
  if (start.config !== undefined) writeConfig(folder, start.config);
  try {
    return new Deno.Command(path, {
      args: [...argv],
      cwd,
      env: { ...programEnvironment(path, folder, kubeconfig) },
      clearEnv: true,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      // In a session, and so in a process group, of its own; without a terminal.
      detached: true,
    }).spawn();
  } catch (error) {
    throw startError(path, error);
  }
}

function writeFiles(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): void {
  for (const [name, bytes] of files) {
    const path = `${folder}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    Deno.writeFileSync(path, bytes, { mode: 0o600, createNew: true });
  }
}

function writeConfig(folder: string, { path, text }: NonNullable<ProcessStart["config"]>): void {
  const file = `${folder}/${path}`;
  Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(file, text, { mode: 0o600 });
}

/** Passes input to a process, as far as it reads it. */
export async function feed(process: Deno.ChildProcess, input: Uint8Array): Promise<void> {
  const writer = process.stdin.getWriter();
  // One that ends, or reads no more, needs no more.
  await writer.write(input).then(() => writer.close()).catch(() => {});
}

function startError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  if (/Argument list too long/.test(cause.message)) {
    return new InputError(`Cannot start "${path}": its words are longer than this system takes`, {
      hint: "Pass long texts as a file or by standard input.",
      cause,
    });
  }
  const state = cause instanceof Deno.errors.NotFound
    ? "it is not there, or what it is to be run by is not"
    : cause instanceof Deno.errors.PermissionDenied
    ? "it may not be executed"
    : describeFileError(cause);
  return new ConfigError(`Cannot start "${path}": ${state}`, { cause });
}
