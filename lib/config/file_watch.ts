/** Watches the config file, and reads it again when it changes or on request. */
import type { Logger } from "../log.ts";
import { describeError } from "../errors.ts";

/** How often the file is checked, in milliseconds. */
const POLL_MS = 1000;

/** A file that is being watched. */
export interface Followed {
  /** Reads the file now, changed or not. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Watches a file until it is closed. It is polled by its path, since notifications miss it when an
 * editor or a Kubernetes mount replaces the file. A change is applied once two checks in a row find
 * the same state, so that a file is not read while it is being written.
 *
 * @param read reads and applies the file; what it throws is logged
 * @param what the log calls it
 */
export function followFile(
  path: string,
  read: () => Promise<void>,
  logger: Logger,
  pollMs = POLL_MS,
  what = "config file",
): Followed {
  let taken = look(path);
  let last = taken;
  const reload = async () => {
    taken = look(path);
    try {
      await read();
      logger.info(`${what} read again`, { path });
    } catch (error) {
      logger.error(`${what} not taken; the earlier one stays in force`, {
        path,
        error: describeError(error),
      });
    }
  };
  const timer = setInterval(() => {
    const now = look(path);
    const settled = now === last;
    last = now;
    if (settled && now !== taken) reload();
  }, pollMs);
  Deno.unrefTimer(timer);
  return { reload, close: () => clearInterval(timer) };
}

/** A text that differs when the file does. */
function look(path: string): string {
  try {
    const { dev, ino, size, mtime, ctime } = Deno.statSync(path);
    return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join();
  } catch (error) {
    return error instanceof Error ? error.name : "none";
  }
}
