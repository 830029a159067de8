/** Progress notifications, thinned out to what a client can use. */
import type { ToolCall } from "../tools/types.ts";

/** One step of progress, as a tool reports it. */
export type ProgressUpdate = Parameters<NonNullable<ToolCall["onProgress"]>>[0];

/** By how much a note increases the progress. */
const NOTE_STEP = 0.001;

/** Passes updates on until it is stopped. */
interface ProgressReporter {
  readonly report: (update: ProgressUpdate) => void;
  /** Passes words on for a person at once, and once more after an update that is on its way. */
  readonly note: (message: string) => void;
  /** From here on nothing is sent: the protocol allows no progress after a result. */
  readonly stop: () => void;
}

/**
 * Sends at most one update per interval, the first no earlier than one interval after the start,
 * and none while the one before is still on its way. Updates that do not increase are dropped, as
 * the protocol demands.
 *
 * @param send puts one update on the wire; may reject when the client has gone
 * @param now the current time in milliseconds
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress}
 */
export function createProgressReporter(
  send: (update: ProgressUpdate) => Promise<void>,
  intervalMs: number,
  now: () => number = () => performance.now(),
): ProgressReporter {
  let sentAt = now();
  let highest = -Infinity;
  let busy = false;
  let stopped = false;
  let waiting: string | undefined;
  const done = () => {
    busy = false;
    if (waiting !== undefined) note(waiting);
  };
  const pass = (update: ProgressUpdate) => {
    sentAt = now();
    highest = update.progress;
    busy = true;
    // The transport notices when the client has gone; there is nothing to do here.
    send(update).then(done, done);
  };
  function note(message: string): void {
    waiting = busy ? message : undefined;
    // No step of the work has been made, and the protocol wants an increase.
    if (!stopped && !busy) pass({ progress: Math.max(highest, 0) + NOTE_STEP, message });
  }
  return {
    report(update) {
      if (stopped || busy || now() - sentAt < intervalMs || !(update.progress > highest)) return;
      pass(update);
    },
    note,
    stop() {
      stopped = true;
    },
  };
}
