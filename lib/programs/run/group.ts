/**
 * Process groups: each program leads one of its own, so that all it has started ends with it. A
 * process that has left its group is found by the call's folder in its environment, where the system
 * shows that (Linux).
 */

/** How long a group has to end by itself, in milliseconds. */
const GRACE_MS = 2_000;

/** A running group, and why it has to end. */
export interface Group<Reason extends string> {
  /** Why it was ended first; undefined where it was not. */
  readonly reason: Reason | undefined;
  /** Asks all its processes to end (SIGTERM), and kills those that are left after a while. */
  end(reason: Reason): void;
  /** Kills what is left of it. */
  kill(): void;
}

/** The group that a process leads. */
export function groupOf<Reason extends string>(leader: number): Group<Reason> & Disposable {
  let reason: Reason | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const kill = () => send(-leader, "SIGKILL");
  return {
    get reason() {
      return reason;
    },
    end(why) {
      if (reason !== undefined) return;
      reason = why;
      send(-leader, "SIGTERM");
      timer = setTimeout(kill, GRACE_MS);
    },
    kill,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/**
 * Kills the processes that a program has put outside of its group: younger than the program, and with
 * the call's folder in their environment. A shell looks for them, since Deno opens nothing below /proc
 * for a program that lacks any permission at all; where there is no shell, what ends the server ends
 * its container, and them.
 */
export async function killEscaped(program: number, folder: string): Promise<void> {
  if (Deno.build.os !== "linux") return;
  for (const pid of await withInEnvironment(`${folder}/`)) {
    if (pid > program) send(pid, "SIGKILL");
  }
}

/** The processes of this user that have a text in their environment. */
async function withInEnvironment(text: string): Promise<number[]> {
  try {
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'grep -laF -e "$1" /proc/[0-9]*/environ', "sh", text],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      stdin: "null",
      stderr: "null",
    }).output();
    const found = new TextDecoder().decode(stdout).matchAll(/^\/proc\/(\d+)\//gm);
    return [...found].map(([, pid]) => Number(pid));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [];
  }
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    // Nothing of it is left. Deno has no class of its own for that (ESRCH).
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}
