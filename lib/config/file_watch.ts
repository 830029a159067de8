/** Follows the config file: reads it again when it changes or when somebody asks for it. */
import type { Logger } from "../log.ts";
import { describeError } from "../errors.ts";

/** How often the file is looked at, in milliseconds. */
const POLL_MS = 1000;

/** A file that is followed. */
export interface Followed {
  /** Reads the file now, changed or not. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Follows a file until it is closed. It is looked at by its path and not by notifications: editors
 * and Kubernetes' mounts put another file in its place. A file is taken when it has not changed
 * between two looks, so that one that is being written is left alone.
 *
 * @param read reads and applies the file; what it throws is logged, and nothing else happens
 */
export function followFile(
  path: string,
  read: () => Promise<void>,
  logger: Logger,
  pollMs = POLL_MS,
): Followed {
  let taken = look(path);
  let last = taken;
  const reload = async () => {
    taken = look(path);
    try {
      await read();
      logger.info("config file read again", { path });
    } catch (error) {
      logger.error("config file not taken; the earlier one stays in force", {
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

/** What tells one state of a file from another. */
function look(path: string): string {
  try {
    const { dev, ino, size, mtime, ctime } = Deno.statSync(path);
    return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join();
  } catch (error) {
    return error instanceof Error ? error.name : "none";
  }
}
