/** The parent's side of one sandbox child: started, spoken to by frames, killed. */
import { existsSync } from "node:fs";
import { ConfigError, LimitError } from "../../errors.ts";
import { surroundingsError } from "../../surroundings.ts";
import { BUILD } from "../../version.ts";
import {
  encodeFrame,
  encodeHead,
  type Frame,
  readFrames,
  READY,
  type ReadyHeader,
  streamSource,
} from "../frames.ts";

/** How the program starts itself again as a sandbox child. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A running child. */
export interface Sandbox {
  readonly pid: number;
  /**
   * Resolves once the child is warm and without permissions; rejects when it ends before, and with a
   * ConfigError when it is another build of the program.
   */
  readonly ready: Promise<void>;
  /** Frames after `ready`, to be taken one by one; ends or throws when the child does. */
  readonly frames: AsyncGenerator<Frame>;
  /** Resolves once the child may be sent another script; rejects when it says anything else. */
  again(): Promise<void>;
  /**
   * Resident memory beyond what the child had when this was first asked: asked when a script begins,
   * it is what those before have left.
   */
  leftBytes(): number;
  readonly exited: Promise<Deno.CommandStatus>;
  /** Queues a frame; resolves when the pipe has taken it, also when the child is gone. */
  write(type: number, id: number, header: unknown, body: Uint8Array): Promise<void>;
  /** Ends the child at once (SIGKILL). */
  kill(): void;
  /** Whether that was asked for: its end is seen only a moment later. */
  isKilled(): boolean;
}

/** A body up to this is written together with its head: a pipe takes no more at a time. */
const COPIED_BYTES = 64 * 1024;

/**
 * Starts a child.
 *
 * @param frameLimitBytes the longest frame taken from it
 * @throws {ConfigError} this process may not start it, or its program is gone
 * @throws {LimitError} the system has no room for another process
 */
export function startSandbox(command: ChildCommand, frameLimitBytes: number): Sandbox {
  const process = spawn(command);
  const output = streamSource(process.stdout);
  const frames = readFrames(output, frameLimitBytes);
  const writer = process.stdin.getWriter();
  // A broken pipe is told by the child's exit, not here.
  writer.closed.catch(() => {});
  let isKilled = false;
  const kill = () => {
    isKilled = true;
    try {
      process.kill("SIGKILL");
    } catch {
      // Gone already.
    }
  };
  const exited = process.status.then(async (status) => {
    // Its ends of the pipes are ours to close.
    await Promise.allSettled([writer.abort(), output.close()]);
    return status;
  });
  let toldBytes: number | undefined;
  const untilReady = async () => {
    const next = await frames.next();
    if (next.done || next.value.type !== READY) {
      kill();
      throw new Error("the sandbox ended before it was ready");
    }
    const told = next.value.header as Partial<ReadyHeader> | undefined;
    if (told?.build !== BUILD) {
      kill();
      throw new ConfigError("Cannot start the sandbox: the program has been replaced meanwhile", {
        hint: "Start kubecode again; what runs is older than what is installed now.",
      });
    }
    toldBytes = Number(told.residentBytes) || undefined;
  };
  const ready = untilReady();
  ready.catch(() => {});
  let freshBytes: number | undefined;
  return {
    pid: process.pid,
    ready,
    frames,
    again: untilReady,
    leftBytes() {
      const now = residentBytes(process.pid) ?? toldBytes ?? 0;
      freshBytes ??= now;
      return Math.max(0, now - freshBytes);
    },
    exited,
    async write(type, id, header, body) {
      // A small body is copied: a second write costs more, and wakes the child for half a frame.
      if (body.length <= COPIED_BYTES) {
        return await writer.write(encodeFrame(type, id, header, body)).catch(() => {});
      }
      writer.write(encodeHead(type, id, header, body.length)).catch(() => {});
      await writer.write(body).catch(() => {});
    },
    kill,
    isKilled: () => isKilled,
  };
}

function spawn(command: ChildCommand): Deno.ChildProcess {
  try {
    return new Deno.Command(command.program, {
      args: [...command.args],
      clearEnv: true,
      env: { ...command.env },
      cwd: Deno.build.os === "windows" ? undefined : "/",
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    const denied = surroundingsError(cause);
    if (denied) throw denied;
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied) {
      const state = existsSync(command.program)
        ? `"${command.program}" cannot be run, or there is no /dev/null`
        : `"${command.program}" is gone`;
      throw new ConfigError(`Cannot start the sandbox: ${state}`, {
        hint: "The sandbox is the program itself: has it been moved or upgraded?",
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message.replace(/ \(os error.*/, "") : `${cause}`;
    throw new LimitError(`Cannot start the sandbox: ${why}`, {
      hint: "The system may have no room for another process or open file. Try again.",
      cause,
    });
  }
}

/**
 * Resident memory of a process in bytes; undefined where it cannot be had: another system than
 * Linux, the process is gone, or Deno does not open anything below /proc for this program, as for the
 * binary, which lacks permissions on purpose. The child's own watch does not depend on it.
 */
export function residentBytes(pid: number): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    // statm counts pages; 4 KiB on all that Deno runs on but some arm64 kernels, where it errs low.
    return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4096;
  } catch {
    return undefined;
  }
}
