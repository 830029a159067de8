/**
 * Holds processes for another process, its owner, and leaves nothing of them behind: when its
 * standard input ends, which it does however the owner ends, it kills them all, removes its
 * directory and exits. It has a session of its own, so that a Ctrl-C at the owner's terminal does
 * not reach it before its children.
 *
 * Lines of JSON both ways: {@linkcode StartRequest} in, {@linkcode SupervisorEvent} out.
 */

/** A process to start. */
export interface StartRequest {
  /** Its name in events; one process for each name. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** File that its output is appended to. */
  readonly log: string;
}

/** What the supervisor tells. */
export type SupervisorEvent =
  /** It runs; this is its directory, which it removes at its end. */
  | { readonly event: "ready"; readonly directory: string }
  | { readonly event: "started"; readonly name: string; readonly pid: number }
  | { readonly event: "refused"; readonly name: string; readonly message: string }
  | { readonly event: "exited"; readonly name: string; readonly code: number };

/** Starts what is asked for until `requests` ends, then ends it all. */
async function supervise(
  requests: AsyncIterable<string>,
  tell: (event: SupervisorEvent) => void,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "kubecode-testbed-" });
  const running = new Map<number, Promise<unknown>>();
  tell({ event: "ready", directory });
  try {
    for await (const line of requests) {
      const request = JSON.parse(line) as StartRequest;
      try {
        const child = start(request);
        tell({ event: "started", name: request.name, pid: child.pid });
        running.set(
          child.pid,
          child.status.then(({ code }) => {
            // What it left running; its number is free for others from here on.
            killGroup(child.pid);
            running.delete(child.pid);
            tell({ event: "exited", name: request.name, code });
          }),
        );
      } catch (error) {
        tell({ event: "refused", name: request.name, message: String(error) });
      }
    }
  } finally {
    const ends = [...running.values()];
    for (const pid of running.keys()) killGroup(pid);
    await Promise.all(ends);
    await removeDirectory(directory);
  }
}

/** The process leads a group of its own, so that its children can be ended with it. */
function start(request: StartRequest): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'exec "$@" >>"$0" 2>&1', request.log, request.program, ...request.args],
    env: { ...request.env },
    clearEnv: true,
    cwd: request.cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

/** A child's child may still write while it dies. */
async function removeDirectory(path: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      await Deno.remove(path, { recursive: true });
      return;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

if (import.meta.main) {
  const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  const lines = async function* () {
    let rest = "";
    for await (const chunk of input) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!;
      yield* parts;
    }
  };
  const encoder = new TextEncoder();
  const tell = (event: SupervisorEvent) => {
    try {
      const bytes = encoder.encode(`${JSON.stringify(event)}\n`);
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    } catch {
      // The owner is gone; so is the reason to tell.
    }
  };
  // The end of the input is the one way to end it, so that no signal can cut it short.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => {});
  }
  await supervise(lines(), tell);
  Deno.exit(0);
}
