/**
 * Runs programs: by words only and never by a shell, in a clean environment, in a folder of the call,
 * as a process group that ends with the program, the call or the server.
 */
import { ConfigError } from "../../errors.ts";
import { CLOCK, onAbort, settleWithin } from "../../std/async.ts";
import { createDiscoveryCache } from "./discovery_cache.ts";
import { openFolders, removeFolder } from "./folders.ts";
import { groupOf, killEscaped } from "./group.ts";
import { type Guard, startGuard } from "./guard.ts";
import { createOutput, type Output } from "./output.ts";
import { feed, type ProcessStart, startProcess } from "./start.ts";

/** How long output that is still held open is waited for once the program has ended. */
const LAST_OUTPUT_MS = 200;
/** A program that has written so many bytes is ended: it may never stop by itself. */
const WRITTEN_BYTES = 256 * 1024 * 1024;

/** One start of a program. */
export interface ProgramStart extends ProcessStart {
  /** The server that the kubeconfig names, where its discovery is that of other calls. */
  readonly address?: string;
  readonly limits: {
    readonly timeoutMs: number;
    /** Bytes that are kept of each output, from its beginning. */
    readonly outputBytes: number;
  };
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
}

/** What a program did. */
export interface ProgramEnd {
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: Uint8Array<ArrayBuffer>;
  /** Its own, 128 + n for a signal n; 124 for a timeout, as of `timeout(1)`. */
  readonly exitCode: number;
  /** Not all of its output was kept. */
  readonly cut: boolean;
  readonly ending: Ending;
}

/** How a program ended; `limit`: it wrote without an end. */
type Ending = "exit" | "timeout" | "cancelled" | "limit";

/** A folder for the programs of one call. */
export interface CallFolder extends AsyncDisposable {
  readonly path: string;
}

/** Runs programs for one server. */
export interface ProgramRunner {
  /** Makes the folder of a call; disposing of it removes it. */
  openFolder(): Promise<CallFolder>;
  /**
   * Runs a program to its end.
   *
   * @throws {ConfigError} it is not there, or cannot be started
   * @throws {InputError} more words than the system passes to a program
   */
  run(start: ProgramStart): Promise<ProgramEnd>;
  /** Ends what still runs, and removes all folders. */
  close(): Promise<void>;
}

/** Makes a runner. Nothing is started, and no folder made, before the first call. */
export function createProgramRunner(): ProgramRunner {
  let opened: ReturnType<typeof openServer> | undefined;
  const open = () => opened ??= openServer();
  return {
    async openFolder() {
      const { folders } = await open();
      const path = folders.open();
      return { path, [Symbol.asyncDispose]: () => removeFolder(path) };
    },
    async run(start) {
      const { guard, discovery } = await open();
      const { address, folder } = start;
      if (address === undefined) return await runGuarded(start, guard);
      discovery.lend(folder, address);
      const end = await runGuarded(start, guard);
      // One that was ended may have left half of it.
      if (end.ending === "exit") discovery.keep(folder, address);
      return end;
    },
    async close() {
      if (opened === undefined) return;
      const { folders, guard } = await opened;
      await guard.close();
      await folders.close();
    },
  };
}

async function openServer() {
  if (Deno.build.os === "windows") {
    throw new ConfigError("Cannot run programs: this needs process groups, as on Linux and macOS");
  }
  const folders = await openFolders();
  return {
    folders,
    guard: startGuard(folders.path),
    discovery: createDiscoveryCache(`${folders.path}/discovery`),
  };
}

async function runGuarded(start: ProgramStart, guard: Guard): Promise<ProgramEnd> {
  const { folder, limits, signal, stdin } = start;
  signal.throwIfAborted();
  const child = startProcess(start);
  guard.add(child.pid);
  using group = groupOf<Exclude<Ending, "exit">>(child.pid);
  using _timeout = CLOCK.after(limits.timeoutMs, () => group.end("timeout"));
  using _cancelled = onAbort(signal, () => group.end("cancelled"));
  const stdout = createOutput(limits.outputBytes);
  const stderr = createOutput(limits.outputBytes);
  const written = () => {
    if (stdout.seenBytes + stderr.seenBytes > WRITTEN_BYTES) group.end("limit");
  };
  using outReader = readInto(stdout, child.stdout, written);
  using errReader = readInto(stderr, child.stderr, written);
  if (stdin !== undefined) void feed(child, stdin);
  try {
    const { code } = await child.status;
    // What it has left running would hold its output open.
    group.kill();
    await killEscaped(child.pid, folder);
    await settleWithin(Promise.all([outReader.done, errReader.done]), LAST_OUTPUT_MS);
    return {
      stdout: stdout.take(),
      stderr: stderr.take(),
      exitCode: group.reason === "timeout" ? 124 : code,
      cut: stdout.cut || stderr.cut,
      ending: group.reason ?? "exit",
    };
  } finally {
    guard.remove(child.pid);
  }
}

/** Reads a stream to its end, or until it is disposed of. */
function readInto(
  output: Output,
  stream: ReadableStream<Uint8Array>,
  onRead: () => void,
): Disposable & { readonly done: Promise<void> } {
  const reader = stream.getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      output.push(value);
      onRead();
    }
  };
  // A pipe that breaks is a pipe that has ended.
  const done = read().catch(() => {});
  return { done, [Symbol.dispose]: () => void reader.cancel().catch(() => {}) };
}
