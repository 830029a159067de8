/** The owner's side of `supervisor.ts`: starts processes that cannot outlive this one. */
import type { StartRequest, SupervisorEvent } from "./supervisor.ts";

/** A supervisor with its processes. */
export interface Supervisor {
  /** Process id of the supervisor itself. */
  readonly pid: number;
  /** A temporary directory that is removed with it. */
  readonly directory: string;
  /**
   * Starts a process; its output goes to `<directory>/logs/<name>.log`.
   *
   * @throws {Error} when it cannot be started or the supervisor is gone
   */
  start(request: Omit<StartRequest, "log">): Promise<Process>;
  /** Ends all processes, removes the directory, and waits until that is done; as often as wanted. */
  close(): Promise<void>;
}

/** A process that was started. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  /** File with its output. */
  readonly log: string;
  /** Its exit code, when it has ended. */
  readonly exited: Promise<number>;
}

interface Waiting {
  readonly resolve: (pid: number) => void;
  readonly reject: (error: Error) => void;
  readonly exit: (code: number) => void;
}

/** Starts a supervisor. */
export async function startSupervisor(): Promise<Supervisor> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-config",
      "--no-lock",
      "--no-check",
      `${import.meta.dirname}/supervisor.ts`,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    detached: true,
  }).spawn();
  const writer = child.stdin.getWriter();
  const waiting = new Map<string, Waiting>();
  const pids: number[] = [];
  const ready = Promise.withResolvers<string>();
  ready.promise.catch(() => {});

  const onEvent = (event: SupervisorEvent) => {
    if (event.event === "ready") return ready.resolve(event.directory);
    const own = waiting.get(event.name);
    if (event.event === "started") own?.resolve(event.pid);
    else if (event.event === "exited") own?.exit(event.code);
    else own?.reject(new Error(`Cannot start "${event.name}": ${event.message}`));
  };
  const reading = readLines(child.stdout, (line) => onEvent(JSON.parse(line))).finally(() => {
    const gone = new Error("Cannot go on with the test bed: its supervisor has ended.");
    ready.reject(gone);
    for (const each of waiting.values()) each.reject(gone);
  });

  let closing: Promise<void> | undefined;
  const close = async () => {
    await writer.close().catch(() => {});
    const { success } = await child.status;
    await reading;
    // It was killed before it could do its work.
    if (!success) pids.forEach(killGroup);
  };

  const directory = await ready.promise.catch(async (error) => {
    await close();
    throw error;
  });
  await Deno.mkdir(`${directory}/logs`);
  return {
    pid: child.pid,
    directory,
    async start(request) {
      const log = `${directory}/logs/${request.name}.log`;
      const exited = Promise.withResolvers<number>();
      const started = Promise.withResolvers<number>();
      waiting.set(request.name, {
        resolve: started.resolve,
        reject: started.reject,
        exit: exited.resolve,
      });
      const line: StartRequest = { ...request, log };
      await writer.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
      const pid = await started.promise;
      pids.push(pid);
      return { name: request.name, pid, log, exited: exited.promise };
    },
    close: () => closing ??= close(),
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    parts.forEach(onLine);
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
