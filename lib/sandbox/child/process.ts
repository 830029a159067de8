// deno-lint-ignore-file kubecode/no-exit -- a sandbox child ends itself: nobody else is to
/** What the main thread of every sandbox child does: a worker started, permissions given up, memory watched. */
import { BUILD } from "../../version.ts";
import { encodeFrame, MEMORY_EXIT_CODE, READY, type ReadyHeader } from "../frames.ts";

/** Between two looks at the memory, in milliseconds. */
const MEMORY_INTERVAL_MS = 20;
/** The same where no script runs: only one that has broken out of its realm could use more then. */
const RESTING_INTERVAL_MS = 200;

/** Permissions that a process can give up. */
const PERMISSIONS = ["run", "read", "write", "net", "env", "sys", "ffi", "import"] as const;

/** Gives up every permission of this process, for good. */
export function giveUpPermissions(): void {
  for (const name of PERMISSIONS) {
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  }
}

/**
 * Starts a worker without any permission. A data: URL is the one form that works from source, from a
 * URL and in a compiled binary alike.
 *
 * @param source text of a bundled module
 */
export function startWorkerOf(source: string): Worker {
  const url = `data:text/javascript;base64,${btoa(source)}`;
  const worker = new Worker(url, { type: "module", deno: { permissions: "none" } });
  worker.onerror = (event) => {
    event.preventDefault();
    // Only a fault of our own can bring us here: end, and the parent will say so.
    Deno.exit(70);
  };
  return worker;
}

/**
 * The same for a large text: Deno takes a quarter of a second for a data: URL of a megabyte, and
 * nothing for a message.
 *
 * @param source text of a script without imports
 */
export function startWorkerOfScript(source: string): Worker {
  const worker = startWorkerOf("onmessage = ({ data }) => { onmessage = null; (0, eval)(data); };");
  worker.postMessage(source);
  return worker;
}

/** Looks at this process's memory. */
export interface MemoryWatch {
  /** Sets how much there may be beyond what was there before the first limit: something runs now. */
  limit(bytes: number): void;
  /** Nothing runs until the next limit: looked at less often, a child that waits can sleep. */
  rest(): void;
  /**
   * To be called for each message of the worker: while one comes after the other, the runtime (Deno
   * 2.9.6) calls no timers, and the messages that wait are memory.
   */
  look(): void;
}

/**
 * Ends this process once its memory passes the limit that is set; begun early, since a first
 * timer costs 5 ms. What was there before the first limit does not count in later ones.
 */
export function watchMemory(): MemoryWatch {
  let limitBytes = Infinity;
  let freshBytes: number | undefined;
  let lookedAt = 0;
  const look = () => {
    const now = performance.now();
    if (now - lookedAt < MEMORY_INTERVAL_MS) return;
    lookedAt = now;
    if (residentBytes() > limitBytes) Deno.exit(MEMORY_EXIT_CODE);
  };
  let timer = setInterval(look, RESTING_INTERVAL_MS);
  const lookEvery = (milliseconds: number) => {
    clearInterval(timer);
    timer = setInterval(look, milliseconds);
  };
  return {
    look,
    rest: () => lookEvery(RESTING_INTERVAL_MS),
    limit(bytes) {
      const now = residentBytes();
      freshBytes ??= now;
      limitBytes = bytes + Math.max(0, now - freshBytes);
      lookEvery(MEMORY_INTERVAL_MS);
    },
  };
}

/** The frame by which this child says that it can be used. @param bytes its resident memory */
export function readyFrame(bytes = residentBytes()): Uint8Array<ArrayBuffer> {
  const header: ReadyHeader = { build: BUILD, residentBytes: bytes };
  return encodeFrame(READY, 0, header);
}

/** Frames to the parent, one after the other. */
export interface FrameOutput {
  write(frame: Uint8Array<ArrayBuffer>): void;
  /** Resolves once all that was written has gone. */
  flush(): Promise<void>;
}

/**
 * Writes to standard output, without the runtime's stream over it, which takes as long as the
 * writing. A parent that is gone must not show as an error somewhere: nobody is left to tell.
 */
export function frameOutput(): FrameOutput {
  let written = Promise.resolve();
  const writeAll = async (frame: Uint8Array<ArrayBuffer>) => {
    try {
      for (let rest = frame; rest.length > 0;) {
        rest = rest.subarray(await Deno.stdout.write(rest));
      }
    } catch {
      Deno.exit(0);
    }
  };
  return {
    write: (frame) => void (written = written.then(() => writeAll(frame))),
    flush: () => written,
  };
}

/** Resident memory of this process in bytes. */
export function residentBytes(): number {
  return Deno.memoryUsage().rss;
}
