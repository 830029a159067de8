/**
 * Runs a program with all that it starts as one group, of which nothing is left when the program has
 * ended, nor when the caller has, however it ends.
 */

/** How a program is run. */
export interface GroupOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Told each piece of output, standard output and standard error mixed, as it comes; the group
   * ends when it throws.
   */
  readonly onOutput: (chunk: Uint8Array) => void | Promise<void>;
  /** Ends the group at once when it aborts. */
  readonly signal: AbortSignal;
  /** Ends the group when it has written nothing for so long. */
  readonly silenceMs: number;
}

/** How the program ended. */
export interface GroupResult {
  readonly code: number;
  /** Whether it was ended for its silence. */
  readonly silent: boolean;
}

/**
 * Runs the program to its end.
 *
 * @throws {Deno.errors.NotFound} a program that does not exist
 */
export async function runGroup(options: GroupOptions): Promise<GroupResult> {
  options.signal.throwIfAborted();
  const child = new Deno.Command(options.program, {
    args: [...options.args],
    cwd: options.cwd,
    env: { ...options.env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  // The guard outlives this process if it must: its input ends when this process does.
  const guard = new Deno.Command("/bin/sh", {
    args: ["-c", `read -r _; kill -s KILL -- -${child.pid} 2>/dev/null`],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  const end = () => killGroup(child.pid);
  options.signal.addEventListener("abort", end);
  let silent = false;
  const onSilence = () => {
    silent = true;
    end();
  };
  let timer = setTimeout(onSilence, options.silenceMs);
  const pump = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, options.silenceMs);
      await options.onOutput(chunk);
    }
  };
  const output = Promise.all([pump(child.stdout), pump(child.stderr)]);
  output.catch(end);
  try {
    const { code } = await child.status;
    // What the program left running would hold its output open.
    end();
    await output;
    return { code, silent };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", end);
    end();
    await guard.stdin.close();
    await guard.status;
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // Nothing of it is left.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}
