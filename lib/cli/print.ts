/** Output of the commands at a terminal. */
import { LimitError } from "../errors.ts";
import { describeFileError } from "../std/files.ts";
import { shown } from "../std/shown.ts";

/** What a line is like; shown by a colour, at a terminal of a person who does not mind. */
export type Tone = "good" | "warning" | "bad";

/** Standard output and standard error, by the line. */
export interface Printer {
  out(text: string, tone?: Tone): void;
  err(text: string, tone?: Tone): void;
}

const encoder = new TextEncoder();

/** A stream of a process. */
export interface OutputStream {
  writeSync(data: Uint8Array): number;
  isTerminal(): boolean;
}

/** SGR parameters (ECMA-48) of the colours. */
const COLOURS: Readonly<Record<Tone, number>> = { good: 32, warning: 33, bad: 31 };

/**
 * Standard output and error of this process. What standard error does not take is lost; standard
 * output's failure is a LimitError. Each text is written at once and in full. Text from a
 * cluster must not reach a terminal as an escape sequence; a pipe gets what was said.
 *
 * @param options `colours`: left out, whether the environment lacks NO_COLOR (https://no-color.org)
 */
export function processPrinter(
  out: OutputStream = Deno.stdout,
  err: OutputStream = Deno.stderr,
  { colours = !Deno.env.get("NO_COLOR") }: { readonly colours?: boolean } = {},
): Printer {
  const write = (stream: OutputStream) => (text: string, tone?: Tone) =>
    writeAll(
      stream,
      `${stream.isTerminal() ? forTerminal(text, colours ? tone : undefined) : text}\n`,
    );
  const [toOutput, toError] = [write(out), write(err)];
  return {
    out(text, tone) {
      try {
        toOutput(text, tone);
      } catch (cause) {
        throw new LimitError(
          `Cannot write the answer to standard output: ${describeFileError(cause)}`,
          { cause },
        );
      }
    },
    err(text, tone) {
      try {
        toError(text, tone);
      } catch {
        // There is nowhere left to say it.
      }
    },
  };
}

/** Writes a text in full. */
export function writeAll(stream: Pick<OutputStream, "writeSync">, text: string): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    // The reader has closed the pipe, as `head` does.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function forTerminal(text: string, tone: Tone | undefined): string {
  const safe = shown(text, { lines: true });
  return tone === undefined ? safe : `\x1b[${COLOURS[tone]}m${safe}\x1b[0m`;
}
