/** A program of the person's own, started with a door in place of credentials. */
import { InputError } from "../errors.ts";
import { surroundingsError } from "../surroundings.ts";
import { EXIT } from "../exit.ts";
import type { Door } from "../door/door.ts";
import { makeTemporaryFolder } from "../programs/run/temporary_folder.ts";
import { PROGRAM_NAMES } from "../programs/types.ts";
import { nearHint } from "../std/nearest.ts";

/** How it ended. */
export interface Ended {
  /** Its exit code; 128 and the number of the signal that has ended it, as a shell has it. */
  readonly exitCode: number;
  /** Why it was ended: it waited for what a trial does not bring about. */
  readonly waited?: string;
  /** Why the cluster could not be asked, at least once. */
  readonly unreached?: string;
}

/** Where the program's streams go. */
export interface ProgramStreams {
  readonly stdin: "inherit" | "null" | ReadableStream<Uint8Array>;
  /** It is tried out, and ended with all that it has started once it waits in vain. */
  readonly isTrial?: boolean;
  /** Takes what it writes; left out, it writes to the terminal itself. */
  readonly onOutput?: (stream: StreamName, chunk: Uint8Array) => void | Promise<void>;
}

/** A stream that a program writes. */
export type StreamName = "stdout" | "stderr";

/** Variables by which programs find a cluster, or what speaks for them there. */
const CLUSTER_VARIABLES =
  /^(?:KUBECONFIG|KUBERNETES_(?:SERVICE_.*|MASTER|PORT.*)|KUBE_(?:HOST|TOKEN|USER|PASSWORD|CONFIG.*|CTX.*|CLIENT_.*|CLUSTER_.*|INSECURE)|HELM_KUBE.*|KUBECODE_.*)$/;

/** The environment for a program: that of the person, without other ways to a cluster. */
export function programEnvironment(
  kubeconfig: string,
  env: Readonly<Record<string, string>> = Deno.env.toObject(),
): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !CLUSTER_VARIABLES.test(name));
  const noProxy = [env.NO_PROXY ?? env.no_proxy, "127.0.0.1"].filter((one) => one).join(",");
  return {
    ...Object.fromEntries(kept),
    KUBECONFIG: kubeconfig,
    // Terraform's provider reads this one.
    KUBE_CONFIG_PATH: kubeconfig,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

/**
 * Runs a program to its end. Signals are its own affair: those from the terminal reach it anyway, others
 * are passed on.
 *
 * @throws {InputError} there is no such program, or it cannot be started
 */
export async function runWithDoor(
  [program = "", ...args]: readonly string[],
  door: Door,
  { stdin, onOutput, isTrial = false }: ProgramStreams,
): Promise<Ended> {
  const folder = await makeTemporaryFolder("kubecode-run-");
  try {
    const kubeconfig = `${folder}/kubeconfig`;
    await Deno.writeTextFile(kubeconfig, door.kubeconfig, { mode: 0o600, createNew: true });
    const output = onOutput ? "piped" : "inherit";
    const child = start(program, {
      args: [...args],
      clearEnv: true,
      env: programEnvironment(kubeconfig),
      stdin: typeof stdin === "string" ? stdin : "piped",
      stdout: output,
      stderr: output,
      detached: isTrial,
    });
    const end = (signal: Deno.Signal) =>
      send(signal, isTrial && hasGroups ? -child.pid : child.pid);
    if (typeof stdin !== "string") void stdin.pipeTo(child.stdin).catch(() => {});
    using _ = passSignals(end, isTrial);
    let waited: string | undefined;
    door.ended.then((reason) => {
      waited = reason;
      end("SIGTERM");
    });
    if (onOutput) {
      await Promise.all([
        child.stdout.pipeTo(new WritableStream({ write: (chunk) => onOutput("stdout", chunk) })),
        child.stderr.pipeTo(new WritableStream({ write: (chunk) => onOutput("stderr", chunk) })),
      ]);
    }
    const { code } = await child.status;
    return { exitCode: code, ...(waited === undefined ? {} : { waited }) };
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** Whether processes have groups that are ended as one. */
const hasGroups = Deno.build.os !== "windows";

function start(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (cause) {
    const denied = surroundingsError(cause);
    if (denied) throw denied;
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new InputError(
      `Cannot run "${program}": ${isMissing ? "there is no such program" : "it cannot be started"}`,
      {
        cause,
        hint: isMissing
          ? nearHint(program, PROGRAM_NAMES) ?? "Is it installed, and on the PATH?"
          : undefined,
      },
    );
  }
}

/**
 * Passes signals on. Ctrl-C at a terminal reaches the program without our help, and may mean anything to
 * it, unless it is in a session of its own.
 */
function passSignals(end: (signal: Deno.Signal) => void, isApart: boolean): Disposable {
  const isReached = Deno.stdin.isTerminal() && !isApart;
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const)
    .filter((name) => Deno.build.os !== "windows" || name === "SIGINT")
    .map((name) => {
      const listener = () => {
        if (name !== "SIGINT" || !isReached) end(name);
      };
      Deno.addSignalListener(name, listener);
      return [name, listener] as const;
    });
  return {
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}

/** @param pid that of a group with a minus in front, as kill(2) has it */
function send(signal: Deno.Signal, pid: number): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** What is said of a program that a person has not agreed to. */
export const DECLINED: Ended = { exitCode: EXIT.failed };
