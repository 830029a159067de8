/** Output of the commands at a terminal. */
import { shown } from "../std/shown.ts";

/** Standard output and standard error, by the line. */
export interface Printer {
  out(text: string): void;
  err(text: string): void;
}

const encoder = new TextEncoder();

/** A stream of a process. */
export interface OutputStream {
  writeSync(data: Uint8Array): number;
  isTerminal(): boolean;
}

/**
 * Standard output and error of this process; each text is written at once and in full. Text from a
 * cluster must not reach a terminal as an escape sequence; a pipe gets what was said.
 */
export function processPrinter(
  out: OutputStream = Deno.stdout,
  err: OutputStream = Deno.stderr,
): Printer {
  const write = (stream: OutputStream) => (text: string) => {
    let rest = encoder.encode(`${stream.isTerminal() ? shown(text, { lines: true }) : text}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      // The reader has closed the pipe, as `head` does.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  };
  return { out: write(out), err: write(err) };
}
