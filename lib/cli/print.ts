/** What the commands at a terminal print to. */

/** Standard output and standard error, by the line. */
export interface Printer {
  out(text: string): void;
  err(text: string): void;
}

const encoder = new TextEncoder();

/** The process's own streams; written at once and whole, whoever reads them. */
export function processPrinter(): Printer {
  const write = (stream: { writeSync(data: Uint8Array): number }) => (text: string) => {
    let rest = encoder.encode(`${text}\n`);
    try {
      while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      // Who reads has had enough, as `head` has.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  };
  return { out: write(Deno.stdout), err: write(Deno.stderr) };
}
