/** Output of the commands at a terminal. */

/** Standard output and standard error, by the line. */
export interface Printer {
  out(text: string): void;
  err(text: string): void;
}

const encoder = new TextEncoder();

/** Standard output and error of this process; each text is written at once and in full. */
export function processPrinter(): Printer {
  const write = (stream: { writeSync(data: Uint8Array): number }) => (text: string) => {
    let rest = encoder.encode(`${text}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      // The reader has closed the pipe, as `head` does.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  };
  return { out: write(Deno.stdout), err: write(Deno.stderr) };
}
