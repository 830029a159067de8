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
 * the call's folder in their environment.
 */
export function killEscaped(program: number, folder: string): void {
  if (Deno.build.os !== "linux") return;
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (pid > program && hasInEnvironment(pid, `${folder}/`)) send(pid, "SIGKILL");
  }
}

function hasInEnvironment(pid: number, text: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(text);
  } catch {
    // It has ended, or is another user's.
    return false;
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
