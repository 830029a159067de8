/**
 * Runs command lines, each in a child of its own. Keeps the deadline and the limits, and has programs
 * started by whoever asks for the line. All that comes from a child is untrusted.
 */
import type { Logger } from "../../log.ts";
import type { ChildCommand } from "../../sandbox/parent/child.ts";
import { startSandbox } from "../../sandbox/parent/child.ts";
import { createPool, type PoolOptions } from "../../sandbox/parent/pool.ts";
import { createTurns, type Turns } from "../../sandbox/parent/turns.ts";
import { SHELL_LIMITS, type ShellLimits } from "../protocol.ts";
import type { LineResult, Shell } from "../types.ts";
import { readLine } from "./line_input.ts";
import { cancelled, EXIT, failure, runInChild } from "./run.ts";
import { findFault } from "./syntax.ts";

/** What a shell is made of. */
export interface ShellParts {
  readonly command: ChildCommand;
  readonly logger: Logger;
  readonly limits?: Partial<ShellLimits>;
  /** Turns that are shared with others; its own by default. */
  readonly turns?: Turns;
  readonly pool?: PoolOptions;
}

/** Frames' heads, beside what they carry. */
const HEAD_BYTES = 256 * 1024;

/** Makes a shell. No child runs before the first line. */
export function createShell({ command, logger, limits: given, ...shared }: ShellParts): Shell {
  const limits = { ...SHELL_LIMITS, ...given };
  const frameLimitBytes = Math.max(limits.inputBytes, 2 * limits.outputBytes) + HEAD_BYTES;
  const what = "command line";
  const turns = shared.turns ?? createTurns(
    { atOnce: limits.concurrentLines, waiting: limits.waitingLines },
    what,
  );
  const pool = createPool(() => startSandbox(command, frameLimitBytes), turns, what, shared.pool);
  return {
    async run(line, start): Promise<LineResult> {
      const input = readLine(line, limits);
      const fault = findFault(line.text);
      if (fault !== undefined) return failure(fault, EXIT.usage);
      const sandbox = await pool.take("", true, line.signal).catch((error) => {
        if (!line.signal.aborted) throw error;
      });
      if (!sandbox) return cancelled();
      try {
        return await runInChild({ sandbox, limits, logger, line, input, start });
      } finally {
        // One line a child: what it may have left behind ends with it.
        pool.release("", sandbox, false);
      }
    },
    close: () => pool.close(),
  };
}
