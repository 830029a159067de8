/** One line at a terminal that tells how a script is getting on, until there is something to read. */
import { type OutputStream, writeAll } from "./print.ts";

/** How long a script runs before anybody is told that it does. */
const QUIET_MS = 2_000;

/** Clears the line that the cursor stands on, from its start (ECMA-48). */
const CLEAR = "\r\x1b[K";

/** A line that is written over and over. */
export interface ProgressLine {
  /** Tells how far the script is. */
  readonly show: (progress: { readonly elapsedMs: number; readonly calls: number }) => void;
  /** Takes the line away, before anything else is written. */
  readonly clear: () => void;
}

/** The line of a stream; nothing is written to one that is no terminal. */
export function progressLine(stream: OutputStream): ProgressLine {
  const isWanted = stream.isTerminal();
  let isShown = false;
  return {
    show({ elapsedMs, calls }) {
      if (!isWanted || elapsedMs < QUIET_MS) return;
      const seconds = Math.floor(elapsedMs / 1000);
      writeAll(stream, `${CLEAR}… ${seconds} s, ${calls === 1 ? "1 call" : `${calls} calls`}`);
      isShown = true;
    },
    clear() {
      if (isShown) writeAll(stream, CLEAR);
      isShown = false;
    },
  };
}
