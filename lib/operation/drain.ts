/**
 * The end of a server that others rely on: it says that it is not ready, refuses new work, lets calls
 * under way end within a time, and says which of them it cut.
 */
import type { Watcher } from "../http/route.ts";
import { errorAnswer, HttpError } from "../http/answers.ts";
import type { Logger } from "../log.ts";
import { settleWithin } from "../std/async.ts";
import type { Calls } from "./calls.ts";

/** Whether a server is ending. */
export interface Drain {
  readonly isDraining: () => boolean;
  /** Refuses requests once it is. */
  readonly watcher: Watcher;
  /** Begins it. @returns once no call runs any more, or the time is over */
  run(): Promise<void>;
}

/** Time after which whoever was refused may find another replica, or the next process. */
const RETRY_S = 5;

/**
 * Makes it.
 *
 * @param calls those that run
 * @param answered resolves once all that was let in is answered
 */
export function createDrain(
  { calls, answered, timeoutMs, logger }: {
    readonly calls: Calls;
    readonly answered: () => Promise<void>;
    readonly timeoutMs: number;
    readonly logger: Logger;
  },
): Drain {
  let isDraining = false;
  return {
    isDraining: () => isDraining,
    watcher: {
      begin(_, { route }) {
        // Probes and metrics are about the process, which is still there.
        if (!isDraining || route.aboutProcess) return { end() {} };
        const refused = new HttpError(503, "The server is ending: try again", {
          headers: { "retry-after": String(RETRY_S), connection: "close" },
        });
        return { refused: errorAnswer(refused) };
      },
    },
    async run() {
      isDraining = true;
      const running = calls.running().length;
      if (running > 0) logger.info("ending: calls still run", { calls: running, timeoutMs });
      await settleWithin(Promise.all([answered(), calls.ended()]), timeoutMs);
      for (const { tool, user, since } of calls.running()) {
        const ranMs = Math.round(performance.now() - since);
        logger.warn("call cut off: the server ends", { tool, caller: user, ranMs });
      }
    },
  };
}
